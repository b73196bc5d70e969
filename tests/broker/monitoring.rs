//! The monitor: who owns it, whom it wakes, what it delivers, and about whom it tells the Director.

use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{BrokerError, MonitorEnd, MonitorEvent, MonitorRun, OpenPanes};
use cafleet_domain::delivery::DeliveryState;
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::AgentId;
use cafleet_domain::ports::MultiplexerError;
use cafleet_domain::ports::storage::{MonitorChange, MonitorStore, Unrecognised};
use cafleet_domain::screen::ScreenState;
use cafleet_tests::doubles::{AgentScreen, Fate, Steps};

use crate::world::{Seat, World, until_death};

const PID: i64 = 4821;
const TICK: i64 = 5;

/// A supervised fleet with one member.
struct Watch {
    world: World,
    fleet: FleetDetail,
    director: AgentScreen,
    seat: Seat,
    run: MonitorRun,
}

impl Watch {
    async fn new() -> Self {
        Self::over(Backend::CLAUDE).await
    }

    /// Returns the screens that were counted as not recognised.
    async fn unrecognised(&self) -> Vec<Unrecognised> {
        self.world.database.storage().unrecognised().await.expect("an answer")
    }

    async fn over(backend: Backend) -> Self {
        let world = World::new();
        let (fleet, director) = world.fleet().await;
        let seat = world.member(&fleet, "Ada", backend).await;
        let run = world.broker().supervisor.start(fleet.fleet.id, PID, TICK, &|_| true).await.expect("a run");
        Self { world, fleet, director, seat, run }
    }

    /// Lets another process take over.
    async fn restart(&mut self) {
        self.world.broker().supervisor.stop(&self.run).await.expect("given up");
        let fleet = self.fleet.fleet.id;
        self.run = self.world.broker().supervisor.start(fleet, PID + 1, TICK, &|_| true).await.expect("a run");
    }

    async fn tick(&mut self) -> Vec<MonitorEvent> {
        self.world.broker().supervisor.tick(&mut self.run).await.expect("a tick")
    }

    /// Lets time pass, tick by tick, and returns what the ticks did.
    async fn pass(&mut self, seconds: u64) -> Vec<MonitorEvent> {
        let mut events = Vec::new();
        for _ in 0..seconds.div_ceil(TICK.unsigned_abs()) {
            self.world.clock.advance(Duration::from_secs(TICK.unsigned_abs()));
            events.extend(self.tick().await);
        }
        events
    }

    async fn send(&self, from: AgentId, to: AgentId, text: &str) -> DeliveryState {
        let report = self.world.broker().mailbox.send(self.fleet.fleet.id, from, to, text.to_owned()).await;
        report.expect("a send").delivery.state
    }

    async fn to_member(&self, text: &str) -> DeliveryState {
        self.send(self.fleet.director.id, self.seat.agent.id, text).await
    }

    /// Whether each message of the Director's inbox is a notice.
    async fn director_notices(&self) -> Vec<bool> {
        let (fleet, director) = (self.fleet.fleet.id, self.fleet.director.id);
        let inbox = self.world.broker().mailbox.poll(fleet, director, None).await.expect("an inbox");
        inbox.into_iter().map(|task| task.is_notice).collect()
    }

    async fn director_inbox(&self) -> Vec<String> {
        let (fleet, director) = (self.fleet.fleet.id, self.fleet.director.id);
        let inbox = self.world.broker().mailbox.poll(fleet, director, None).await.expect("an inbox");
        inbox.into_iter().map(|task| task.text).collect()
    }

    /// Acknowledges everything that waits for the member.
    async fn member_acknowledges(&self) {
        let (fleet, member) = (self.fleet.fleet.id, self.seat.agent.id);
        for task in self.world.broker().mailbox.poll(fleet, member, None).await.expect("an inbox") {
            self.world.broker().mailbox.acknowledge(fleet, member, task.id).await.expect("an acknowledgement");
        }
    }

    fn poll_line(&self, agent: AgentId) -> String {
        format!("cafleet --fleet-id {} message poll --agent-id {agent}", self.fleet.fleet.id)
    }
}

fn pings(events: &[MonitorEvent], agent: AgentId) -> usize {
    events.iter().filter(|event| matches!(event, MonitorEvent::Ping { agent: pinged, .. } if *pinged == agent)).count()
}

