//! Check, backup and purge.

use std::os::unix::fs::PermissionsExt;

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use cafleet_domain::ports::storage::{BroadcastRequest, FleetStore, Sent, TaskStore};
use cafleet_domain::ports::{Maintenance, Purged, StorageError};
use cafleet_tests::storage_fixtures::{at, fleet, member, send, user};
use cafleet_tests::temp_database::TempDatabase;

/// Spoils a sound database and returns what the check finds.
async fn findings(spoil: &str) -> Vec<String> {
    let database = TempDatabase::new();
    let store = database.storage();
    let created = fleet(&store).await;
    let id = created.fleet.id;
    fleet(&store).await;
    let worker = member(&store, &created, "worker", 1).await.id;
    send(&store, id, created.director.id, worker, "hello", 1).await;
    let request = BroadcastRequest { fleet: id, from: worker, text: "all".to_owned(), now: at(2) };
    store.broadcast(&request).await.unwrap();
    assert_eq!(store.check().await, Ok(Vec::new()));
    let raw = database.raw();
    raw.pragma_update(None, "foreign_keys", false).unwrap();
    raw.pragma_update(None, "ignore_check_constraints", true).unwrap();
    raw.execute_batch(spoil).unwrap();
    let findings = store.check().await.unwrap();
    store.close().await.unwrap();
    findings
}

/// Agents: 1 and 2 are Director and Administrator of fleet 1, 3 and 4 those of fleet 2, 5 is a member of fleet 1.
/// Tasks: 1 goes from 1 to 5, 2 is the summary of a broadcast of 5, and 3 its delivery to 1.
#[tokio::test]
async fn each_broken_rule_is_found_and_named() {
    for (spoil, expected) in [
        ("DELETE FROM agent_placements WHERE agent_id = 1", "fleet 1 has no active, placed root Director"),
        ("UPDATE agents SET kind = 'user' WHERE agent_id = 2", "fleet 1 has 0 active Administrators"),
        ("UPDATE agent_placements SET agent_id = 2 WHERE agent_id = 5", "Administrator 2 has a placement"),
        ("INSERT INTO monitor_config VALUES (2, 60, NULL, 1, NULL)", "Administrator 2 is enrolled in monitoring"),
        (
            "UPDATE tasks SET to_agent_id = 2, context_id = 2 WHERE task_id = 3",
            "task 3 is a broadcast to Administrator 2",
        ),
        (
            "UPDATE agent_placements SET director_agent_id = 3 WHERE agent_id = 5",
            "member 5 is not placed under the Director of its fleet",
        ),
        ("UPDATE tasks SET status_state = 'lost' WHERE task_id = 1", "CHECK constraint failed in tasks"),
        ("DELETE FROM tasks WHERE task_id = 3", "row 3 of deliveries refers to a row of tasks that does not exist"),
        (
            "DELETE FROM tasks WHERE task_id = 3",
            "broadcast 2 has 0 deliveries, its summary says 'Broadcast sent to 1 recipients'",
        ),
        (
            "UPDATE tasks SET origin_task_id = NULL WHERE task_id = 2",
            "task 2 is not what the summary of a broadcast must be",
        ),
        ("DELETE FROM tasks WHERE task_id = 2", "task 3 is part of broadcast 2, which has no summary"),
        (
            "UPDATE tasks SET from_agent_id = 3 WHERE task_id = 1",
            "task 1 goes from agent 3 to agent 5, which are not in the same fleet",
        ),
        (
            "UPDATE agents SET status = 'deregistered', deregistered_at = registered_at WHERE agent_id = 5",
            "agent 5 has left, yet has a placement",
        ),
        (
            "UPDATE agents SET status = 'deregistered', deregistered_at = registered_at WHERE agent_id = 5",
            "agent 5 has left, yet is enrolled in monitoring",
        ),
    ] {
        let found = findings(spoil).await;
        assert!(found.iter().any(|finding| finding == expected), "{spoil}: {found:?}");
    }
}

