//! Giving a fleet's Director another pane.

use crate::agent::AgentKind;
use crate::agent_in_front::AgentInFront;
use crate::broker::BrokerError;
use crate::fleet::FleetDetail;
use crate::id::FleetId;
use crate::placement::{Pane, Placement};
use crate::ports::{Look, StorageError};
use crate::prompt::PromptIds;

use super::Fleets;

impl Fleets {
    /// Makes the calling pane that of a fleet's Director. Messages wait for it, and new members open beside it. With `force`
    /// the Director's agent may still live in its old pane, which goes on without the fleet, or nothing may be known of it, and the
    /// pane may be that of another fleet's Director.
    ///
    /// # Errors
    /// `FleetNotFound`, `FleetDeleted`, `MoveOutsideMultiplexer`, `PaneInhabited`, `DirectorLives`, `DirectorUnreachable`, and as
    /// the ports say. Nothing was changed then.
    pub async fn move_here(&self, fleet: FleetId, force: bool) -> Result<FleetDetail, BrokerError> {
        let detail = self.show(fleet).await?;
        let placement = detail.placement.as_ref().ok_or(BrokerError::FleetDeleted(fleet))?;
        let pane = self.multiplexer.caller().await?.ok_or(BrokerError::MoveOutsideMultiplexer)?;
        let director = detail.director.id;
        let Some(old) = &placement.pane else {
            return Err(BrokerError::PendingPlacement { agent: director, action: "move" });
        };
        if old.is_same(&pane) {
            return Ok(detail);
        }
        let lease = self.typer.hold_pane(&pane).await?;
        let taken = self.storage.agents_in_pane(&pane).await?.into_iter();
        // one Director may lead several fleets
        if let Some(taken) = taken.map(|taken| taken.agent).find(|agent| !force || agent.kind != AgentKind::Director) {
            return Err(BrokerError::PaneInhabited { pane: pane.id, agent: taken.id, fleet: taken.fleet });
        }
        if !force {
            self.check_left(fleet, placement, old).await?;
        }
        lease.add_store().map_err(StorageError::Unavailable)?;
        let ids = PromptIds { fleet: detail.fleet.reference(), agent: director, director };
        self.members.move_to(ids, old, &pane).await?;
        // what was given up because the old pane was gone waits for the new one
        self.storage.revive_deliveries(director, self.clock.now()).await?;
        self.show(fleet).await
    }

    /// Fails unless it is proven that the Director's agent is not in its pane any more.
    async fn check_left(&self, fleet: FleetId, placement: &Placement, old: &Pane) -> Result<(), BrokerError> {
        let lives = |pane: &Pane| BrokerError::DirectorLives { fleet, pane: pane.id.clone() };
        let view = match self.multiplexer.look(old).await {
            Ok(Look::Gone(_)) => return Ok(()),
            Ok(Look::Seen(view)) => view,
            Err(error) => return Err(BrokerError::DirectorUnreachable { fleet, error }),
        };
        match AgentInFront::classify(&self.programs, &view.foreground, old.pid, placement.agent_process.as_ref()) {
            _ if view.dead => Ok(()),
            AgentInFront::NotProven(why) if why.is_another() => Ok(()),
            AgentInFront::Proven { .. } | AgentInFront::NotProven(_) => Err(lives(old)),
        }
    }
}
