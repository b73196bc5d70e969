//! What supervision costs in an hour: characters typed into panes, each of which an agent's model reads.

use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::broker::MonitorRun;
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::AgentId;
use cafleet_tests::workspace;

use crate::world::{Seat, World};

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