#[tokio::test]
async fn a_backup_is_whole_while_others_write_and_replaces_nothing() {
    let database = TempDatabase::new();
    let (store, writer) = (database.storage(), database.storage());
    let created = fleet(&store).await;
    let id = created.fleet.id;
    let target = database.directory().join("copy.db");
    let write = async {
        for number in 0..100 {
            send(&writer, id, created.director.id, created.administrator, "hello", number).await;
        }
    };
    let (copied, ()) = tokio::join!(store.backup(&target), write);
    assert_eq!(copied, Ok(()));
    assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);

    let options = SqliteOptions { database: target.display().to_string(), synchronous: Synchronous::Full };
    let copy = SqliteStorage::new(&options).unwrap();
    assert_eq!(copy.find_fleet(id).await, Ok(Some(created)));
    assert_eq!(copy.check().await, Ok(Vec::new()));
    let mode: String =
        rusqlite::Connection::open(&target).unwrap().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal", "a copy that is put to use is as good as the original");
    copy.close().await.unwrap();

    let before = std::fs::read(&target).unwrap();
    let refused = store.backup(&target).await.unwrap_err().to_string();
    assert!(refused.contains("exists already"), "{refused}");
    assert_eq!(std::fs::read(&target).unwrap(), before);
    store.close().await.unwrap();
    writer.close().await.unwrap();
}

#[tokio::test]
async fn a_backup_that_fails_leaves_nothing() {
    let database = TempDatabase::new();
    let store = database.storage();
    fleet(&store).await;
    let target = database.directory().join("no such directory/copy.db");
    assert!(matches!(store.backup(&target).await, Err(StorageError::Unavailable(_))));
    let full = std::path::Path::new("/dev/full/copy.db");
    assert!(matches!(store.backup(full).await, Err(StorageError::Unavailable(_))));
    store.close().await.unwrap();
    let names: Vec<_> =
        std::fs::read_dir(database.directory()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["cafleet.db"]);
}

#[tokio::test]
async fn a_purge_drops_finished_history_and_nothing_that_waits() {
    let database = TempDatabase::new();
    let store = database.storage();
    let (live, old, recent) = (fleet(&store).await, fleet(&store).await, fleet(&store).await);
    let id = live.fleet.id;
    let director = live.director.id;
    let worker = member(&store, &live, "worker", 1).await.id;
    let helper = user(&store, id, "helper").await.id;
    let mut sent = Vec::new();
    for _ in 0..4 {
        sent.push(send(&store, id, director, worker, "hello", 1).await.id);
    }
    store.acknowledge(id, worker, sent[0], at(10)).await.unwrap();
    store.cancel(id, director, sent[1], at(10)).await.unwrap();
    store.acknowledge(id, worker, sent[2], at(200)).await.unwrap();

    let request = BroadcastRequest { fleet: id, from: director, text: "all".to_owned(), now: at(1) };
    let mut broadcasts = Vec::new();
    for _ in 0..2 {
        let Sent::Stored(stored) = store.broadcast(&request).await.unwrap() else { panic!("refused") };
        broadcasts.push(stored);
    }
    for row in &broadcasts[0].deliveries {
        store.acknowledge(id, row.task.context, row.task.id, at(10)).await.unwrap();
    }
    let first = &broadcasts[1].deliveries[0].task;
    store.acknowledge(id, first.context, first.id, at(10)).await.unwrap();

    send(&store, old.fleet.id, old.administrator, old.director.id, "never read", 1).await;
    store.delete_fleet(old.fleet.id, at(50)).await.unwrap();
    let kept = send(&store, recent.fleet.id, recent.administrator, recent.director.id, "never read", 1).await;
    store.delete_fleet(recent.fleet.id, at(150)).await.unwrap();

    let expected = Purged { fleets: 1, agents: 2, tasks: 2 + 3 + 1, deliveries: 2 + 1 + 1 };
    assert_eq!(store.purge(at(100), None, true).await, Ok(expected));
    assert!(store.find_task(id, sent[0]).await.unwrap().is_some(), "a dry run drops nothing");
    assert_eq!(store.purge(at(100), None, false).await, Ok(expected));
    assert_eq!(store.purge(at(100), None, false).await, Ok(Purged::default()));

    for gone in [sent[0], sent[1], broadcasts[0].summary.id, broadcasts[0].deliveries[1].task.id] {
        assert_eq!(store.find_task(id, gone).await, Ok(None));
    }
    for stays in [sent[2], sent[3], broadcasts[1].summary.id, first.id] {
        assert!(store.find_task(id, stays).await.unwrap().is_some());
    }
    assert_eq!(store.inbox(id, worker).await.unwrap().unwrap().len(), 2 - usize::from(first.context == worker));
    assert_eq!(store.inbox(id, helper).await.unwrap().unwrap().len(), 1);
    assert_eq!(store.find_fleet(old.fleet.id).await, Ok(None));
    assert!(store.find_task(recent.fleet.id, kept.id).await.unwrap().is_some());
    assert_eq!(store.check().await, Ok(Vec::new()));
    let next = send(&store, id, director, worker, "hello", 300).await.id;
    assert!(next > kept.id, "ids are never reused");
    store.close().await.unwrap();
}
