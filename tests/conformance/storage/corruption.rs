//! A stored value that is not what it must be: an error that names table, column and row, never a panic.

use cafleet_adapters::sqlite::SqliteStorage;
use cafleet_domain::backend::Backend;
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::ports::storage::{
    AgentStore, BroadcastRequest, DeliveryStore, FleetStore, MonitorStore, TaskStore, ViewStore,
};
use cafleet_domain::ports::{Maintenance, StorageError};
use cafleet_domain::timestamp::Timestamp;
use cafleet_tests::storage_fixtures::{at, fleet, member, send};
use cafleet_tests::temp_database::TempDatabase;

/// Asks everything that could meet the spoilt value, and returns the first complaint.
async fn complaint(spoil: &str) -> StorageError {
    let database = TempDatabase::new();
    let store = database.storage();
    let created = fleet(&store).await;
    let id = created.fleet.id;
    let worker = member(&store, &created, "worker", 1).await.id;
    let task = send(&store, id, created.director.id, worker, "hello", 1).await.id;
    let beat = (id.get(), 1, at(1).to_string(), at(1).to_string(), 5);
    let raw = database.raw();
    raw.execute("INSERT INTO monitor_runtime VALUES (?, ?, ?, ?, ?)", beat).unwrap();
    raw.pragma_update(None, "foreign_keys", false).unwrap();
    raw.pragma_update(None, "ignore_check_constraints", true).unwrap();
    assert_eq!(raw.execute(spoil, []).unwrap(), 1, "{spoil}");

    let mut complaints = Vec::new();
    complaints.extend(store.find_task(id, task).await.err());
    complaints.extend(store.inbox(id, worker).await.err());
    complaints.extend(store.pending_deliveries(id, worker).await.err());
    complaints.extend(store.find_delivery(task).await.err());
    complaints.extend(store.find_agent(id, worker).await.err());
    complaints.extend(store.find_fleet(id).await.err());
    complaints.extend(store.heartbeats().await.err());
    complaints.extend(store.acknowledge(id, worker, task, at(2)).await.err());
    store.close().await.unwrap();
    complaints.into_iter().next().expect(spoil)
}

#[tokio::test]
async fn a_spoilt_value_is_named_with_its_table_column_and_row() {
    for (spoil, expected) in [
        ("UPDATE tasks SET status_state = 'lost'", "tasks.status_state of row 1: 'lost' is not a task state"),
        ("UPDATE tasks SET type = 'x'", "tasks.type of row 1: 'x' is not a task type"),
        ("UPDATE tasks SET created_at = 'noon'", "tasks.created_at of row 1: 'noon' is not an RFC 3339 time"),
        ("UPDATE tasks SET to_agent_id = -3", "tasks.to_agent_id of row 1: -3 is not an id"),
        ("UPDATE deliveries SET state = 'none'", "deliveries.state of row 1: 'none' is never stored"),
        ("UPDATE deliveries SET state = 'lost'", "deliveries.state of row 1: 'lost' is not a delivery state"),
        ("UPDATE deliveries SET attempts = -1", "deliveries.attempts of row 1: -1 is out of range"),
        ("UPDATE agents SET kind = 'x' WHERE agent_id = 3", "agents.kind of row 3: 'x' is not an agent kind"),
        ("UPDATE agents SET status = 'x' WHERE agent_id = 3", "agents.status of row 3: 'x' is not an agent status"),
        ("UPDATE agents SET status = 'deregistered' WHERE agent_id = 3", "agents.deregistered_at of row 3: missing"),
        ("UPDATE agents SET agent_card_json = '{' WHERE agent_id = 3", "agents.agent_card_json of row 3: EOF"),
        ("UPDATE agent_placements SET server = 'x' WHERE agent_id = 3", "agent_placements.server of row 3: 'x' is not"),
        (
            "UPDATE agent_placements SET pane_pid = NULL WHERE agent_id = 3",
            "agent_placements.pane_pid of row 3: missing",
        ),
        (
            "UPDATE agent_placements SET coding_agent = 'X Y' WHERE agent_id = 3",
            "agent_placements.coding_agent of row 3",
        ),
        ("UPDATE fleets SET director_agent_id = NULL", "fleets.director_agent_id of row 1"),
        ("UPDATE fleets SET created_at = ''", "fleets.created_at of row 1: '' is not an RFC 3339 time"),
        ("UPDATE monitor_runtime SET started_at = 'x'", "monitor_runtime.started_at of row 1: 'x' is not an"),
    ] {
        let text = complaint(spoil).await.to_string();
        assert!(text.starts_with(&format!("corrupt database: {expected}")), "{spoil}: {text}");
    }
}

