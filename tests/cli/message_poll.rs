//! `cafleet message poll`

use std::fs;
use std::time::{Duration, Instant};

use cafleet_tests::environment::{Environment, Outcome, eventually, pause};

use crate::support::{refuses_strangers, without_times};

#[test]
fn shows_what_is_not_acknowledged_oldest_first() {
    let (environment, fleet) = Environment::with_fleet();
    let poll = fleet.words("message poll --agent-id @grace");
    assert_eq!(environment.ok(&poll), "No messages found.\n");
    assert_eq!(environment.json(&poll).to_string(), "[]");
    for body in ["one", "three", "two\nlines"] {
        let _ = fleet.send(&environment, fleet.ada, fleet.grace, body);
    }
    let canceled = fleet.send(&environment, fleet.ada, fleet.grace, "canceled");
    let acked = fleet.send(&environment, fleet.ada, fleet.grace, "acked");
    let _to_another = fleet.send(&environment, fleet.grace, fleet.ada, "to another");
    environment.ok(&fleet.words(&format!("message cancel --agent-id @ada --task-id {canceled}")));
    environment.ok(&fleet.words(&format!("message ack --agent-id @grace --task-id {acked}")));
    let ada = fleet.ada;
    assert_eq!(
        without_times(&environment.ok(&poll)),
        format!(
            "[1 | from:{ada} | <time>]\n  one\n\n[2 | from:{ada} | <time>]\n  three\n\n[3 | from:{ada} | <time>]\n  two\n  lines\n"
        )
    );
    let json = environment.json(&poll);
    assert_eq!(
        without_times(&json[2].to_string()),
        format!(r#"{{"id":3,"from":{ada},"ts":"<time>","text":"two\nlines"}}"#)
    );
    assert_eq!(json.as_array().map(Vec::len), Some(3));
    let full = fleet.words("message poll --agent-id @grace --full");
    let text = environment.ok(&full);
    assert_eq!(text.matches("status_state:     input_required\n").count(), 3, "{text}");
    assert_eq!(environment.json(&full)[0]["status_state"], "input_required");
}

#[test]
fn a_broadcast_names_its_origin() {
    let (environment, fleet) = Environment::with_fleet();
    environment.ok(&fleet.words("message broadcast --agent-id @ada --text all"));
    let summary = environment.number("SELECT task_id FROM tasks WHERE type = 'broadcast_summary'");
    let text = without_times(&environment.ok(&fleet.words("message poll --agent-id @grace")));
    assert!(text.ends_with(&format!("| from:{} | <time> | origin:{summary}]\n  all\n", fleet.ada)), "{text}");
    let json = environment.json(&fleet.words("message poll --agent-id @grace"));
    assert_eq!(json[0]["origin"], summary);
    assert_eq!(json[0].get("kind"), None);
    assert_eq!(environment.ok(&fleet.words("message poll --agent-id @ada")), "No messages found.\n");
}

#[test]
fn strangers_do_not_poll_and_who_left_still_reads() {
    let (environment, fleet) = Environment::with_fleet();
    refuses_strangers(&environment, &fleet, "message poll", "");
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "one");
    environment.ok(&fleet.words("agent deregister --agent-id @grace"));
    assert!(environment.ok(&fleet.words("message poll --agent-id @grace")).ends_with("one\n"));
}

#[test]
fn a_wait_that_makes_no_sense_is_refused() {
    let (environment, fleet) = Environment::with_fleet();
    for bad in ["soon", "-1", "NaN", "inf"] {
        let line = fleet.words(&format!("message poll --agent-id @ada --wait {bad}"));
        let error = environment.run(&line).error(2);
        assert!(
            error.starts_with(&format!("invalid value '{bad}' for '--wait <SECONDS>': must be a number of seconds")),
            "{error}"
        );
    }
}

