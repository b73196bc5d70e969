//! What the store asks SQLite: how many statements for each operation, and by which way SQLite answers them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cafleet_adapters::sqlite::{SqliteStorage, StatementObserver};
use cafleet_domain::delivery::{DeliveryState, DeliveryStatus};
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::ports::storage::{
    AgentStore, BroadcastRequest, ClaimStore, DeliveryStore, FleetStore, Heartbeat, MonitorChange, MonitorStore, Sent,
    TaskStore, ViewStore,
};
use cafleet_domain::ports::{ChangeFeed, Maintenance, Storage};
use cafleet_tests::storage_fixtures::{at, fleet, member, message, pending_member, send, user};
use cafleet_tests::temp_database::TempDatabase;

/// A store that writes down what it asks.
struct Observed {
    database: TempDatabase,
    store: SqliteStorage,
    statements: Arc<Mutex<Vec<String>>>,
}

impl Observed {
    fn new() -> Self {
        let database = TempDatabase::new();
        let statements = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&statements);
        let observer = StatementObserver::new(move |sql| heard.lock().unwrap().push(sql.to_owned()));
        Self { store: database.storage().observed_by(observer), database, statements }
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.statements.lock().unwrap())
    }

    /// Returns SQLite's plan of a statement, one step a line.
    fn plan(&self, sql: &str) -> Vec<String> {
        let raw = self.database.raw();
        let mut statement = raw.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect(sql);
        let count = statement.parameter_count();
        let nothing = std::iter::repeat_n(rusqlite::types::Null, count);
        let steps = statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get(3));
        steps.unwrap().collect::<Result<_, _>>().unwrap()
    }
}

/// Runs every method of the port once, on something that is there.
async fn run_everything(store: &SqliteStorage) -> (FleetId, AgentId, AgentId) {
    let created = fleet(store).await;
    let (id, director) = (created.fleet.id, created.director.id);
    let worker = member(store, &created, "worker", 1).await.id;
    let helper = user(store, id, "helper").await.id;
    let task = send(store, id, director, worker, "hello", 2).await.id;
    let other = send(store, id, director, worker, "hello", 2).await.id;
    let request = BroadcastRequest { fleet: id, from: director, text: "all".to_owned(), now: at(3) };
    let Sent::Stored(broadcast) = store.broadcast(&request).await.unwrap() else { panic!("refused") };
    store.inbox(id, worker).await.unwrap();
    store.find_task(id, task).await.unwrap();
    store.claim_pane(worker, at(4), Duration::from_secs(5)).await.unwrap();
    store.pending_deliveries(id, worker).await.unwrap();
    store.begin_typing(worker, at(9), &[task]).await.unwrap();
    store.record_deliveries(&[task], &DeliveryStatus::plain(DeliveryState::Submitted), at(4)).await.unwrap();
    store.find_delivery(task).await.unwrap();
    store.release_pane(worker, at(9)).await.unwrap();
    store.acknowledge(id, worker, task, at(5)).await.unwrap();
    store.cancel(id, director, other, at(5)).await.unwrap();
    store.cancel(id, director, broadcast.summary.id, at(5)).await.unwrap();
    store.list_agents(id).await.unwrap();
    store.list_members(id).await.unwrap();
    store.find_agent(id, worker).await.unwrap();
    let failed = pending_member(store, &created, "failed").await;
    store.withdraw_member(id, failed.id, at(6)).await.unwrap();
    store.deregister_agent(id, helper, at(6)).await.unwrap();
    store.list_fleets().await.unwrap();
    store.find_fleet(id).await.unwrap();
    store.conversation([director, worker], other, 50).await.unwrap();
    let run = Heartbeat { fleet: id, pid: 1, started_at: at(7), last_tick_at: at(7), tick_seconds: 5 };
    store.claim_monitor(&run, None).await.unwrap();
    store.beat(&run, at(8)).await.unwrap();
    store.enrolments(id).await.unwrap();
    let change = MonitorChange { interval_seconds: Some(9), enabled: Some(true) };
    store.configure_monitor(id, worker, change).await.unwrap();
    store.stamp_ping(worker, at(8)).await.unwrap();
    store.remember_reported(worker, None).await.unwrap();
    store.find_heartbeat(id).await.unwrap();
    store.release_monitor(&run).await.unwrap();
    store.heartbeats().await.unwrap();
    store.is_live(id).await.unwrap();
    store.overview(id).await.unwrap();
    store.received_page(id, worker, None).await.unwrap();
    store.sent_page(id, director, Some(task)).await.unwrap();
    store.timeline_page(id, Some(task)).await.unwrap();
    store.messages(id, vec![task, other]).await.unwrap();
    store.span().await.unwrap();
    store.after(None, 0, 10).await.unwrap();
    store.after(Some(id), 0, 10).await.unwrap();
    store.wait(Duration::ZERO).await.unwrap();
    (id, director, worker)
}

