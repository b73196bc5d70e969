//! The one way by which anything is typed into a pane: claim, gate, paste, echo, conditional Enter, verification.
//!
//! What may be typed when is decided in [`gate`]. No step sleeps for a fixed time; each waits for something that it sees. Escape is
//! never sent: it aborts turns.

mod choosing;
mod claiming;
mod composing;
mod echo;
mod entering;
mod finishing;
mod gate;
mod looking;
mod resting;

use std::sync::Arc;

use crate::keystroke::Keystroke;
use crate::ports::storage::{AgentStore, ClaimStore};
use crate::ports::{Clock, PaneIo, PaneLeases};
use crate::profile::Profile;
use crate::program::Programs;
use crate::screen::{Patterns, Reading};

use super::refusal::Refusal;
use super::target::Target;
use super::{Options, Ports};

pub use choosing::{Chosen, Wanted};
pub(crate) use claiming::Claimed;
pub(crate) use composing::{Admitted, Uncomposed};

/// Types into panes.
#[derive(Clone)]
pub struct PaneTyper {
    claims: Arc<dyn ClaimStore>,
    agents: Arc<dyn AgentStore>,
    panes: Arc<dyn PaneIo>,
    leases: Arc<dyn PaneLeases>,
    clock: Arc<dyn Clock>,
    programs: Arc<Programs>,
    glimpses: Arc<resting::Glimpses>,
}

impl PaneTyper {
    pub(crate) fn new(ports: &Ports, options: &Options) -> Self {
        Self {
            claims: ports.storage.clone(),
            agents: ports.storage.clone(),
            panes: ports.multiplexer.clone(),
            leases: Arc::clone(&ports.leases),
            clock: Arc::clone(&ports.clock),
            programs: Arc::clone(&options.programs),
            glimpses: Arc::default(),
        }
    }

    /// Returns what must be known of the agent's program in order to type to it.
    fn profile(&self, target: &Target) -> &Profile {
        &self.programs.of(target.backend).profile
    }

    /// Returns how the screen of the agent's program is read.
    fn patterns(&self, target: &Target) -> &Patterns {
        &self.programs.of(target.backend).patterns
    }

    /// Fails where a turn runs in which Enter may not be pressed.
    fn leaves_turn_alone(&self, target: &Target, reading: &Reading) -> Result<(), Refusal> {
        gate::leaves_turn_alone(self.profile(target).mid_turn, reading)
    }

    /// Types a text into the composer and submits it, whichever agent is found to be there.
    pub(crate) async fn tell(&self, target: &Target, keys: &Keystroke) -> Result<(), Refusal> {
        match self.tell_target(target, keys).await {
            Err(Refusal::OtherAgent(other)) => self.tell_target(&target.clone().with_backend(other), keys).await,
            told => told,
        }
    }

    async fn tell_target(&self, target: &Target, keys: &Keystroke) -> Result<(), Refusal> {
        let claimed = self.claim(target).await?;
        let typed = async {
            let admitted = self.admitted(&claimed, keys).await?;
            let keys = admitted.keys.clone();
            let condition = self.compose(&claimed, admitted).await?;
            match self.press_enter(&claimed, &keys, condition).await {
                // What was told made it ask, as far as can be seen.
                Err(Refusal::Asking) => Ok(()),
                pressed => pressed,
            }
        };
        let typed = typed.await;
        self.release(claimed).await;
        typed
    }
}