#[test]
fn does_not_wait_for_what_is_there_and_waits_as_long_as_it_is_told() {
    let (environment, fleet) = Environment::with_fleet();
    let begun = Instant::now();
    assert_eq!(environment.ok(&fleet.words("message poll --agent-id @grace --wait 0")), "No messages found.\n");
    assert_eq!(environment.ok(&fleet.words("message poll --agent-id @grace --wait 1.5")), "No messages found.\n");
    assert!(begun.elapsed() >= Duration::from_millis(1500), "{:?}", begun.elapsed());
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "one");
    let begun = Instant::now();
    let text = environment.ok(&fleet.words("message poll --agent-id @grace --wait 600"));
    assert!(text.ends_with("one\n") && begun.elapsed() < Duration::from_secs(60), "{text}");
}

/// Starts a wait and returns it once it sleeps.
fn waiting(environment: &Environment, line: &[String]) -> std::process::Child {
    let child = environment.spawn(line);
    let tasks = format!("/proc/{}/task", child.id());
    // the connection's own thread is there, and nobody runs any more
    eventually("the wait to sleep", || {
        let threads = fs::read_dir(&tasks).ok()?.flatten().map(|thread| thread.path()).collect::<Vec<_>>();
        let asleep =
            || threads.iter().all(|path| fs::read_to_string(path.join("stat")).is_ok_and(|stat| stat.contains(") S ")));
        (threads.len() > 1 && asleep()).then_some(())
    });
    child
}

/// Nanoseconds that a process has been running, all threads together.
fn processor_time(pid: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("its threads").flatten();
    let spent = threads.filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
    spent.map(|stat| stat.split(' ').next().and_then(|first| first.parse::<u64>().ok()).expect("nanoseconds")).sum()
}

#[test]
fn a_wait_ends_when_another_process_commits() {
    let (environment, fleet) = Environment::with_fleet();
    let line = fleet.words("message poll --agent-id @grace --wait 60");
    // what else runs on the machine may delay one try, not all
    let fastest = (0..5).map(|round| {
        let child = waiting(&environment, &line);
        // a commit that is for nobody here does not end it
        let _ = fleet.send(&environment, fleet.grace, fleet.ada, "not for the waiting one");
        let committed = Instant::now();
        environment.sql(&format!(
            "INSERT INTO tasks (context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp, text)
             SELECT {grace}, {ada}, {grace}, 'unicast', created_at, 'input_required', created_at, 'round {round}'
             FROM tasks LIMIT 1",
            grace = fleet.grace, ada = fleet.ada
        ));
        let outcome = Outcome::finish(child);
        let took = committed.elapsed();
        let text = outcome.ok();
        assert!(text.ends_with(&format!("\n  round {round}\n")) && text.lines().count() == 2, "{text}");
        environment.sql("UPDATE tasks SET status_state = 'completed'");
        took
    });
    let fastest = fastest.min().expect("five rounds");
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
}

#[test]
fn waiting_costs_next_to_nothing_and_holds_no_lock() {
    let (environment, fleet) = Environment::with_fleet();
    let mut child = waiting(&environment, &fleet.words("message poll --agent-id @grace --wait 60"));
    let (begun, before) = (Instant::now(), processor_time(child.id()));
    pause(Duration::from_secs(4));
    let spent = Duration::from_nanos(processor_time(child.id()) - before);
    let share = spent.as_secs_f64() / begun.elapsed().as_secs_f64();
    // the limit is that of the optimised program; the other one takes more than twice as long for the same
    let limit = if cfg!(debug_assertions) { 0.025 } else { 0.01 };
    assert!(share < limit, "{:.2} % of a core", share * 100.0);
    let database = environment.open();
    database.busy_timeout(Duration::ZERO).expect("no patience");
    database.execute_batch("BEGIN EXCLUSIVE; ROLLBACK").expect("nobody writes");
    // a reader would keep the log from being emptied
    let busy: i64 = database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).expect("a checkpoint");
    assert_eq!(busy, 0);
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
}