#[tokio::test]
async fn one_run_owns_a_fleet_until_its_heartbeat_is_old_or_its_process_dead() {
    let mut watch = Watch::new().await;
    let (broker, fleet) = (watch.world.broker(), watch.fleet.fleet.id);
    let start = |pid, alive: bool| {
        let broker = &broker;
        async move { broker.supervisor.start(fleet, pid, TICK, &move |_| alive).await }
    };
    assert_eq!(start(7, true).await.err(), Some(BrokerError::MonitorRunning(fleet)));
    watch.world.clock.advance(Duration::from_secs(14));
    assert_eq!(start(7, true).await.err(), Some(BrokerError::MonitorRunning(fleet)));
    watch.world.clock.advance(Duration::from_secs(1));
    let second = start(7, true).await.expect("the heartbeat is 15 s old");
    assert_eq!(broker.supervisor.tick(&mut watch.run).await, Err(MonitorEnd::Displaced));
    let third = start(8, false).await.expect("the process is dead");
    broker.supervisor.stop(&second).await.expect("nothing of another run is given up");
    assert_eq!(start(9, true).await.err(), Some(BrokerError::MonitorRunning(fleet)));
    broker.supervisor.stop(&third).await.expect("given up");
    start(9, true).await.expect("nobody owns it");
}

#[tokio::test]
async fn a_displaced_run_that_wakes_up_presses_no_key() {
    let mut watch = Watch::new().await;
    watch.director.turn(ScreenState::AtRest);
    watch.world.clock.advance(Duration::from_secs(100));
    let broker = watch.world.broker();
    let _owner = broker.supervisor.start(watch.fleet.fleet.id, 7, TICK, &|_| true).await.expect("the first one slept");
    assert_eq!(broker.supervisor.tick(&mut watch.run).await, Err(MonitorEnd::Displaced));
    assert_eq!(watch.world.received("%0"), "");
}

#[tokio::test]
async fn the_director_is_woken_at_its_interval_and_a_member_with_nothing_to_do_is_not() {
    let mut watch = Watch::new().await;
    watch.send(watch.seat.agent.id, watch.fleet.director.id, "ready").await;
    assert_eq!(watch.world.submitted("%0").len(), 1, "the preview");
    let (director, member) = (watch.fleet.director.id, watch.seat.agent.id);
    let events = watch.pass(55).await;
    assert_eq!((pings(&events, director), pings(&events, member)), (0, 0));
    let events = watch.pass(5).await;
    assert_eq!((pings(&events, director), pings(&events, member)), (1, 0));
    assert_eq!(watch.world.submitted("%0").last(), Some(&watch.poll_line(director)));
    let events = watch.pass(120).await;
    assert_eq!((pings(&events, director), pings(&events, member)), (2, 0));
    assert_eq!(watch.world.received(&watch.seat.pane), "");
}

#[tokio::test]
async fn a_member_is_woken_when_messages_wait_and_is_told_to_go_on() {
    let mut watch = Watch::new().await;
    let member = watch.seat.agent.id;
    watch.send(member, watch.fleet.director.id, "ready").await;
    watch.to_member("look at this").await;
    let events = watch.pass(60).await;
    assert_eq!(pings(&events, member), 1);
    let wake = format!("{} — then resume your work if something was still running.", watch.poll_line(member));
    assert_eq!(watch.world.submitted(&watch.seat.pane).last(), Some(&wake));
    watch.seat.screen.turn(ScreenState::Working);
    let events = watch.pass(120).await;
    assert_eq!(pings(&events, member), 0, "an agent that works is not woken");
    let skipped: Vec<&MonitorEvent> =
        events.iter().filter(|event| matches!(event, MonitorEvent::Skip { agent, .. } if *agent == member)).collect();
    assert_eq!(skipped.len(), 1, "said once: {skipped:?}");
}

#[tokio::test]
async fn a_member_that_fell_silent_after_a_message_is_woken_when_it_rests_for_an_interval() {
    let mut watch = Watch::new().await;
    let member = watch.seat.agent.id;
    watch.send(member, watch.fleet.director.id, "ready").await;
    watch.world.clock.advance(Duration::from_secs(1));
    watch.to_member("work").await;
    watch.member_acknowledges().await;
    assert_eq!(pings(&watch.pass(60).await, member), 0, "seen at rest for less than an interval");
    assert_eq!(pings(&watch.pass(65).await, member), 1);
    watch.send(member, watch.fleet.director.id, "done").await;
    assert_eq!(pings(&watch.pass(180).await, member), 0, "it has answered since");
}

