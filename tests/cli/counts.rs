//! What a command costs, counted rather than timed: statements, threads, files, system calls.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, StatementObserver, Synchronous};
use cafleet_bench::statements;
use cafleet_domain::agent::Agent;
use cafleet_domain::backend::Backend;
use cafleet_domain::id::{AgentId, FleetId, PaneId};
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::Maintenance;
use cafleet_domain::ports::storage::{
    Acknowledged, AgentStore, FleetRequest, FleetStore, Registered, Registration, SendRequest, Sent, TaskStore,
};
use cafleet_domain::timestamp::Timestamp;
use cafleet_tests::environment::{Environment, namespace};

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
        coding_agent: Backend::CLAUDE,
        multiplexer: MultiplexerKind::Tmux,
        pane: Some(Pane {
            multiplexer: MultiplexerKind::Tmux,
            server: ServerId { socket: "/nowhere".to_owned(), pid: 1, started: 1, namespace: namespace() },
            session: "s".to_owned(),
            window: "@1".to_owned(),
            id: PaneId::new("%1"),
            pid: 2,
        }),
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
    let request = SendRequest { fleet, from, to, text: "hello".to_owned(), is_notice: false, now: now() };
    let mut sent = None;
    let heard = statements_of(&file, async |storage| sent = Some(storage.send(&request).await)).await;
    let Some(Ok(Sent::Stored(stored))) = sent else { panic!("not sent: {sent:?}") };
    let expected =
        [&inspection, statements::BEGIN, statements::INSERT_TASK, statements::INSERT_DELIVERY, statements::COMMIT];
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
    let expected = [&inspection, statements::BEGIN, statements::ACKNOWLEDGE, statements::FIND_TASK, statements::COMMIT];
    assert_eq!(heard, expected);
}

/// The system calls of a command and of everything that it starts, as `strace` writes them.
struct Trace(Vec<String>);

impl Trace {
    fn of(environment: &Environment, arguments: &[String]) -> Self {
        let file = environment.path("tmp/trace");
        let command = environment.command(arguments);
        let mut strace = Command::new("strace");
        strace.env_clear().envs(environment.variables()).current_dir(environment.path("work"));
        strace.args(["-f", "-qq", "-o"]).arg(&file).arg("--").arg(command.get_program()).args(command.get_args());
        let output = strace.stdin(Stdio::null()).output().expect("strace is installed; tests/install does that");
        assert!(output.status.success(), "{output:?}");
        let calls = std::fs::read_to_string(&file).unwrap();
        // Without the number of the thread, and without the second half of calls that another thread interrupted.
        let calls = calls.lines().filter_map(|line| line.split_once(' ')).map(|(_, call)| call.trim_start().to_owned());
        Self(calls.filter(|call| !call.starts_with("<...")).collect())
    }

    fn count(&self, names: &[&str]) -> usize {
        self.0.iter().filter(|call| call.split_once('(').is_some_and(|(name, _)| names.contains(&name))).count()
    }

    fn threads(&self) -> usize {
        self.count(&["clone", "clone3", "fork", "vfork"])
    }

    fn programs(&self) -> usize {
        self.count(&["execve", "execveat"])
    }

    fn waits_for_the_disk(&self) -> usize {
        self.count(&["fsync", "fdatasync"])
    }
}

#[test]
fn what_needs_no_database_starts_no_thread_and_opens_none() {
    let environment = Environment::new();
    for arguments in ["--version", "--help", "completions bash"] {
        let arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
        let trace = Trace::of(&environment, &arguments);
        assert_eq!((trace.programs(), trace.threads()), (1, 0), "{arguments:?}");
        assert_eq!(trace.count(&["epoll_create1", "eventfd2", "socketpair"]), 0, "{arguments:?} has a runtime");
        assert!(!trace.0.iter().any(|call| call.contains("cafleet.db")), "{arguments:?} looks for the database");
    }
    assert!(!environment.database().exists());
}

#[test]
fn a_command_has_one_thread_beside_its_own_and_starts_no_program() {
    let (environment, fleet) = Environment::with_fleet();
    for line in ["message send --agent-id @ada --to @grace --text x", "message poll --agent-id @grace", "agent list"] {
        let trace = Trace::of(&environment, &fleet.words(line));
        assert_eq!((trace.programs(), trace.threads()), (1, 1), "{line}");
    }
}

#[test]
fn a_command_waits_for_the_disk_only_when_it_ends_a_log_or_begins_one() {
    let (environment, fleet) = Environment::with_fleet();
    let send = fleet.words("message send --agent-id @ada --to @grace --text x");
    let poll = fleet.words("message poll --agent-id @grace");
    // The new log and its directory; at the end the log and the database.
    assert_eq!(Trace::of(&environment, &send).waits_for_the_disk(), 4);
    assert_eq!(Trace::of(&environment, &poll).waits_for_the_disk(), 0);
    let held_open = environment.open();
    held_open.query_row("SELECT count(*) FROM tasks", [], |row| row.get::<_, i64>(0)).unwrap();
    // The first one begins the log, and nobody ends it.
    assert_eq!(Trace::of(&environment, &send).waits_for_the_disk(), 2);
    assert_eq!(Trace::of(&environment, &send).waits_for_the_disk(), 0);
    let mut full = environment;
    full.set("CAFLEET_SQLITE_SYNCHRONOUS", "full");
    // Each commit: the log, and its directory, for this process cannot know who created it.
    assert_eq!(Trace::of(&full, &send).waits_for_the_disk(), 2);
}
