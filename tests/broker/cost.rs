//! What things cost: supervision for an hour, in characters that agents' models read, and a message, in calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cafleet_adapters::sqlite::StatementObserver;
use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{Broker, MonitorRun, Options, Ports};
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::AgentId;
use cafleet_domain::ports::storage::TaskStore;
use cafleet_tests::doubles::{SteppedMultiplexer, Steps};
use cafleet_tests::workspace;

use crate::world::{MAX_TEXT_LEN, Seat, World};

const TICK: u64 = 5;
const HOUR: u64 = 3600;

/// How often a busy member is written to.
const PAUSE: u64 = 300;

/// A fleet whose member has reported and has nothing to do.
struct Hour {
    world: World,
    fleet: FleetDetail,
    seat: Seat,
    run: MonitorRun,
}

impl Hour {
    async fn begin() -> Self {
        let world = World::new();
        let (fleet, _screen) = world.fleet().await;
        let seat = world.member(&fleet, "Ada", Backend::CLAUDE).await;
        let run = world.broker().supervisor.start(fleet.fleet.id, 4821, 5, &|_| true).await.expect("a run");
        let hour = Self { world, fleet, seat, run };
        hour.write(hour.seat.agent.id, hour.fleet.director.id, "ready").await;
        hour
    }

    /// Sends a message, which its recipient acknowledges at once.
    async fn write(&self, from: AgentId, to: AgentId, text: &str) {
        let (broker, fleet) = (self.world.broker(), self.fleet.fleet.id);
        let sent = broker.mailbox.send(fleet, from, to, text.to_owned()).await.expect("a message");
        broker.mailbox.acknowledge(fleet, to, sent.task.id).await.expect("an acknowledgement");
    }

    /// Lets an hour pass, with `each` said every five minutes and answered, and returns how many characters were typed
    /// into the Director's pane and into the member's.
    async fn pass(mut self, each: Option<&str>) -> [usize; 2] {
        let panes = ["%0".to_owned(), self.seat.pane.clone()];
        let typed = |world: &World| panes.each_ref().map(|pane| world.received(pane).chars().count());
        let before = typed(&self.world);
        for second in (TICK..=HOUR).step_by(5) {
            self.world.clock.advance(Duration::from_secs(TICK));
            self.world.broker().supervisor.tick(&mut self.run).await.expect("a tick");
            if let (Some(text), true) = (each, second.is_multiple_of(PAUSE)) {
                let (director, member) = (self.fleet.director.id, self.seat.agent.id);
                self.write(director, member, text).await;
                self.write(member, director, text).await;
            }
        }
        let after = typed(&self.world);
        [after[0] - before[0], after[1] - before[1]]
    }
}

#[tokio::test]
async fn an_hour_costs_what_the_page_says() {
    let idle = Hour::begin().await.pass(None).await;
    let busy = Hour::begin().await.pass(Some(&"x".repeat(200))).await;
    let page = workspace::file("docs/src/agents.md").text;
    let rows = [
        ("an idle member", idle[1]),
        ("a member that gets a message of 200 characters every five minutes", busy[1]),
        ("the Director of an idle member", idle[0]),
        ("the Director of the busy one", busy[0]),
    ];
    let rows = rows.map(|(who, characters)| format!("| {who} | {characters} |"));
    let missing: Vec<&String> = rows.iter().filter(|row| !page.contains(*row)).collect();
    assert!(missing.is_empty(), "docs/src/agents.md should have the rows {missing:#?}");
}

/// What a message to an agent at rest takes.
#[derive(Debug, PartialEq)]
struct Calls {
    of_multiplexer: usize,
    write_locks: usize,
    reads: usize,
}

/// Sends a message to an agent that shows at once what is typed, and counts.
async fn calls_of_a_send(backend: Backend) -> Calls {
    let world = World::new();
    let (fleet, _screen) = world.fleet().await;
    let seat = world.member(&fleet, "Ada", backend).await;
    let (steps, heard) = (Steps::default(), Arc::new(Mutex::new(Vec::new())));
    let hear = Arc::clone(&heard);
    let observer = StatementObserver::new(move |sql| hear.lock().expect("a list").push(sql.to_owned()));
    let storage = world.database.storage().observed_by(observer);
    // the first use of the file looks at its schema
    storage.inbox(fleet.fleet.id, seat.agent.id).await.expect("an answer");
    heard.lock().expect("a list").clear();
    let ports = Ports {
        storage: Arc::new(storage),
        multiplexer: Arc::new(SteppedMultiplexer::new(Arc::new(world.multiplexer.clone()), steps.clone())),
        ..world.ports()
    };
    let broker = Broker::new(&ports, &Options::previewing(MAX_TEXT_LEN));
    let sent = broker.mailbox.send(fleet.fleet.id, fleet.director.id, seat.agent.id, "hello".to_owned()).await;
    assert!(sent.expect("a message").delivery.is_submitted());
    let statements = heard.lock().expect("a list").clone();
    Calls { of_multiplexer: steps.calls().len(), write_locks: write_locks(&statements), reads: reads(&statements) }
}

/// Counts transactions, and the statements that write without one.
fn write_locks(statements: &[String]) -> usize {
    outside_transactions(statements).filter(|sql| !sql.starts_with("SELECT")).count()
}

/// Counts the statements that read and wait for nobody.
fn reads(statements: &[String]) -> usize {
    outside_transactions(statements).filter(|sql| sql.starts_with("SELECT")).count()
}

/// Returns the statements, a transaction by the one that begins it.
fn outside_transactions(statements: &[String]) -> impl Iterator<Item = &String> {
    let mut is_inside = false;
    statements.iter().filter(move |sql| {
        let was_inside = is_inside;
        is_inside = sql.starts_with("BEGIN") || (was_inside && *sql != "COMMIT");
        !was_inside
    })
}

#[tokio::test]
async fn a_message_takes_the_calls_that_the_page_says() {
    let calls = calls_of_a_send(Backend::CLAUDE).await;
    for other in [Backend::CODEX, Backend::OPENCODE] {
        assert_eq!(calls_of_a_send(other).await, calls, "{other} takes as many as claude");
    }
    let page = workspace::file("docs/src/contributing.md").text;
    let rows = [
        ("a message to an agent at rest: calls of the multiplexer", calls.of_multiplexer),
        ("a message to an agent at rest: times that it takes the write lock", calls.write_locks),
        ("a message to an agent at rest: reads without the lock", calls.reads),
    ];
    let is_said = |(what, count): &(&str, usize)| {
        let row = page.lines().find(|line| line.starts_with(&format!("| {what} |")));
        row.is_some_and(|row| row.ends_with(&format!("| {count} |")))
    };
    let missing: Vec<&(&str, usize)> = rows.iter().filter(|row| !is_said(row)).collect();
    assert!(missing.is_empty(), "docs/src/contributing.md should say, in the last column, {missing:#?}");
}
