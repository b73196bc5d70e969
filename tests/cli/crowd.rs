//! Many processes on one database.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::thread;

use cafleet_tests::environment::Environment;

#[test]
fn thirty_two_processes_that_send_twenty_times_lose_nothing() {
    let (environment, fleet) = Environment::with_fleet();
    let printed: Vec<i64> = thread::scope(|scope| {
        let senders: Vec<_> = (0..32)
            .map(|sender| {
                let environment = &environment;
                scope.spawn(move || {
                    let send = |n| fleet.send(environment, fleet.ada, fleet.grace, &format!("{sender}/{n}"));
                    (0..20).map(send).collect::<Vec<_>>()
                })
            })
            .collect();
        senders.into_iter().flat_map(|sender| sender.join().expect("every send succeeds")).collect()
    });
    assert_eq!(printed.iter().collect::<BTreeSet<_>>().len(), 640, "every id is printed once");
    assert_eq!(environment.number("SELECT count(DISTINCT text) FROM tasks"), 640);
    assert_eq!(environment.rows()["tasks"], 640);
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn the_log_stays_small_over_five_hundred_commands() {
    let (environment, fleet) = Environment::with_fleet();
    let log = environment.path("data/cafleet/cafleet.db-wal");
    // another process keeps the file open, so that no command is the last one out
    let reader = environment.open();
    let _rows: i64 = reader.query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).expect("a number");
    let mut largest = 0;
    for n in 0..500 {
        let _ = fleet.send(&environment, fleet.ada, fleet.grace, &format!("message {n}"));
        largest = largest.max(fs::metadata(&log).map_or(0, |log| log.len()));
    }
    // SQLite folds the log back after 1,000 pages of 4 KiB
    assert!(largest < 5 * 1024 * 1024, "{largest} bytes");
    drop(reader);
    environment.ok(&["fleet", "list"]);
    assert_eq!(fs::metadata(&log).map_or(0, |log| log.len()), 0, "the last one out folds it back");
}

#[test]
fn a_slow_spawn_does_not_delay_a_send() {
    let (mut environment, fleet) = Environment::with_fleet();
    let started = environment.path("tmp/started");
    // every question to tmux takes three seconds
    environment.install("tmux", &format!("#!/bin/sh\ntouch '{}'\nexec sleep 3\n", started.display()));
    environment.install("claude", "#!/bin/sh\nexec sleep 3\n");
    environment.set("TMUX", "/nowhere,1,0");
    environment.set("TMUX_PANE", "%0");
    let mut slow = environment.spawn(&fleet.words("message send --agent-id @ada --to @director --text slow"));
    cafleet_tests::environment::eventually("the slow tmux", || started.exists().then_some(()));
    let held = environment.open();
    held.busy_timeout(std::time::Duration::ZERO).expect("no patience");
    held.execute_batch("BEGIN IMMEDIATE; ROLLBACK").expect("nobody holds the lock while tmux is slow");
    drop(held);
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "quick");
    assert!(slow.try_wait().expect("a status").is_none(), "the quick one came first");
    assert!(slow.wait().expect("it ends").success(), "the message is stored, whatever the doorbell does");
    assert_eq!(environment.rows()["tasks"], 2);
}

#[test]
fn a_process_reads_its_own_commands_of_another_directory() {
    let (environment, fleet) = Environment::with_fleet();
    let mut command: Command = environment.command(&fleet.words("agent list"));
    let elsewhere = command.current_dir("/").output().expect("it runs");
    assert_eq!(String::from_utf8_lossy(&elsewhere.stdout), environment.ok(&fleet.words("agent list")));
}
