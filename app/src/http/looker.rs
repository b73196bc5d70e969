//! What the agents are doing: one look at each pane every few seconds, and only while somebody wants to know.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::timestamp::Timestamp;
use cafleet_domain::viewer::Sight;
use tokio::time::timeout;

use super::Shared;

/// Between two looks at the panes of a fleet.
const LOOK_EVERY: Duration = Duration::from_secs(2);

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

/// Looks at panes in the background: one task for each fleet that somebody wants to know of.
#[derive(Debug, Default)]
pub(super) struct Looker {
    fleets: Mutex<HashMap<FleetId, Watched>>,
}

/// As long as it is there, somebody listens to the events of a fleet.
pub(super) struct Interest {
    shared: Arc<Shared>,
    fleet: FleetId,
}

impl Drop for Interest {
    fn drop(&mut self) {
        let mut fleets = self.shared.looker.fleets();
        if let Some(watched) = fleets.get_mut(&self.fleet) {
            watched.listeners = watched.listeners.saturating_sub(1);
        }
    }
}

impl Looker {
    /// Returns what was seen in the panes of a fleet a moment ago; nothing when nobody wanted to know until now. From
    /// here on somebody does, for a while.
    pub(super) fn asked(&self, shared: &Arc<Shared>, fleet: FleetId) -> HashMap<AgentId, Seen> {
        let now = shared.clock.now();
        self.want(shared, fleet, |watched| watched.asked_at = Some(now));
        self.seen(fleet)
    }

    /// Keeps looking at the panes of a fleet until the value is dropped.
    pub(super) fn listen(&self, shared: &Arc<Shared>, fleet: FleetId) -> Interest {
        self.want(shared, fleet, |watched| watched.listeners += 1);
        Interest { shared: Arc::clone(shared), fleet }
    }

    /// Returns what was seen last.
    pub(super) fn seen(&self, fleet: FleetId) -> HashMap<AgentId, Seen> {
        self.fleets().get(&fleet).map(|watched| watched.seen.clone()).unwrap_or_default()
    }

    fn want(&self, shared: &Arc<Shared>, fleet: FleetId, note: impl FnOnce(&mut Watched)) {
        let mut fleets = self.fleets();
        let is_new = !fleets.contains_key(&fleet);
        note(fleets.entry(fleet).or_default());
        if is_new {
            tokio::spawn(watch(Arc::clone(shared), fleet));
        }
    }

    /// Takes note of a look, and returns who is doing something else than before. `since` tells when each began, where
    /// that is known.
    fn note(
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

    fn fleets(&self) -> MutexGuard<'_, HashMap<FleetId, Watched>> {
        self.fleets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a fleet of which nobody wants to know any more; tells whether it did.
    fn forget(&self, fleet: FleetId, now: Timestamp) -> bool {
        let mut fleets = self.fleets();
        let is_wanted = fleets.get(&fleet).is_some_and(|watched| watched.is_wanted(now));
        if !is_wanted {
            fleets.remove(&fleet);
        }
        !is_wanted
    }
}

/// Looks again and again, and tells the listeners who is doing something else.
async fn watch(shared: Arc<Shared>, fleet: FleetId) {
    while !shared.looker.forget(fleet, shared.clock.now()) {
        if let Ok(opened) = shared.source.opened().await
            && let Ok(sights) = opened.viewer.look(fleet).await
        {
            let now = shared.clock.now();
            let seen: Vec<_> = sights.iter().map(|(agent, sight)| (*agent, sight.state)).collect();
            // by the connection that writes: nobody who reads waits, and what is seen is shown however long a lock is held
            let noted = timeout(LOOK_EVERY, opened.broker.supervisor.note_sights(&seen, now)).await;
            let since = noted.unwrap_or_default();
            let changed = shared.looker.note(fleet, sights, &since, now);
            if !changed.is_empty() {
                shared.hub.tell_states(&shared, &opened, fleet, &changed).await;
            }
        }
        shared.clock.sleep(LOOK_EVERY).await;
    }
}
