//! The database is locked, damaged, deleted or replaced under the server: it says so, and recovers.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cafleet_tests::environment::{Environment, eventually};
use cafleet_tests::http_client::EventSource;
use cafleet_tests::server::{Server, served};
use serde_json::json;

#[test]
fn a_deleted_database_is_said_and_a_restored_one_is_found() {
    let (environment, fleet, server) = served();
    let backup = environment.path("backup.db");
    environment.ok(&["db", "backup", &backup.display().to_string()]);
    let mut events = server.listen(fleet.id);
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", environment.database().display()));
    }
    let expected = format!(
        "database {} was deleted; bring it back with 'cafleet db restore <backup>'",
        environment.database().display()
    );
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
    let other = Environment::new();
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
fn a_database_that_may_only_be_read_is_said_and_is_written_as_soon_as_that_is_permitted() {
    let (environment, fleet) = Environment::with_fleet();
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    mode(&environment.database(), 0o400);
    let server = Server::start_restrained(&environment);
    let body = json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": "x"});
    let schedule = format!("/api/agents/{}/monitor", fleet.director);
    for (method, path, body) in
        [("POST", "/api/messages/send", &body), ("PATCH", schedule.as_str(), &json!({"enabled": false}))]
    {
        let detail = server.change(method, fleet.id, path, body).refused(503);
        let expected = format!("cannot write to database {}: ", environment.database().display());
        assert!(detail.as_str().expect("text").starts_with(&expected), "{detail}");
    }
    assert_eq!(server.get(fleet.id, "/api/timeline").ok(), json!({"messages": [], "next_cursor": null}));
    let last = EventSource::open(server.address, fleet.id, None).next_event().and_then(|event| event.last_id);
    mode(&environment.database(), 0o600);
    let sent = server.change("POST", fleet.id, "/api/messages/send", &body).ok();
    let mut events = EventSource::open(server.address, fleet.id, last.as_deref());
    assert_eq!(events.next_event().expect("an event").data["task_id"], sent["task_id"], "it is the same database");
}

#[test]
fn a_folder_in_which_nothing_may_be_made_is_said_until_something_may() {
    let (environment, fleet) = Environment::with_fleet();
    let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    let server = Server::start_restrained(&environment);
    let folder = environment.database().parent().expect("a folder").to_owned();
    let copy = environment.path("copy.db");
    environment.ok(&["db", "backup", &copy.display().to_string()]);
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", environment.database().display()));
    }
    fs::rename(&copy, environment.database()).expect("the copy takes its place");
    mode(&folder, 0o500);
    let body = json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": "x"});
    for answer in [
        server.get(fleet.id, "/api/fleets"),
        server.get(fleet.id, "/api/agents"),
        server.get(fleet.id, &format!("/api/events?fleet_id={}", fleet.id)),
        server.change("POST", fleet.id, "/api/messages/send", &body),
    ] {
        let detail = answer.refused(503);
        assert!(detail.as_str().expect("text").ends_with("writable"), "{detail}");
    }
    mode(&folder, 0o700);
    assert_eq!(server.get(fleet.id, "/api/fleets").ok()[0]["label"], "test");
    assert_eq!(server.change("POST", fleet.id, "/api/messages/send", &body).ok()["task_id"], 1);
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
    environment.sql("PRAGMA ignore_check_constraints = ON; UPDATE tasks SET status_state = 'on holiday'");
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
