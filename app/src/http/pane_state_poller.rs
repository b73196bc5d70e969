//! What the agents are doing: one look at each pane every few seconds, and only while somebody wants to know.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::ports::Clock;
use tokio::time::timeout;

use super::hub::Hub;
use super::seen_panes::{Interest, Seen, SeenPanes};
use super::source::Source;

/// Between two looks at the panes of a fleet.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Looks at panes in the background: one task for each fleet that somebody wants to know of.
pub(super) struct PaneStatePoller {
    source: Arc<Source>,
    seen: Arc<SeenPanes>,
    clock: Arc<dyn Clock>,
    hub: Arc<Hub>,
}

impl PaneStatePoller {
    /// Makes one that notes in `seen` what it sees in the panes of `source`, and has `hub` tell who changed.
    pub(super) fn new(source: Arc<Source>, seen: Arc<SeenPanes>, clock: Arc<dyn Clock>, hub: Arc<Hub>) -> Self {
        Self { source, seen, clock, hub }
    }

    /// Returns what was seen in the panes of a fleet a moment ago; nothing when nobody wanted to know until now. From
    /// here on somebody does, for a while.
    pub(super) fn asked(self: &Arc<Self>, fleet: FleetId) -> HashMap<AgentId, Seen> {
        if self.seen.ask(fleet, self.clock.now()) {
            self.start(fleet);
        }
        self.seen.of(fleet)
    }

    /// Keeps looking at the panes of a fleet until the value is dropped.
    pub(super) fn listen(self: &Arc<Self>, fleet: FleetId) -> Interest {
        let (interest, is_new) = self.seen.listen(fleet);
        if is_new {
            self.start(fleet);
        }
        interest
    }

    fn start(self: &Arc<Self>, fleet: FleetId) {
        let pane_state_poller = Arc::clone(self);
        tokio::spawn(async move { pane_state_poller.watch(fleet).await });
    }

    /// Looks again and again, as long as somebody wants to know.
    async fn watch(&self, fleet: FleetId) {
        while !self.seen.forget(fleet, self.clock.now()) {
            // what cannot be looked at now may be a moment later; whoever asks is told by the resource what is wrong
            let _not_now = self.look(fleet).await;
            self.clock.sleep(LOOK_EVERY).await;
        }
    }

    /// Looks once, and tells the listeners who is doing something else.
    async fn look(&self, fleet: FleetId) -> Result<(), BrokerError> {
        let opened = self.source.opened().await?;
        let sights = opened.viewer.look(fleet).await?;
        let now = self.clock.now();
        let states: Vec<_> = sights.iter().map(|(agent, sight)| (*agent, sight.state)).collect();
        // by the connection that writes: nobody who reads waits, and what is seen is shown however long a lock is held
        let noted = timeout(LOOK_EVERY, opened.broker.supervisor.note_sights(&states, now)).await;
        let changed = self.seen.note(fleet, sights, &noted.unwrap_or_default(), now);
        if !changed.is_empty() {
            self.hub.tell_states(&opened, fleet, &changed).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use cafleet_domain::ports::MultiplexerError;
    use cafleet_domain::screen::ScreenState;
    use tokio::sync::broadcast::Receiver;

    use super::*;
    use crate::http::event_maker::EventMaker;
    use crate::http::hub::Told;
    use crate::http::test_fleet::{TestFleet, soon, until};

    /// A poller of pane states, and what its hub sends.
    async fn pane_state_poller(fleet: &TestFleet) -> (Arc<PaneStatePoller>, Receiver<Arc<Told>>) {
        let (source, seen) = (fleet.source(), Arc::new(SeenPanes::default()));
        let events = Arc::new(EventMaker::new(Arc::clone(&seen), Arc::clone(&fleet.clock)));
        let hub = Arc::new(Hub::new(Arc::clone(&source), events));
        let told = hub.listen(&source.opened().await.expect("a database")).await.expect("a reader");
        (Arc::new(PaneStatePoller::new(source, seen, Arc::clone(&fleet.clock), hub)), told)
    }

    /// Waits for an event that shows the Director doing something.
    async fn told_of(state: &str, told: &mut Receiver<Arc<Told>>) {
        let expected = format!(r#""state":"{state}""#);
        let coming = async {
            loop {
                match &*told.recv().await.expect("the hub is there") {
                    Told::Event(event) if event.name == "agent" && event.data.contains(&expected) => return,
                    _ => {}
                }
            }
        };
        soon(state, coming).await;
    }

    #[tokio::test]
    async fn who_listens_is_told_of_each_change() {
        let fleet = TestFleet::create().await;
        let (pane_state_poller, mut told) = pane_state_poller(&fleet).await;
        let _interest = pane_state_poller.listen(fleet.id());
        told_of("at_rest", &mut told).await;
        fleet.screen.turn(ScreenState::Working);
        told_of("working", &mut told).await;
        fleet.multiplexer.close("%0");
        told_of("gone", &mut told).await;
    }

    #[tokio::test]
    async fn a_look_that_fails_is_followed_by_another() {
        let fleet = TestFleet::create().await;
        fleet.multiplexer.fail_next(MultiplexerError::Failed("no answer".to_owned()));
        let (pane_state_poller, mut told) = pane_state_poller(&fleet).await;
        let _interest = pane_state_poller.listen(fleet.id());
        told_of("at_rest", &mut told).await;
    }

    #[tokio::test]
    async fn who_asks_is_answered_from_the_second_time_on() {
        let fleet = TestFleet::create().await;
        let (pane_state_poller, _told) = pane_state_poller(&fleet).await;
        assert_eq!(pane_state_poller.asked(fleet.id()), HashMap::new(), "nobody has looked");
        until("a look", || !pane_state_poller.asked(fleet.id()).is_empty()).await;
        let seen = pane_state_poller.asked(fleet.id());
        assert_eq!(seen[&fleet.detail.director.id].sight.state, Some(ScreenState::AtRest));
    }

    #[tokio::test]
    async fn nobody_looks_when_nobody_wants_to_know() {
        let fleet = TestFleet::create().await;
        let (pane_state_poller, mut told) = pane_state_poller(&fleet).await;
        let interest = pane_state_poller.listen(fleet.id());
        told_of("at_rest", &mut told).await;
        drop(interest);
        until("the end of the looks", || pane_state_poller.seen.of(fleet.id()).is_empty()).await;
    }
}
