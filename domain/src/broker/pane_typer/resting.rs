//! Whether an agent that seems to rest is known to.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::id::AgentId;
use crate::ports::PaneView;
use crate::screen::{self, Doubt, Glimpse, Reading, Rest};

use super::{PaneTyper, Refusal, Target};

/// How long a gate waits for a second look. Where more is needed, the next attempt compares with this one.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// How often a screen that goes on moving is looked at before it counts as one of an agent at work.
const LOOKS: usize = 3;

/// What panes showed when a rest was not proven yet, for the next attempt of the same process.
#[derive(Debug, Default)]
pub(super) struct Glimpses(Mutex<HashMap<AgentId, Glimpse>>);

impl Glimpses {
    fn of(&self, agent: AgentId) -> Option<Glimpse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&agent).cloned()
    }

    /// Keeps the oldest look as long as nothing has moved since.
    fn keep(&self, agent: AgentId, glimpse: Glimpse) {
        let mut glimpses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = glimpses.entry(agent).or_insert_with(|| glimpse.clone());
        if !known.shows_the_same_as(&glimpse) {
            *known = glimpse;
        }
    }
}

impl PaneTyper {
    /// Fails unless the agent is known to rest; looks again where that can prove it soon. Returns the last look.
    pub(super) async fn require_rest(
        &self,
        target: &Target,
        (mut reading, mut view): (Reading, PaneView),
    ) -> Result<(Reading, PaneView), Refusal> {
        for _ in 0..LOOKS {
            let now = self.clock.now();
            let before = self.glimpses.of(target.agent);
            match screen::rest(self.patterns(target), &view.screen, &reading, now, before.as_ref()) {
                Rest::Proven(_) => return Ok((reading, view)),
                // the caller knows what to do about another state
                Rest::Unproven(Doubt::State(_)) => return Ok((reading, view)),
                Rest::Unproven(Doubt::LookAgain(left)) => {
                    self.glimpses.keep(target.agent, Glimpse::of(&view.screen, now));
                    if left > LONGEST_WAIT {
                        break;
                    }
                    self.clock.sleep(left).await;
                }
            }
            (reading, view) = self.read_screen(target).await?;
        }
        Err(Refusal::RestUnproven)
    }
}