#[tokio::test]
async fn a_screen_that_is_not_recognised_is_counted_once_for_each_episode() {
    let mut watch = Watch::new().await;
    let counted = async |watch: &Watch| watch.unrecognised().await.iter().map(|screen| screen.times).sum::<u64>();
    for episode in 1..=2 {
        watch.seat.screen.turn(ScreenState::Unknown);
        watch.pass(20).await;
        assert_eq!(counted(&watch).await, episode - 1, "it may be one that is being drawn");
        watch.pass(60).await;
        assert_eq!(counted(&watch).await, episode);
        watch.seat.screen.turn(ScreenState::AtRest);
        watch.pass(20).await;
    }
    let screens = watch.unrecognised().await;
    let versions = screens.iter().filter(|screen| screen.version == "7.0.0").count();
    assert_eq!(versions, 1, "both under what the program says about itself");
}

#[tokio::test]
async fn the_director_hears_of_a_program_that_covers_the_agent_and_it_counts_against_no_version() {
    let mut watch = Watch::new().await;
    let pane = watch.seat.pane.clone();
    watch.world.multiplexer.change(&pane, |pane| "ssh".clone_into(&mut pane.command));
    watch.pass(120).await;
    let told = watch.director_inbox().await;
    assert_eq!(
        told.iter().filter(|text| text.contains("shows a screen that is not recognised")).count(),
        1,
        "{told:?}"
    );
    assert_eq!(watch.unrecognised().await, []);
}

#[tokio::test]
async fn what_was_held_is_delivered_once_when_the_pane_is_free() {
    for obstacle in [ScreenState::Asking, ScreenState::Unknown] {
        let mut watch = Watch::new().await;
        watch.seat.screen.turn(obstacle);
        assert_eq!(watch.to_member("one").await, DeliveryState::Held);
        assert_eq!(watch.to_member("two").await, DeliveryState::Held);
        watch.pass(20).await;
        assert_eq!(watch.world.received(&watch.seat.pane), "", "{obstacle:?}");
        watch.seat.screen.turn(ScreenState::AtRest);
        watch.pass(15).await;
        let submitted = watch.world.submitted(&watch.seat.pane);
        assert_eq!(submitted.len(), 1, "together: {obstacle:?}");
        let bodies: Vec<&str> = submitted[0].lines().skip(1).step_by(2).collect();
        assert_eq!(bodies, ["one", "two"], "{obstacle:?}");
    }
}

#[tokio::test]
async fn a_message_that_was_acknowledged_in_the_meantime_rings_no_more() {
    let mut watch = Watch::new().await;
    watch.seat.screen.turn(ScreenState::Asking);
    watch.to_member("one").await;
    watch.member_acknowledges().await;
    watch.seat.screen.turn(ScreenState::AtRest);
    watch.pass(15).await;
    assert_eq!(watch.world.received(&watch.seat.pane), "");
}

#[tokio::test]
async fn codex_is_rung_only_between_its_turns() {
    let mut watch = Watch::over(Backend::CODEX).await;
    watch.seat.screen.turn(ScreenState::Working);
    assert_eq!(watch.to_member("one").await, DeliveryState::Held);
    watch.pass(20).await;
    assert_eq!(watch.world.received(&watch.seat.pane), "");
    watch.seat.screen.turn(ScreenState::AtRest);
    watch.pass(5).await;
    assert_eq!(watch.world.submitted(&watch.seat.pane).len(), 1);
}

#[tokio::test]
async fn since_when_an_agent_asks_outlives_the_monitor_and_whoever_lists_it() {
    let mut watch = Watch::new().await;
    watch.seat.screen.turn(ScreenState::Asking);
    watch.pass(15).await;
    let fleet = watch.fleet.fleet.id;
    let since = async |watch: &Watch| {
        let members = watch.world.broker().members.list(fleet).await.expect("members");
        assert_eq!(members[0].state, Some(ScreenState::Asking));
        members[0].state_since.expect("a time")
    };
    let begun = since(&watch).await;
    watch.pass(40).await;
    assert_eq!(since(&watch).await, begun);
    watch.restart().await;
    watch.pass(40).await;
    assert_eq!(since(&watch).await, begun, "the next monitor goes on");
    watch.world.clock.advance(Duration::from_secs(90));
    let later = since(&watch).await;
    assert_ne!(later, begun, "for more than a minute nobody looked: it may have been another question");
    watch.pass(15).await;
    watch.pass(40).await;
    assert!(since(&watch).await >= later, "from then on it is known again");
}

