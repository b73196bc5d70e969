//! What a command costs, counted rather than timed: statements, threads, files, system calls.

use std::sync::{Arc, Mutex};

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, StatementObserver, Synchronous};
use cafleet_bench::statements;
use cafleet_domain::agent::Agent;
use cafleet_domain::backend::Backend;
use cafleet_domain::id::{AgentId, FleetId, PaneId};
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::storage::{
    Acknowledged, AgentStore, FleetRequest, FleetStore, Registered, Registration, SendRequest, Sent, TaskStore,
};
use cafleet_domain::timestamp::Timestamp;

/// Hears the statements of everything that `use_it` does with the storage, opening included.
async fn statements_of<F: AsyncFnOnce(&SqliteStorage)>(file: &str, use_it: F) -> Vec<String> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let options = SqliteOptions { database: file.to_owned(), synchronous: Synchronous::Normal };
    let observer = StatementObserver::new(move |sql| hear.lock().unwrap().push(sql.to_owned()));
    let storage = SqliteStorage::new(&options).unwrap().observed_by(observer);
    use_it(&storage).await;
    storage.close().await.unwrap();
    let heard = heard.lock().unwrap();
    heard.clone()
}

fn now() -> Timestamp {
    Timestamp::from_unix_micros(1_776_247_200_123_456)
}

/// Creates a fleet with an agent that has no pane; returns the Director and that agent.
async fn fleet(storage: &SqliteStorage) -> (FleetId, AgentId, AgentId) {
    let request = FleetRequest {
        label: None,
        coding_agent: Backend::Claude,
        multiplexer: MultiplexerKind::Tmux,
        pane: Pane {
            server: ServerId { socket: "/nowhere".to_owned(), pid: 1, started: 1 },
            session: "s".to_owned(),
            window: "@1".to_owned(),
            id: PaneId::new("%1"),
            pid: 2,
        },
        now: now(),
    };
    let made = storage.create_fleet(&request).await.unwrap();
    let registration = Registration {
        fleet: made.fleet.id,
        name: "ada".to_owned(),
        description: "reads".to_owned(),
        skills: "[]".to_owned(),
        now: now(),
    };
    let Ok(Registered::Agent(Agent { id, .. })) = storage.register_agent(&registration).await else {
        panic!("the agent is not registered")
    };
    (made.fleet.id, made.fleet.director, id)
}

#[tokio::test]
async fn the_floor_of_the_benchmark_executes_what_the_commands_execute() {
    let home = tempfile::TempDir::new().unwrap();
    let file = home.path().join("cafleet.db").display().to_string();
    let mut ids = None;
    statements_of(&file, async |storage| ids = Some(fleet(storage).await)).await;
    let (fleet, from, to) = ids.unwrap();
    let inspection = statements::INSPECTION.join("; ");
    let request = SendRequest { fleet, from, to, text: "hello".to_owned(), now: now() };
    let mut sent = None;
    let heard = statements_of(&file, async |storage| sent = Some(storage.send(&request).await)).await;
    let Some(Ok(Sent::Stored(stored))) = sent else { panic!("not sent: {sent:?}") };
    let expected = [&inspection, statements::BEGIN, statements::PARTIES, statements::INSERT_TASK, statements::COMMIT];
    assert_eq!(heard, expected);
    let mut inbox = None;
    let heard = statements_of(&file, async |storage| inbox = Some(storage.inbox(fleet, to).await)).await;
    assert_eq!(inbox, Some(Ok(Some(vec![stored.task.clone()]))));
    assert_eq!(heard, [&inspection, statements::INBOX]);
    let task = stored.task.id;
    let mut done = None;
    let heard =
        statements_of(&file, async |storage| done = Some(storage.acknowledge(fleet, to, task, now()).await)).await;
    assert!(matches!(done, Some(Ok(Acknowledged::Done(_)))), "{done:?}");
    let expected = [&inspection, statements::BEGIN, statements::FIND_TASK, statements::ACKNOWLEDGE, statements::COMMIT];
    assert_eq!(heard, expected);
}