#[tokio::test]
async fn no_statement_of_the_stores_scans_tasks_or_deliveries() {
    let observed = Observed::new();
    let (fleet, ..) = run_everything(&observed.store).await;
    observed.store.delete_fleet(fleet, at(9)).await.unwrap();
    observed.store.close().await.unwrap();

    let mut explained = 0;
    for sql in observed.take() {
        if !["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| sql.starts_with(verb)) {
            continue;
        }
        if sql.contains("sqlite_schema") {
            continue;
        }
        explained += 1;
        for step in observed.plan(&sql) {
            // Fleets, placements and monitors are few; an `INSERT … SELECT` walks its own list, the timeline its page
            // of ids, and the ends of the record are looked up one by one.
            let scans = step.strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or_default());
            let allowed = ["fleets", "agent_placements", "monitor_runtime", "2-ROW", "CONSTANT", "page"];
            assert!(scans.is_none_or(|table| allowed.contains(&table)), "{step}\n{sql}");
        }
    }
    assert!(explained > 60, "only {explained} statements");
}

#[tokio::test]
async fn the_inbox_is_read_through_the_index_of_waiting_tasks() {
    let observed = Observed::new();
    let (fleet, _, worker) = run_everything(&observed.store).await;
    observed.take();
    observed.store.inbox(fleet, worker).await.unwrap();
    observed.store.pending_deliveries(fleet, worker).await.unwrap();
    let mut statements = observed.take();
    assert_eq!(statements.len(), 3);
    let typing = observed.plan(&statements.remove(1));
    assert!(typing.iter().any(|step| step.contains("deliveries USING INDEX deliveries_typing")), "{typing:?}");
    for sql in statements {
        let plan = observed.plan(&sql);
        assert!(plan.iter().any(|step| step.contains("tasks USING INDEX tasks_waiting (to_agent_id=?)")), "{plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "sorted by itself: {plan:?}");
    }
    observed.store.close().await.unwrap();
}

#[tokio::test]
async fn the_activity_of_members_is_read_through_indexes() {
    let observed = Observed::new();
    let (fleet, ..) = run_everything(&observed.store).await;
    observed.take();
    observed.store.list_members(fleet).await.unwrap();
    let plan = observed.plan(&observed.take()[0]).join("\n");
    for index in ["tasks_by_sender", "tasks_of_context", "tasks_acknowledged", "agents_of_fleet"] {
        assert!(plan.contains(index), "{index}:\n{plan}");
    }
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    observed.store.close().await.unwrap();
}

/// Each page stops when it is full, the timeline after what each agent can contribute: of these the ids are sorted, and
/// then the rows of the one page.
#[tokio::test]
async fn pages_are_read_through_indexes_and_not_sorted() {
    let observed = Observed::new();
    let (fleet, director, worker) = run_everything(&observed.store).await;
    observed.take();
    observed.store.received_page(fleet, worker, None).await.unwrap();
    observed.store.sent_page(fleet, director, None).await.unwrap();
    observed.store.timeline_page(fleet, None).await.unwrap();
    let statements = observed.take();
    let [_, received, _, sent, timeline] = statements.as_slice() else { panic!("{statements:?}") };
    for (sql, step, sorts) in [
        (received, "SEARCH tasks USING INDEX tasks_of_context (context_id=? AND to_agent_id=? AND rowid<?)", 0),
        (sent, "SEARCH tasks USING INDEX tasks_by_sender (from_agent_id=? AND rowid<?)", 0),
        (
            timeline,
            "SEARCH task USING COVERING INDEX tasks_of_context (context_id=? AND to_agent_id=? AND rowid>? AND rowid<?)",
            2,
        ),
        (
            timeline,
            "SEARCH newer USING COVERING INDEX tasks_of_context (context_id=? AND to_agent_id=? AND rowid<?)",
            2,
        ),
        (timeline, "SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)", 2),
    ] {
        let plan = observed.plan(sql);
        assert!(plan.iter().any(|found| found == step), "{step}:\n{}", plan.join("\n"));
        assert_eq!(plan.iter().filter(|found| found.contains("TEMP B-TREE")).count(), sorts, "{}", plan.join("\n"));
    }
    observed.store.close().await.unwrap();
}

/// What is read before a write can be another's when it is written, where writers are not let in one after another.
#[tokio::test]
async fn what_is_written_is_decided_by_the_statement_that_writes() {
    let observed = Observed::new();
    let store = &observed.store;
    let created = fleet(store).await;
    let (id, director) = (created.fleet.id, created.director.id);
    let worker = member(store, &created, "worker", 1).await.id;
    let task = send(store, id, director, worker, "hello", 2).await.id;
    let other = send(store, id, director, worker, "hello", 2).await.id;
    let failed = pending_member(store, &created, "failed").await.id;
    let run = Heartbeat { fleet: id, pid: 1, started_at: at(7), last_tick_at: at(7), tick_seconds: 5 };
    let writes_first = |what: &str| {
        let statements = observed.take();
        assert_eq!(statements[0], "BEGIN IMMEDIATE", "{what}");
        assert!(!statements[1].starts_with("SELECT"), "{what}: {}", statements[1]);
    };
    observed.take();
    store.send(&message(id, director, worker, "a", 9)).await.unwrap();
    writes_first("a message");
    let request = BroadcastRequest { fleet: id, from: director, text: "all".to_owned(), now: at(3) };
    store.broadcast(&request).await.unwrap();
    writes_first("a broadcast");
    store.acknowledge(id, worker, task, at(9)).await.unwrap();
    writes_first("an acknowledgement");
    store.cancel(id, director, other, at(9)).await.unwrap();
    writes_first("a cancellation");
    user(store, id, "helper").await;
    writes_first("a registration");
    pending_member(store, &created, "pending").await;
    writes_first("a member");
    store.withdraw_member(id, failed, at(9)).await.unwrap();
    writes_first("a withdrawal");
    store.deregister_agent(id, worker, at(9)).await.unwrap();
    writes_first("a deregistration");
    store.claim_monitor(&run, None).await.unwrap();
    writes_first("a claim");
    store.claim_monitor(&run, Some(run.clone())).await.unwrap();
    writes_first("a claim on what another one had");
    store.delete_fleet(id, at(9)).await.unwrap();
    writes_first("the end of a fleet");
    store.close().await.unwrap();
}

/// Counts round trips: each is a hop to the connection's thread and back.
#[tokio::test]
async fn operations_take_few_statements() {
    let observed = Observed::new();
    let (fleet, director, worker) = run_everything(&observed.store).await;
    let helper = user(&observed.store, fleet, "another").await.id;
    observed.store.close().await.unwrap();
    let store: &dyn Storage = &observed.database.storage().observed_by({
        let heard = Arc::clone(&observed.statements);
        StatementObserver::new(move |sql| heard.lock().unwrap().push(sql.to_owned()))
    });
    store.heartbeats().await.unwrap();
    observed.take();

    let Sent::Stored(unrung) = store.send(&message(fleet, director, helper, "a", 9)).await.unwrap() else {
        panic!("refused")
    };
    assert_eq!(observed.take().len(), 4, "begin, the task, its delivery if it needs one, commit");
    store.send(&message(fleet, director, worker, "a", 9)).await.unwrap();
    assert_eq!(observed.take().len(), 4, "the same");
    store.inbox(fleet, helper).await.unwrap();
    assert_eq!(observed.take().len(), 1);
    store.acknowledge(fleet, helper, unrung.task.id, at(9)).await.unwrap();
    assert_eq!(observed.take().len(), 4, "begin, the new state, agent and task, commit");
    store.find_task(fleet, unrung.task.id).await.unwrap();
    assert_eq!(observed.take().len(), 1);
    store.claim_pane(worker, at(9), Duration::from_secs(5)).await.unwrap();
    store.record_deliveries(&[unrung.task.id], &DeliveryStatus::plain(DeliveryState::Held), at(9)).await.unwrap();
    store.release_pane(worker, at(14)).await.unwrap();
    store.list_members(fleet).await.unwrap();
    store.list_agents(fleet).await.unwrap();
    store.find_agent(fleet, worker).await.unwrap();
    assert_eq!(observed.take().len(), 6, "one each");
}