#[tokio::test]
async fn the_director_hears_once_of_a_question_that_stands() {
    let mut watch = Watch::new().await;
    watch.send(watch.seat.agent.id, watch.fleet.director.id, "ready").await;
    watch.seat.screen.turn(ScreenState::Asking);
    watch.pass(25).await;
    assert_eq!(watch.director_inbox().await, ["ready"]);
    let events = watch.pass(60).await;
    let told = events.iter().filter(|event| matches!(event, MonitorEvent::Attention { .. })).count();
    assert_eq!(told, 1, "{events:?}");
    let inbox = watch.director_inbox().await;
    let told: Vec<&String> = inbox.iter().filter(|text| text.contains("is asking a question")).collect();
    assert_eq!(told.len(), 1, "{inbox:?}");
    assert!(
        told[0].starts_with("member 3 (Ada) ") && told[0].contains("the end of its screen, quoted:\n"),
        "{}",
        told[0]
    );
    assert_eq!(watch.director_notices().await, [false, true], "what the monitor writes are nobody's words");
    let quoted = told[0].lines().skip(1).filter(|line| !line.is_empty());
    assert!(quoted.clone().count() > 0 && quoted.clone().all(|line| line.starts_with("> ")), "{}", told[0]);
    watch.restart().await;
    watch.pass(60).await;
    let told = watch.director_inbox().await.into_iter().filter(|text| text.contains("is asking a question")).count();
    assert_eq!(told, 1, "the next monitor knows what its predecessor told");
    watch.seat.screen.turn(ScreenState::AtRest);
    watch.pass(15).await;
    watch.seat.screen.turn(ScreenState::Asking);
    watch.pass(60).await;
    let again = watch.director_inbox().await.into_iter().filter(|text| text.contains("is asking a question")).count();
    assert_eq!(again, 2, "a new question is a new episode");
}

#[tokio::test]
async fn the_director_hears_of_a_member_that_never_spoke_and_of_one_that_died() {
    let mut watch = Watch::new().await;
    watch.pass(170).await;
    assert_eq!(watch.director_inbox().await, Vec::<String>::new());
    watch.pass(30).await;
    let inbox = watch.director_inbox().await;
    assert!(matches!(&inbox[..], [told] if told.contains("has sent nothing since")), "{inbox:?}");
    watch.world.multiplexer.close(&watch.seat.pane);
    watch.pass(30).await;
    let inbox = watch.director_inbox().await;
    assert!(matches!(&inbox[..], [_, told] if told == "member 3 (Ada) has lost its pane"), "{inbox:?}");
}

#[tokio::test]
async fn a_run_ends_with_its_fleet_its_director_or_a_silent_multiplexer() {
    let mut watch = Watch::new().await;
    watch.world.broker().fleets.delete(watch.fleet.fleet.id, OpenPanes::Leave).await.expect("deleted");
    assert_eq!(watch.world.broker().supervisor.tick(&mut watch.run).await, Err(MonitorEnd::FleetDeleted));

    let mut watch = Watch::new().await;
    watch.world.multiplexer.close("%0");
    assert_eq!(watch.world.broker().supervisor.tick(&mut watch.run).await, Err(MonitorEnd::DirectorGone));

    let mut watch = Watch::new().await;
    for _ in 0..2 {
        watch.world.multiplexer.fail_next(MultiplexerError::Timeout("tmux".to_owned()));
        let events = watch.tick().await;
        assert!(matches!(&events[..], [MonitorEvent::Trouble(_)]), "{events:?}");
    }
    watch.world.multiplexer.fail_next(MultiplexerError::Timeout("tmux".to_owned()));
    assert_eq!(watch.world.broker().supervisor.tick(&mut watch.run).await, Err(MonitorEnd::MultiplexerSilent));
}

#[tokio::test]
async fn one_bad_pane_does_not_keep_the_others_from_being_rung() {
    let mut watch = Watch::new().await;
    let grace = watch.world.member(&watch.fleet, "Grace", Backend::CLAUDE).await;
    watch.seat.screen.turn(ScreenState::Asking);
    grace.screen.turn(ScreenState::Asking);
    watch.to_member("one").await;
    watch.send(watch.fleet.director.id, grace.agent.id, "two").await;
    watch.world.multiplexer.close(&watch.seat.pane);
    grace.screen.turn(ScreenState::AtRest);
    watch.pass(5).await;
    assert_eq!(watch.world.submitted(&grace.pane).len(), 1);
}

