//! A person who types into a pane from elsewhere: meanwhile nothing else does.

use crate::broker::BrokerError;
use crate::broker::pane_typer::Claimed;
use crate::id::{AgentId, FleetId};
use crate::ports::PaneLease;
use crate::timestamp::Timestamp;

use super::{Members, Target, refused};

/// A pane that is a person's: its doorbell waits until it is given back, or for a minute.
#[derive(Debug)]
pub struct TakenOver {
    target: Target,
    until: Timestamp,
    lease: Box<dyn PaneLease>,
}

impl Members {
    /// Takes over an agent's pane, as soon as nothing is being typed into it.
    ///
    /// # Errors
    /// `AgentNotFound`, `NoPlacement`, `PendingPlacement`, `Refused` when something is being typed for longer than 8 s, and
    /// as the store says.
    pub async fn take_over(&self, fleet: FleetId, agent: AgentId) -> Result<TakenOver, BrokerError> {
        let target = self.target(fleet, agent, "take over").await?;
        let (until, lease) = match self.typer.claim(&target).await {
            Ok(Claimed { until, lease, .. }) => (until, lease),
            Err(refusal) => return Err(refused(&target, refusal)),
        };
        Ok(TakenOver { target, until, lease })
    }

    /// Gives a pane back: its doorbell rings again.
    pub async fn give_back(&self, taken: TakenOver) {
        let TakenOver { target, until, lease } = taken;
        self.typer.release(Claimed { target: &target, until, lease }).await;
    }
}
