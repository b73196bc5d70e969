//! What was seen in the panes of each fleet a moment ago, and who wants to know.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::timestamp::Timestamp;
use cafleet_domain::viewer::Sight;

/// How long somebody who asked for the agents of a fleet counts as interested.
const INTEREST: Duration = Duration::from_secs(10);

/// What an agent was seen doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The last look.
    pub(super) sight: Sight,
    /// Since when it is seen so, whoever looked.
    pub(super) since: Timestamp,
}

/// What was seen in the panes of a fleet, and who wants to know. It is there as long as somebody does.
#[derive(Debug, Default)]
struct Watched {
    seen: HashMap<AgentId, Seen>,
    listeners: usize,
    asked_at: Option<Timestamp>,
}

impl Watched {
    fn is_wanted(&self, now: Timestamp) -> bool {
        self.listeners > 0 || self.asked_at.is_some_and(|at| now >= at && now.since(at) < INTEREST)
    }
}

/// What was seen in the panes of the fleets that somebody wants to know of.
#[derive(Debug, Default)]
pub(super) struct SeenPanes {
    fleets: Mutex<HashMap<FleetId, Watched>>,
}

/// Keeps a fleet wanted: somebody listens to its events.
pub(super) struct Interest {
    panes: Arc<SeenPanes>,
    fleet: FleetId,
}

impl Drop for Interest {
    fn drop(&mut self) {
        if let Some(watched) = self.panes.fleets().get_mut(&self.fleet) {
            watched.listeners = watched.listeners.saturating_sub(1);
        }
    }
}

impl SeenPanes {
    /// Returns what was seen last; nothing when nobody wanted to know until now.
    pub(super) fn of(&self, fleet: FleetId) -> HashMap<AgentId, Seen> {
        self.fleets().get(&fleet).map(|watched| watched.seen.clone()).unwrap_or_default()
    }

    /// Keeps a fleet wanted for a while. Returns `true` if nobody wanted it until now.
    pub(super) fn ask(&self, fleet: FleetId, now: Timestamp) -> bool {
        self.want(fleet, |watched| watched.asked_at = Some(now))
    }

    /// Keeps a fleet wanted until the value is dropped. Returns `true` with it if nobody wanted it until now.
    pub(super) fn listen(self: &Arc<Self>, fleet: FleetId) -> (Interest, bool) {
        let is_new = self.want(fleet, |watched| watched.listeners += 1);
        (Interest { panes: Arc::clone(self), fleet }, is_new)
    }

    fn want(&self, fleet: FleetId, note: impl FnOnce(&mut Watched)) -> bool {
        let mut fleets = self.fleets();
        let is_new = !fleets.contains_key(&fleet);
        note(fleets.entry(fleet).or_default());
        is_new
    }

    /// Takes note of a look, and returns who is doing something else than before. `since` tells when each began, where
    /// that is known.
    pub(super) fn note(
        &self,
        fleet: FleetId,
        sights: Vec<(AgentId, Sight)>,
        since: &HashMap<AgentId, Timestamp>,
        now: Timestamp,
    ) -> Vec<AgentId> {
        let mut fleets = self.fleets();
        let Some(watched) = fleets.get_mut(&fleet) else { return Vec::new() };
        let mut old = std::mem::take(&mut watched.seen);
        let mut changed = Vec::new();
        for (agent, sight) in sights {
            let before = old.remove(&agent).filter(|seen| seen.sight.state == sight.state);
            let since = since.get(&agent).copied().or(before.as_ref().map(|seen| seen.since)).unwrap_or(now);
            if before.is_none_or(|before| before.since != since || before.sight.question != sight.question) {
                changed.push(agent);
            }
            watched.seen.insert(agent, Seen { sight, since });
        }
        changed.extend(old.into_keys());
        changed
    }