#[tokio::test]
async fn after_a_long_sleep_each_agent_is_woken_at_most_once() {
    let mut watch = Watch::new().await;
    watch.to_member("one").await;
    watch.world.clock.advance(Duration::from_secs(8 * 3600));
    let events = watch.tick().await;
    assert_eq!(pings(&events, watch.fleet.director.id), 1);
    assert_eq!(pings(&events, watch.seat.agent.id), 1);
    let events = watch.tick().await;
    assert_eq!(events.iter().filter(|event| matches!(event, MonitorEvent::Ping { .. })).count(), 0);
}

#[tokio::test]
async fn a_schedule_can_be_changed_and_switched_off() {
    let mut watch = Watch::new().await;
    let (broker, fleet) = (watch.world.broker(), watch.fleet.fleet.id);
    let director = watch.fleet.director.id;
    let change = MonitorChange { interval_seconds: Some(600), enabled: None };
    let config = broker.supervisor.configure(fleet, director, change).await.expect("enrolled");
    assert_eq!((config.interval_seconds, config.enabled, config.last_ping_at), (600, true, None));
    assert_eq!(pings(&watch.pass(300).await, director), 0);
    let change = MonitorChange { interval_seconds: Some(1), enabled: Some(false) };
    broker.supervisor.configure(fleet, director, change).await.expect("enrolled");
    assert_eq!(pings(&watch.pass(300).await, director), 0);
    let refused = broker.supervisor.configure(fleet, watch.fleet.administrator, change).await;
    assert_eq!(refused.err(), Some(BrokerError::NotEnrolled { agent: watch.fleet.administrator, fleet }));
    broker.fleets.delete(fleet, OpenPanes::Leave).await.expect("deleted");
    let refused = broker.supervisor.configure(fleet, director, change).await;
    assert_eq!(refused.err(), Some(BrokerError::MonitorFleetNotFound(fleet)));
}

#[tokio::test]
async fn two_that_talk_in_a_loop_are_rung_seldom_and_the_director_is_told_once() {
    let mut watch = Watch::new().await;
    let grace = watch.world.member(&watch.fleet, "Grace", Backend::CLAUDE).await;
    let (ada, other) = (watch.seat.agent.id, grace.agent.id);
    let mut states = Vec::new();
    for n in 0..30 {
        let (from, to) = if n % 2 == 0 { (ada, other) } else { (other, ada) };
        states.push(watch.send(from, to, &format!("thanks {n}")).await);
    }
    assert!(states[..20].iter().all(|state| *state == DeliveryState::Submitted), "{states:?}");
    assert!(states[20..].iter().all(|state| *state == DeliveryState::Held), "{states:?}");
    let loops = |inbox: Vec<String>| inbox.into_iter().filter(|text| text.contains("talk in a loop")).count();
    assert_eq!(loops(watch.director_inbox().await), 1);
    assert_eq!(watch.send(watch.fleet.director.id, ada, "stop").await, DeliveryState::Submitted, "others get through");
    let rung = watch.world.submitted(&watch.seat.pane).len() + watch.world.submitted(&grace.pane).len();
    watch.pass(40).await;
    let later = watch.world.submitted(&watch.seat.pane).len() + watch.world.submitted(&grace.pane).len();
    assert!((1..=2).contains(&(later - rung)), "one more for the pair in 30 s, not {}", later - rung);
    assert_eq!(
        watch.world.probe().bodies().iter().filter(|body| body.starts_with("thanks")).count(),
        30,
        "nothing is dropped"
    );
}

#[tokio::test]
async fn what_was_given_up_is_rung_again_once_the_pane_proves_to_live() {
    let mut watch = Watch::new().await;
    let pane = watch.seat.pane.clone();
    watch.world.multiplexer.change(&pane, |pane| pane.dead = true);
    let (fleet, director, ada) = (watch.fleet.fleet.id, watch.fleet.fleet.director, watch.seat.agent.id);
    let sent = watch.world.broker().mailbox.send(fleet, director, ada, "hello".to_owned()).await.expect("it is sent");
    assert_eq!(sent.delivery.state, DeliveryState::Failed);
    watch.world.multiplexer.change(&pane, |pane| pane.dead = false);
    watch.restart().await;
    watch.tick().await;
    let delivery = watch.world.delivery(sent.task.id).await.expect("a record");
    assert!(delivery.is_submitted(), "{delivery:?}");
}

