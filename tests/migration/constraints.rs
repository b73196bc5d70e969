//! Constraints come to databases that have rows: what does not fit is refused before anything changes.

use std::path::Path;

use cafleet_adapters::sqlite::SqliteStorage;
use cafleet_domain::ports::{Maintenance, Prepared, StorageError};
use cafleet_tests::temp_database::TempDatabase;
use rusqlite::Connection;
use rusqlite::types::Value;
use sea_orm_migration::MigrationTrait;

use crate::upgrade::{OLD_ROWS, schema};

/// The number of the last schema without the constraints.
const BEFORE: usize = 9;

/// A third agent, and a broadcast to it: task 2 is the summary, task 3 what it gets.
const MORE_ROWS: &str = "
    INSERT INTO agents (agent_id, fleet_id, name, description, kind, status, registered_at, agent_card_json)
        VALUES (3, 1, 'Ada', '', 'user', 'active', '2026-04-15T10:00:00.000000+00:00', '{}');
    INSERT INTO tasks (task_id, context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp,
                       origin_task_id, text)
        VALUES (2, 1, 1, 0, 'broadcast_summary', '2026-04-15T10:00:00.000000+00:00', 'completed',
                '2026-04-15T10:00:00.000000+00:00', 2, 'Broadcast sent to 1 recipients'),
               (3, 3, 1, 3, 'unicast', '2026-04-15T10:00:00.000000+00:00', 'input_required',
                '2026-04-15T10:00:00.000000+00:00', 2, 'all');
    UPDATE sqlite_sequence SET seq = 40 WHERE name = 'tasks';
    DELETE FROM changes WHERE change_id < 3;";

/// How to spoil these rows, and what is said of it.
const SPOILT: [(&str, &str); 17] = [
    ("UPDATE agents SET kind = 'boss' WHERE agent_id = 3", "agent 3 has the kind 'boss'"),
    ("UPDATE agents SET status = 'gone' WHERE agent_id = 3", "agent 3 has the status 'gone'"),
    ("UPDATE agents SET status = 'deregistered' WHERE agent_id = 3", "agent 3 has left, yet not at any time"),
    ("UPDATE agent_placements SET multiplexer = 'screen'", "agent 1 is placed in the multiplexer 'screen'"),
    ("UPDATE agent_placements SET tmux_pane_id = '%1'", "agent 1 has a pane of which not everything is known"),
    ("UPDATE tasks SET type = 'x' WHERE task_id = 1", "task 1 has the type 'x'"),
    ("UPDATE tasks SET status_state = 'lost' WHERE task_id = 1", "task 1 has the state 'lost'"),
    (
        "UPDATE tasks SET status_timestamp = 'x' WHERE task_id = 1",
        "task 1 waits, yet its status is not from the time it was sent",
    ),
    (
        "UPDATE tasks SET to_agent_id = 3 WHERE task_id = 1",
        "task 1 goes to agent 3, yet stands in the context of agent 1",
    ),
    (
        "UPDATE tasks SET status_state = 'canceled' WHERE task_id = 2",
        "task 2 is not what the summary of a broadcast must be",
    ),
    ("UPDATE deliveries SET state = 'none'", "the delivery of task 1 has the state 'none'"),
    ("UPDATE changes SET kind = 'x' WHERE change_id = 3", "change 3 has the kind 'x'"),
    (
        "UPDATE tasks SET from_agent_id = 4711 WHERE task_id = 1",
        "row 1 of tasks refers to a row of agents that does not exist",
    ),
    (
        "UPDATE tasks SET origin_task_id = 4711 WHERE task_id = 3",
        "row 3 of tasks refers to a row of tasks that does not exist",
    ),
    ("UPDATE deliveries SET agent_id = 4711", "row 1 of deliveries refers to a row of agents that does not exist"),
    ("UPDATE agents SET kind = 'director' WHERE agent_id = 3", "agent 3 is a second root Director of fleet 1"),
    ("UPDATE agents SET kind = 'administrator' WHERE agent_id = 3", "agent 3 is a second Administrator of fleet 1"),
];

fn before() -> Vec<Box<dyn MigrationTrait>> {
    SqliteStorage::migrations().into_iter().take(BEFORE).collect()
}

/// Makes a database of the schema before, with rows in it.
async fn old() -> TempDatabase {
    let database = TempDatabase::new();
    let store = SqliteStorage::with_migrations(&database.options(), before).unwrap();
    store.prepare().await.unwrap();
    store.close().await.unwrap();
    let raw = database.raw();
    raw.execute_batch(OLD_ROWS).unwrap();
    raw.execute_batch(MORE_ROWS).unwrap();
    database
}

