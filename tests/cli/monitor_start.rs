//! `cafleet monitor start`

use std::os::unix::fs::MetadataExt;
use std::process::Child;
use std::time::Duration;

use cafleet_tests::environment::{Fleet, Outcome, eventually, pause};
use cafleet_tests::stage::Stage;
use rustix::process::{Pid, Signal, kill_process};

fn start(stage: &Stage, fleet: &Fleet) -> Child {
    let monitor = stage.spawn(&fleet.words("monitor start --tick 1"));
    eventually("a heartbeat", || (stage.environment.number("SELECT count(*) FROM monitor_runtime") == 1).then_some(()));
    monitor
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    kill_process(pid, signal).expect("the monitor runs");
}

fn owners(stage: &Stage) -> i64 {
    stage.environment.number("SELECT count(*) FROM monitor_runtime")
}

#[test]
fn ends_in_order_on_each_signal() {
    let (stage, fleet) = Stage::with_fleet();
    for end in [Signal::INT, Signal::TERM, Signal::HUP] {
        let monitor = start(&stage, &fleet);
        let pid = monitor.id();
        signal(&monitor, end);
        let outcome = Outcome::finish(monitor);
        let told = outcome.ok();
        assert!(told.ends_with(&format!(" monitoring fleet {} (pid {pid}, tick 1s)\n", fleet.id)), "{told}");
        assert_eq!(owners(&stage), 0);
    }
}

#[test]
fn one_at_a_time_and_a_killed_one_is_replaced_at_once() {
    let (stage, fleet) = Stage::with_fleet();
    let mut first = start(&stage, &fleet);
    let error = format!("monitor already running for fleet {}", fleet.id);
    stage.environment.fails(&fleet.words("monitor start"), 1, &error);
    first.kill().expect("killed");
    first.wait().expect("reaped");
    assert_eq!(owners(&stage), 1, "kill -9 leaves the row");
    let second = stage.spawn(&fleet.words("monitor start --tick 1"));
    let pid = i64::from(second.id());
    eventually("the new owner", || (stage.environment.number("SELECT pid FROM monitor_runtime") == pid).then_some(()));
    signal(&second, Signal::TERM);
    let _ = Outcome::finish(second).ok();
}

#[test]
fn ends_where_the_database_is_another_by_now_or_of_a_newer_version() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let monitor = start(&stage, &fleet);
    let (backup, place) = (environment.path("backup.db"), environment.database());
    environment.ok(&["db", "backup", &backup.display().to_string()]);
    std::fs::rename(&backup, &place).expect("another file takes its place");
    for end in ["-wal", "-shm"] {
        let _there_may_be_none = std::fs::remove_file(format!("{}{end}", place.display()));
    }
    let ended = Outcome::finish(monitor);
    let said = "was replaced while this ran; nothing was written, start it again\n";
    assert!(ended.status == 1 && ended.stderr.ends_with(said), "{ended:?}");
    environment.sql("DELETE FROM monitor_runtime");
    let monitor = start(&stage, &fleet);
    environment.sql("PRAGMA user_version = 9999");
    let ended = Outcome::finish(monitor);
    let said = "Error: database schema is at 9999, this cafleet needs ";
    assert!(ended.status == 1 && ended.stderr.starts_with(said), "{ended:?}");
}

/// Whoever leaves while nobody has a lock on the file takes itself for the last one, and removes the log to which others write.
#[test]
fn keeps_its_lock_on_the_database() {
    let (stage, fleet) = Stage::with_fleet();
    let monitor = start(&stage, &fleet);
    let ticks = || stage.environment.json(&fleet.words("monitor status"))["runtime"]["last_tick_at"].clone();
    for _ in 0..2 {
        let before = ticks();
        eventually("a further tick", || (ticks() != before).then_some(()));
    }
    let file = std::fs::metadata(stage.environment.database()).expect("the database");
    let locks = std::fs::read_to_string("/proc/locks").expect("the locks");
    let owner = format!(" {} ", monitor.id());
    let is_its = |lock: &&str| lock.contains(&owner) && lock.contains(&format!(":{} ", file.ino()));
    assert!(locks.lines().any(|lock| is_its(&lock)), "{locks}");
    signal(&monitor, Signal::TERM);
    let _ = Outcome::finish(monitor).ok();
}

#[test]
fn ends_where_the_database_was_overwritten() {
    let (stage, fleet) = Stage::with_fleet();
    let monitor = start(&stage, &fleet);
    let place = stage.environment.database();
    std::fs::write(&place, "").expect("it is cut off");
    let ended = Outcome::finish(monitor);
    // by its beginning, or by what SQLite meets in it, whichever is noticed first
    let said = "; restore a backup with 'cafleet db restore <file>'\n";
    assert!(ended.status == 1 && ended.stderr.ends_with(said), "{ended:?}");
}

#[test]
fn rings_again_when_a_dialog_is_gone() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let monitor = start(&stage, &fleet);
    let line = fleet.words(&format!("message send --agent-id {} --to {member} --text", fleet.ada));
    let sent = stage.environment.json(&[line, vec!["are you there".to_owned()]].concat());
    assert_eq!((&sent["notification_sent"], &sent["delivery"]["state"]), (&false.into(), &"held".into()));
    pause(Duration::from_millis(2500));
    assert!(stage.screen(&pane).contains("Do you want to proceed?"), "the dialog stands");
    assert!(!stage.screen(&pane).contains("are you there"));
    let answered = stage.environment.ok(&fleet.words(&format!("member send-input --member-id {member} --choice 1")));
    assert!(answered.starts_with("Sent choice 1"), "{answered}");
    let id = sent["id"].as_i64().expect("an id");
    eventually("the doorbell", || {
        let rung = format!("SELECT count(*) FROM deliveries WHERE task_id = {id} AND state = 'submitted'");
        (stage.environment.number(&rung) == 1).then_some(())
    });
    stage.until_shown(&pane, "are you there");
    signal(&monitor, Signal::TERM);
    let _ = Outcome::finish(monitor).ok();
}

#[test]
fn ends_with_its_fleet_and_with_its_director() {
    let (stage, fleet) = Stage::with_fleet();
    let monitor = start(&stage, &fleet);
    let _ = stage.environment.ok(&["fleet", "delete", &fleet.id.to_string()]);
    let _ = Outcome::finish(monitor).ok();

    let (stage, fleet) = Stage::with_fleet();
    stage.tmux.tmux(&["split-window", "-d", "-t", "%0", "cat"]);
    let monitor = start(&stage, &fleet);
    stage.tmux.tmux(&["kill-pane", "-t", "%0"]);
    let Outcome { status, stderr, .. } = Outcome::finish(monitor);
    assert_eq!((status, stderr), (1, format!("Error: the pane of the Director of fleet {} is gone\n", fleet.id)));
    assert_eq!(owners(&stage), 0);
}

#[test]
fn refuses_a_tick_of_nothing_and_a_fleet_that_is_gone() {
    let (stage, fleet) = Stage::with_fleet();
    stage.environment.fails(
        &fleet.words("monitor start --tick 0"),
        2,
        "invalid value '0' for '--tick <SECONDS>': 0 is not in 1..=3600",
    );
    let _ = stage.environment.ok(&["fleet", "delete", &fleet.id.to_string()]);
    let error = format!("fleet {} not found", fleet.id);
    for line in ["monitor start", "monitor status", "monitor config --agent-id @director"] {
        stage.environment.fails(&fleet.words(line), 1, &error);
    }
}