#[tokio::test]
async fn what_was_submitted_by_a_sender_that_died_and_read_since_is_settled() {
    let mut watch = Watch::new().await;
    let (fleet, director, ada) = (watch.fleet.fleet.id, watch.fleet.fleet.director, watch.seat.agent.id);
    let steps =
        Steps::new(|step| if (step.call, step.done) == ("submit_if_shown", true) { Fate::Die } else { Fate::GoOn });
    let sender = watch.world.stepped(&steps);
    assert!(until_death(&steps, sender.mailbox.send(fleet, director, ada, "hello".to_owned())).await.is_none());
    let broker = watch.world.broker();
    let task = broker.mailbox.poll(fleet, ada, None).await.expect("an inbox")[0].id;
    broker.mailbox.acknowledge(fleet, ada, task).await.expect("an answer");
    assert_eq!(watch.world.delivery(task).await.expect("a record").state, DeliveryState::Typed);
    watch.tick().await;
    assert!(watch.world.delivery(task).await.expect("a record").is_submitted());
    assert_eq!(watch.world.submitted(&watch.seat.pane).len(), 1);
}

#[tokio::test]
async fn what_stands_in_the_composer_and_was_read_since_wedges_nothing() {
    for stands in [true, false] {
        let mut watch = Watch::new().await;
        let (fleet, director, ada) = (watch.fleet.fleet.id, watch.fleet.fleet.director, watch.seat.agent.id);
        let (pane, screen) = (watch.seat.pane.clone(), watch.seat.screen.clone());
        let asks = screen.clone();
        let steps = Steps::new(move |step| {
            if (step.call, step.done) == ("submit_if_shown", false) {
                asks.turn(ScreenState::Asking);
            }
            Fate::GoOn
        });
        let sender = watch.world.stepped(&steps);
        let sent = sender.mailbox.send(fleet, director, ada, "hello".to_owned()).await.expect("it is sent");
        assert_eq!(sent.delivery.state, DeliveryState::Held);
        let broker = watch.world.broker();
        broker.mailbox.acknowledge(fleet, ada, sent.task.id).await.expect("an answer");
        if !stands {
            watch.world.multiplexer.change(&pane, |pane| pane.composer.clear());
            screen.forget();
        }
        screen.turn(ScreenState::AtRest);
        watch.tick().await;
        broker.members.ping(fleet, ada).await.expect("the composer is free again");
        watch.tick().await;
        assert_eq!(watch.world.probe().being_typed(), 0, "{stands}");
    }
}

#[tokio::test]
async fn a_monitor_that_is_started_while_the_multiplexer_is_unreachable_waits_for_it() {
    let mut watch = Watch::new().await;
    watch.world.multiplexer.fail_next(MultiplexerError::Unreachable("its socket is gone".to_owned()));
    watch.restart().await;
    watch.world.multiplexer.fail_next(MultiplexerError::Unreachable("its socket is gone".to_owned()));
    assert_eq!(watch.tick().await, [MonitorEvent::Trouble("its socket is gone".to_owned())]);
    assert_eq!(watch.tick().await, []);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_ends_no_monitor_and_gives_nothing_up() {
    let mut watch = Watch::new().await;
    for _ in 0..10 {
        watch.world.multiplexer.fail_next(MultiplexerError::Unreachable("tmux runs, but is silent".to_owned()));
        let events = watch.tick().await;
        assert_eq!(events, [MonitorEvent::Trouble("tmux runs, but is silent".to_owned())]);
    }
    let (fleet, director, ada) = (watch.fleet.fleet.id, watch.fleet.fleet.director, watch.seat.agent.id);
    watch.world.multiplexer.fail_next(MultiplexerError::Unreachable("tmux runs, but is silent".to_owned()));
    let sent = watch.world.broker().mailbox.send(fleet, director, ada, "hello".to_owned()).await.expect("it is sent");
    assert_eq!(sent.delivery.state, DeliveryState::Held);
    watch.tick().await;
    assert!(watch.world.delivery(sent.task.id).await.expect("a record").is_submitted());
}