/// Returns all rows of the tables with which one works, and the numbers that the next rows get.
fn rows(path: &Path) -> Vec<Vec<Value>> {
    let raw = Connection::open(path).unwrap();
    let tables = ["fleets", "agents", "agent_placements", "tasks", "deliveries", "changes", "sqlite_sequence"];
    let mut rows = Vec::new();
    for table in tables {
        let mut select = raw.prepare(&format!("SELECT * FROM {table} ORDER BY 1")).unwrap();
        let width = select.column_count();
        let found = select.query_map([], |row| (0..width).map(|column| row.get(column)).collect()).unwrap();
        rows.extend(found.map(|row: Result<Vec<Value>, _>| row.unwrap()));
    }
    rows
}

#[tokio::test]
async fn what_does_not_fit_is_listed_and_the_database_stays_as_it_was() {
    let dangling = (
        "PRAGMA foreign_keys = OFF; UPDATE deliveries SET task_id = 4711",
        "row 4711 of deliveries refers to a row of tasks that does not exist",
    );
    for (spoil, misfit) in SPOILT.into_iter().chain([dangling]) {
        let database = old().await;
        database.raw().execute_batch(spoil).unwrap();
        let as_it_was = (schema(&database.path()), rows(&database.path()));
        let refused = database.storage().prepare().await.expect_err(spoil);
        let StorageError::UpgradeRefused { found, misfits, backup, .. } = refused else {
            panic!("{spoil}: {refused:?}")
        };
        assert_eq!((found as usize, misfits), (BEFORE, vec![misfit.to_owned()]), "{spoil}");
        assert_eq!((schema(&backup), rows(&backup)), as_it_was, "{spoil}");
        assert_eq!((schema(&database.path()), rows(&database.path())), as_it_was, "{spoil}");
        let too_old = database.storage().check().await;
        assert!(matches!(too_old, Err(StorageError::SchemaTooOld { .. })), "{spoil}: {too_old:?}");
    }
}

#[tokio::test]
async fn all_that_does_not_fit_is_listed_at_once_and_can_be_repaired() {
    let database = old().await;
    let spoil = "UPDATE agents SET kind = 'boss'; UPDATE tasks SET status_state = 'lost'";
    database.raw().execute_batch(spoil).unwrap();
    let refused = database.storage().prepare().await.unwrap_err();
    assert!(refused.to_string().contains("stays at 9: what is in 7 rows does not fit schema"), "{refused}");
    let repair =
        "UPDATE agents SET kind = CASE agent_id WHEN 1 THEN 'director' WHEN 2 THEN 'administrator' ELSE 'user' END;
                  UPDATE tasks SET status_state = iif(task_id = 2, 'completed', 'input_required')";
    database.raw().execute_batch(repair).unwrap();
    let store = database.storage();
    assert!(matches!(store.prepare().await, Ok(Prepared::Upgraded { from: 9, .. })));
    assert_eq!(store.check().await, Ok(Vec::new()));
    store.close().await.unwrap();
}

#[tokio::test]
async fn rows_and_numbers_are_kept_and_changes_are_still_recorded() {
    let database = old().await;
    let before = rows(&database.path());
    let store = database.storage();
    store.prepare().await.unwrap();
    store.close().await.unwrap();
    assert_eq!(rows(&database.path()), before);
    let raw = database.raw();
    let number = |sql: &str| raw.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let newest = number("SELECT max(change_id) FROM changes");
    raw.execute("UPDATE tasks SET status_state = 'canceled' WHERE task_id = 3", []).unwrap();
    assert_eq!(number("SELECT change_id FROM changes WHERE kind = 'status' AND subject_id = 3"), newest + 1);
    let task = "INSERT INTO tasks (context_id, from_agent_id, to_agent_id, type, created_at, status_state,
                                   status_timestamp, text) VALUES (3, 1, 3, 'unicast', 'x', 'input_required', 'x', '')";
    raw.execute(task, []).unwrap();
    assert_eq!(raw.last_insert_rowid(), 41, "ids are never reused");
    let sound: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[tokio::test]
async fn the_database_itself_refuses_what_does_not_fit() {
    let database = old().await;
    let store = database.storage();
    store.prepare().await.unwrap();
    store.close().await.unwrap();
    let raw = database.raw();
    raw.pragma_update(None, "foreign_keys", true).unwrap();
    let before = rows(&database.path());
    for (spoil, _) in SPOILT {
        let refused = raw.execute(spoil, []).expect_err(spoil).to_string();
        assert!(refused.contains("constraint failed"), "{spoil}: {refused}");
    }
    raw.execute("DELETE FROM tasks WHERE task_id = 2", []).expect_err("a part of the broadcast is there");
    raw.execute("DELETE FROM tasks WHERE task_id IN (2, 3)", []).expect("nothing else refers to them");
    raw.execute("DELETE FROM agents WHERE agent_id = 2", []).expect_err("it has sent a message");
    raw.execute("DELETE FROM agents WHERE agent_id = 3", []).expect("nothing refers to it");
    assert_eq!(rows(&database.path()).len() + 3, before.len() + 1, "what went, and the change that says so");
}
