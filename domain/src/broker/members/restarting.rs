//! Starting a member again whose program has ended: it keeps its id, name and inbox.

use std::path::PathBuf;

use crate::agent::{Agent, AgentKind};
use crate::broker::{BrokerError, required};
use crate::id::{AgentId, FleetId};
use crate::placement::{Pane, Placement};
use crate::ports::{LaunchOptions, Look};
use crate::prompt::{self, PromptIds};

use super::{MemberSpec, Members, Roll, Target, tag};

impl Members {
    /// Starts a member's program again in a new pane, with the backend, the model and the directory that it was created with,
    /// once it is proven that its old pane is gone. With `force` what lives there is asked to leave, and ended. `directory` is
    /// where members start of which an older version did not record it.
    ///
    /// # Errors
    /// `AgentNotFound`, `NoPlacement`, `PendingPlacement`, `DirectorMoves`, `MemberLives`, `DirectorPaneGone`; as the ports
    /// say, also when nothing is known of the old pane. The member is as it was then, but its old pane may have been closed.
    pub async fn restart(
        &self,
        fleet: FleetId,
        agent: AgentId,
        force: bool,
        directory: PathBuf,
    ) -> Result<(Agent, Placement), BrokerError> {
        let placed = self.member(fleet, agent).await?;
        if placed.agent.kind == AgentKind::Director {
            return Err(BrokerError::DirectorMoves(agent));
        }
        let old = self.target(fleet, agent, "restart").await?;
        let placement = placed.placement.ok_or(BrokerError::NoPlacement(agent))?;
        let detail = required::fleet(self.storage.as_ref(), fleet).await?;
        let ids = PromptIds { fleet: detail.fleet.reference(), agent, director: detail.director.id };
        let beside = self.director_pane(fleet, ids.director).await?;
        let spec = MemberSpec {
            name: placed.agent.name.clone(),
            description: placed.agent.description.clone(),
            coding_agent: placement.coding_agent,
            model: placement.model,
            prompt: None,
            directory: placement.directory.unwrap_or(directory),
        };
        self.launcher(spec.coding_agent)?.check(&LaunchOptions { model: spec.model.clone() }).await?;
        self.vacate(&old, force).await?;
        let placement = match self.started_before(&old, &beside, ids).await {
            Some(pane) => self.move_to(ids, &old.pane, &pane).await?,
            None => self.start_again(&spec, beside, ids, &old.pane).await?,
        };
        // what was given up because the old pane was gone waits for the new one
        self.storage.revive_deliveries(agent, self.clock.now()).await?;
        Ok((placed.agent, placement))
    }

    /// Makes sure that nothing lives in a pane any more.
    async fn vacate(&self, old: &Target, force: bool) -> Result<(), BrokerError> {
        match self.multiplexer.look(&old.pane).await? {
            Look::Seen(view) if !view.dead && !force => {
                Err(BrokerError::MemberLives { agent: old.agent, pane: old.pane.id.clone() })
            }
            Look::Seen(view) if !view.dead => self.end_agent(old).await.map(drop),
            // what its program has left behind may be there
            Look::Seen(_) | Look::Gone(_) => self.kill_pane(&old.pane).await.map(drop),
        }
    }

    /// Returns the pane that an earlier attempt has opened and did not live to record.
    async fn started_before(&self, old: &Target, beside: &Pane, ids: PromptIds) -> Option<Pane> {
        let tag = tag(ids.fleet, ids.agent);
        let roll = self.complete(Roll::default(), [beside]).await;
        let found = roll.all_tagged().find(|(pane, known)| *known == tag && !pane.is_same(&old.pane))?.0.clone();
        match self.multiplexer.look(&found).await {
            Ok(Look::Seen(view)) if !view.dead => Some(found),
            _ => None,
        }
    }

    async fn start_again(
        &self,
        spec: &MemberSpec,
        beside: Pane,
        ids: PromptIds,
        old: &Pane,
    ) -> Result<Placement, BrokerError> {
        let prompt = prompt::restarted(ids, &spec.name, &spec.description);
        let (pane, argv) = self.open_pane(spec, beside, ids, prompt).await.map_err(|failure| failure.cause)?;
        let moved = self.move_to(ids, old, &pane).await;
        self.started(&pane, &argv, moved).await.map_err(|failure| failure.cause)
    }

    /// Records another pane of an agent, unless somebody else has recorded a third one meanwhile: who found the new pane by its
    /// tag may have recorded just that.
    pub(crate) async fn move_to(&self, ids: PromptIds, old: &Pane, new: &Pane) -> Result<Placement, BrokerError> {
        let _recorded_by_whom = self.storage.replace_pane(ids.fleet.id, ids.agent, old, new).await?;
        let placed = required::agent(self.storage.as_ref(), ids.fleet.id, ids.agent).await?;
        match placed.placement {
            Some(placement) if placed.agent.is_active() => match &placement.pane {
                Some(pane) if pane.is_same(new) => Ok(placement),
                _ => Err(BrokerError::PaneReplaced(ids.agent)),
            },
            _ => Err(BrokerError::PaneNotRecorded),
        }
    }
}
