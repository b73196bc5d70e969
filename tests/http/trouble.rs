//! The database is locked, damaged, deleted or replaced under the server: it says so, and recovers.

use std::fs;

use cafleet_tests::environment::eventually;
use cafleet_tests::http_client::EventSource;
use serde_json::json;

use crate::server::served;

#[test]
fn a_deleted_database_is_said_and_a_restored_one_is_found() {
    let (environment, fleet, server) = served();
    let backup = environment.path("backup.db");
    environment.ok(&["db", "backup", &backup.display().to_string()]);
    let mut events = server.listen(fleet.id);
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", environment.database().display()));
    }
    let expected = format!("database {} was deleted; restore it", environment.database().display());
    for path in ["/api/fleets", "/api/agents", "/api/timeline", "/api/events?fleet_id=1"] {
        assert_eq!(server.get(fleet.id, path).refused(503), expected, "{path}");
    }
    let body = json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": "x"});
    assert_eq!(server.change("POST", fleet.id, "/api/messages/send", &body).refused(503), expected);
    // who listens is not left in the belief that nothing happens
    eventually("the end of the stream", || events.next_event().is_none().then_some(()));
    assert!(!environment.database().exists(), "no empty one takes its place");

    fs::copy(&backup, environment.database()).expect("the backup is restored");
    assert_eq!(server.get(fleet.id, "/api/fleets").ok()[0]["label"], "test");
    let mut events = server.listen(fleet.id);
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "after the restore");
    assert_eq!(events.wait_for("message").data["task_id"], id);
}

#[test]
fn a_replaced_database_is_read_and_streams_begin_anew() {
    let (environment, fleet, server) = served();
    let mut events = server.listen(fleet.id);
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "in the old one");
    let last = events.wait_for("message").last_id.expect("an id");
    assert_eq!(id, 1);
    let other = cafleet_tests::environment::Environment::new();
    let _ = other.create_fleet("the other one");
    let _ = other.create_fleet("and its second fleet");
    let file = other.path("other.db");
    other.ok(&["db", "backup", &file.display().to_string()]);
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", environment.database().display()));
    }
    fs::rename(&file, environment.database()).expect("the other one takes its place");
    assert_eq!(server.get(0, "/api/fleets").ok().as_array().map(Vec::len), Some(2));
    eventually("the end of the stream", || events.next_event().is_none().then_some(()));
    let first = EventSource::open(server.address, 1, Some(&last)).next_event().expect("an event");
    assert_eq!(first.name, "ready", "the old numbers mean nothing here");
}

#[test]
fn readers_go_on_while_somebody_holds_the_write_lock() {
    let (environment, fleet, server) = served();
    let lock = environment.open();
    lock.execute_batch("BEGIN IMMEDIATE").expect("the lock is free");
    let address = server.address;
    let writer = {
        let body = json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": "waits"}).to_string();
        let head = format!(
            "POST /api/messages/send HTTP/1.1\nHost: {address}\nX-Fleet-Id: {}\nContent-Type: application/json\n\
             Content-Length: {}",
            fleet.id,
            body.len()
        );
        std::thread::spawn(move || cafleet_tests::http_client::send(address, &head, body.as_bytes()))
    };
    for _ in 0..20 {
        assert_eq!(server.get(fleet.id, "/api/agents").status, 200);
    }
    assert!(!writer.is_finished(), "it waits for its turn");
    lock.execute_batch("ROLLBACK").expect("the lock is given back");
    assert_eq!(writer.join().expect("an answer").ok()["task_id"], 1);
}

#[test]
fn a_row_that_is_wrong_is_named() {
    let (environment, fleet, server) = served();
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    environment.sql("UPDATE tasks SET status_state = 'on holiday'");
    let detail = server.get(fleet.id, "/api/timeline").refused(500);
    let expected = format!("corrupt database: tasks.status_state of row {id}: 'on holiday' is not a task state");
    assert_eq!(detail, expected);
    assert_eq!(server.get(fleet.id, "/api/agents").status, 200, "the rest is as it was");
}

#[test]
fn a_database_of_another_version_is_said() {
    let (environment, _fleet, server) = served();
    let head = environment.number("PRAGMA user_version");
    let file = environment.path("newer.db");
    environment.ok(&["db", "backup", &file.display().to_string()]);
    let newer = rusqlite::Connection::open(&file).expect("a database");
    newer.execute_batch(&format!("PRAGMA user_version = {}", head + 1)).expect("a pragma");
    drop(newer);
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", environment.database().display()));
    }
    fs::rename(&file, environment.database()).expect("the newer one takes its place");
    let detail = server.get(0, "/api/fleets").refused(503);
    assert!(detail.as_str().expect("text").contains(&format!("database schema is at {}", head + 1)), "{detail}");
}
