//! Agents and the panes in which they live: creating, looking, answering, removing.

mod agents;
mod background;
mod creation;
mod inhabitant;
mod input;
mod listing;
mod panes;
mod removal;
mod restarting;
mod roll;
mod taking_over;

use std::sync::Arc;

use crate::agent::PlacedAgent;
use crate::backend::Backend;
use crate::id::{AgentId, FleetId};
use crate::placement::MultiplexerKind;
use crate::ports::{BackendLauncher, Clock, LaunchError, Multiplexer, Storage};
use crate::program::Programs;

use super::refusal::Refusal;
use super::target::Target;
use super::{BrokerError, Mailbox, Options, PaneTyper, Ports};

pub use creation::MemberSpec;
pub(crate) use creation::tag;
pub use inhabitant::Inhabitant;
pub use input::Explanation;
pub use listing::{MemberView, PaneState};
pub use panes::{AgentPane, PaneOwner};
pub use removal::Removal;
pub(crate) use roll::Roll;
pub use taking_over::TakenOver;

/// Looks after agents and their panes.
#[derive(Clone)]
pub struct Members {
    storage: Arc<dyn Storage>,
    multiplexer: Arc<dyn Multiplexer>,
    launchers: Vec<Arc<dyn BackendLauncher>>,
    clock: Arc<dyn Clock>,
    programs: Arc<Programs>,
    typer: PaneTyper,
    mailbox: Mailbox,
}

impl Members {
    pub(crate) fn new(ports: &Ports, options: &Options, typer: PaneTyper, mailbox: Mailbox) -> Self {
        Self {
            storage: Arc::clone(&ports.storage),
            multiplexer: Arc::clone(&ports.multiplexer),
            launchers: ports.launchers.clone(),
            clock: Arc::clone(&ports.clock),
            programs: Arc::clone(&options.programs),
            typer,
            mailbox,
        }
    }

    pub(crate) fn launcher(&self, backend: Backend) -> Result<&dyn BackendLauncher, BrokerError> {
        let found = self.launchers.iter().find(|launcher| launcher.backend() == backend);
        found.map(AsRef::as_ref).ok_or_else(|| LaunchError::BinaryMissing(backend.to_string()).into())
    }

    /// Fails unless the calling process runs inside a multiplexer, or the fleet's Director does not need it to: embedded
    /// terminals are reached from everywhere.
    ///
    /// # Errors
    /// `MemberOutsideMultiplexer`, and as the ports say.
    pub async fn require_multiplexer(&self, fleet: FleetId) -> Result<(), BrokerError> {
        if self.multiplexer.caller().await?.is_some() {
            return Ok(());
        }
        let detail = self.storage.find_fleet(fleet).await?;
        let placement = detail.and_then(|detail| detail.placement);
        if placement.is_some_and(|placement| placement.multiplexer == MultiplexerKind::Pty) {
            return Ok(());
        }
        Err(BrokerError::MemberOutsideMultiplexer)
    }

    /// Returns an active agent of the fleet that has a placement.
    async fn member(&self, fleet: FleetId, agent: AgentId) -> Result<PlacedAgent, BrokerError> {
        let found = self.storage.find_agent(fleet, agent).await?;
        let placed = found.filter(|placed| placed.agent.is_active()).ok_or(BrokerError::AgentNotFound(agent))?;
        if placed.placement.is_none() {
            return Err(BrokerError::NoPlacement(agent));
        }
        Ok(placed)
    }

    async fn target(&self, fleet: FleetId, agent: AgentId, action: &'static str) -> Result<Target, BrokerError> {
        let placed = self.member(fleet, agent).await?;
        Target::of(&placed).ok_or(BrokerError::PendingPlacement { agent, action })
    }
}

fn refused(target: &Target, refusal: Refusal) -> BrokerError {
    match refusal {
        Refusal::Gone => BrokerError::PaneGone { agent: target.agent, pane: target.pane.id.clone() },
        refusal => BrokerError::Refused { agent: target.agent, refusal },
    }
}