/// Reads all that commands read, and returns the complaints about what is stored.
async fn complaints(store: &SqliteStorage) -> Vec<StorageError> {
    let mut complaints = Vec::new();
    complaints.extend(store.list_fleets().await.err());
    complaints.extend(store.heartbeats().await.err());
    complaints.extend(store.unrecognised().await.err());
    for fleet in [1, 2].map(|id| FleetId::try_from(id).unwrap()) {
        complaints.extend(store.find_fleet(fleet).await.err());
        complaints.extend(store.list_agents(fleet).await.err());
        complaints.extend(store.list_members(fleet).await.err());
        complaints.extend(store.enrolments(fleet).await.err());
        complaints.extend(store.timeline_page(fleet, None).await.err());
        for agent in (1..=6).map(|id| AgentId::try_from(id).unwrap()) {
            complaints.extend(store.find_agent(fleet, agent).await.err());
            complaints.extend(store.inbox(fleet, agent).await.err());
            complaints.extend(store.pending_deliveries(fleet, agent).await.err());
        }
    }
    for task in (1..=4).map(|id| TaskId::try_from(id).unwrap()) {
        complaints.extend(store.find_delivery(task).await.err());
    }
    complaints
}

#[tokio::test]
async fn what_check_calls_whole_nothing_else_calls_corrupt() {
    let base = TempDatabase::new();
    let store = base.storage();
    let created = fleet(&store).await;
    let (id, director) = (created.fleet.id, created.director.id);
    let worker = member(&store, &created, "worker", 1).await.id;
    send(&store, id, director, worker, "hello", 1).await;
    let request = BroadcastRequest { fleet: id, from: worker, text: "all".to_owned(), now: at(2) };
    store.broadcast(&request).await.unwrap();
    store.count_unrecognised(Backend::CODEX, "1.0", at(3)).await.unwrap();
    let gone = fleet(&store).await;
    store.delete_fleet(gone.fleet.id, at(4)).await.unwrap();
    store.close().await.unwrap();
    let raw = base.raw();
    let names = |sql: &str| -> Vec<String> {
        let mut statement = raw.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    // one file without a log, of which each change gets a copy
    let whole = TempDatabase::new();
    raw.execute("VACUUM INTO ?", [whole.path().to_str().unwrap()]).unwrap();
    let mut tried = 0;
    for table in names(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'seaql_migrations'",
    ) {
        for column in names(&format!("SELECT name FROM pragma_table_info('{table}')")) {
            for value in ["NULL", "'garbage'", "-1", "0", "x'ff'", "1.5"] {
                for end in ["ASC", "DESC"] {
                    let spoilt = TempDatabase::new();
                    std::fs::copy(whole.path(), spoilt.path()).unwrap();
                    let row = format!("(SELECT rowid FROM {table} ORDER BY rowid {end} LIMIT 1)");
                    let spoil = format!("UPDATE {table} SET {column} = {value} WHERE rowid = {row}");
                    let connection = spoilt.raw();
                    connection.pragma_update(None, "foreign_keys", false).unwrap();
                    // what the schema refuses cannot be there
                    let Ok(1) = connection.execute(&spoil, []) else { continue };
                    drop(connection);
                    let store = spoilt.storage();
                    if store.check().await.is_ok_and(|findings| findings.is_empty()) {
                        tried += 1;
                        let complaints = complaints(&store).await;
                        assert!(complaints.is_empty(), "{spoil}: {complaints:?}");
                    }
                    store.close().await.unwrap();
                }
            }
        }
    }
    assert!(tried > 20, "only {tried} changes are none of damage");
}

#[tokio::test]
async fn a_send_by_an_agent_with_a_spoilt_status_is_refused_and_writes_nothing() {
    let database = TempDatabase::new();
    let store = database.storage();
    let created = fleet(&store).await;
    let raw = database.raw();
    raw.pragma_update(None, "ignore_check_constraints", true).unwrap();
    raw.execute("UPDATE agents SET status = 'x' WHERE agent_id = 1", []).unwrap();
    let request = cafleet_tests::storage_fixtures::message(
        created.fleet.id,
        created.administrator,
        created.director.id,
        "hello",
        1,
    );
    let failed = store.send(&request).await;
    assert!(matches!(failed, Err(StorageError::Corrupt { table: "agents", column: "status", row: 1, .. })));
    let count: i64 = database.raw().query_row("SELECT count(*) FROM tasks", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 0);
    store.close().await.unwrap();
}

#[tokio::test]
async fn times_in_other_forms_are_read_and_order_goes_by_id() {
    let database = TempDatabase::new();
    let store = database.storage();
    let created = fleet(&store).await;
    let id = created.fleet.id;
    let worker = member(&store, &created, "worker", 1).await.id;
    let first = send(&store, id, created.director.id, worker, "first", 50).await.id;
    let second = send(&store, id, created.director.id, worker, "second", 40).await.id;
    database
        .raw()
        .execute(
            "UPDATE tasks SET (created_at, status_timestamp) = ('2016-12-31T23:59:60Z', '2016-12-31T23:59:60Z') WHERE task_id = 1",
            [],
        )
        .unwrap();
    let inbox = store.inbox(id, worker).await.unwrap().unwrap();
    assert_eq!(inbox.iter().map(|task| task.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!(inbox[0].created_at, "2017-01-01T00:00:00+00:00".parse::<Timestamp>().unwrap());
    store.close().await.unwrap();
}