    /// Forgets a fleet of which nobody wants to know any more. Returns `true` if it did.
    pub(super) fn forget(&self, fleet: FleetId, now: Timestamp) -> bool {
        let mut fleets = self.fleets();
        let is_wanted = fleets.get(&fleet).is_some_and(|watched| watched.is_wanted(now));
        if !is_wanted {
            fleets.remove(&fleet);
        }
        !is_wanted
    }

    fn fleets(&self) -> MutexGuard<'_, HashMap<FleetId, Watched>> {
        self.fleets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use cafleet_domain::screen::ScreenState;

    use super::*;

    fn fleet() -> FleetId {
        FleetId::try_from(1).expect("an id")
    }

    fn agent(id: i64) -> AgentId {
        AgentId::try_from(id).expect("an id")
    }

    fn at(seconds: u64) -> Timestamp {
        let start: Timestamp = "2026-04-15T10:00:00.123456+00:00".parse().expect("a time");
        start.after(Duration::from_secs(seconds))
    }

    fn sight(state: ScreenState, question: Option<&str>) -> Sight {
        Sight { state: Some(state), rule: "a rule".to_owned(), question: question.map(str::to_owned) }
    }

    #[test]
    fn a_fleet_is_wanted_while_somebody_listens_and_a_while_after_a_question() {
        let panes = Arc::new(SeenPanes::default());
        assert!(panes.ask(fleet(), at(0)), "nobody wanted it before");
        assert!(!panes.ask(fleet(), at(5)));
        assert!(!panes.forget(fleet(), at(14)));
        let (interest, is_new) = panes.listen(fleet());
        assert!(!is_new);
        assert!(!panes.forget(fleet(), at(1000)));
        drop(interest);
        assert!(panes.forget(fleet(), at(1000)));
        let (_interest, is_new) = panes.listen(fleet());
        assert!(is_new, "it was forgotten");
    }

    #[test]
    fn who_does_something_else_has_changed() {
        let panes = SeenPanes::default();
        panes.ask(fleet(), at(0));
        let known = HashMap::new();
        let note = |seconds, sights: &[(i64, ScreenState, Option<&str>)]| {
            let sights = sights.iter().map(|(id, state, question)| (agent(*id), sight(*state, *question))).collect();
            let mut changed = panes.note(fleet(), sights, &known, at(seconds));
            changed.sort_unstable();
            changed.into_iter().map(AgentId::get).collect::<Vec<_>>()
        };
        use ScreenState::{Asking, AtRest, Working};
        assert_eq!(note(0, &[(3, AtRest, None), (4, Working, None)]), [3, 4], "both are new");
        assert_eq!(note(2, &[(3, AtRest, None), (4, Working, None)]), [] as [i64; 0]);
        assert_eq!(panes.of(fleet())[&agent(3)].since, at(0), "the state lasts");
        assert_eq!(note(4, &[(3, Asking, Some("one?")), (4, Working, None)]), [3]);
        assert_eq!(panes.of(fleet())[&agent(3)].since, at(4));
        assert_eq!(note(6, &[(3, Asking, Some("two?")), (4, Working, None)]), [3], "another question");
        assert_eq!(note(8, &[(3, Asking, Some("two?"))]), [4], "it has no pane any more");
    }

    #[test]
    fn what_is_known_of_the_start_of_a_state_counts() {
        let panes = SeenPanes::default();
        panes.ask(fleet(), at(100));
        let known = HashMap::from([(agent(3), at(7))]);
        panes.note(fleet(), vec![(agent(3), sight(ScreenState::AtRest, None))], &known, at(100));
        assert_eq!(panes.of(fleet())[&agent(3)].since, at(7));
    }

    #[test]
    fn of_a_fleet_that_nobody_wants_nothing_is_kept() {
        let panes = SeenPanes::default();
        let sights = vec![(agent(3), sight(ScreenState::AtRest, None))];
        assert_eq!(panes.note(fleet(), sights, &HashMap::new(), at(0)), []);
        assert_eq!(panes.of(fleet()), HashMap::new());
    }
}
