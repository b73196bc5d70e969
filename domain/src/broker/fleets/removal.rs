//! Deleting a fleet, and what becomes of the panes in which its agents live.

use crate::agent::PlacedAgent;
use crate::broker::target::Target;
use crate::broker::{BrokerError, Inhabitant, required};
use crate::fleet::FleetDetail;
use crate::id::FleetId;
use crate::join::join_all;
use crate::process::LeftBehind;

use super::Fleets;

/// What is to become of the panes of agents that are deregistered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OpenPanes {
    /// Nobody is deregistered while there are any.
    #[default]
    Refuse,
    /// Their agents are asked to leave, and ended when they do not.
    Close,
    /// They go on, without a fleet.
    Leave,
}

/// What became of a deleted fleet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FleetRemoval {
    /// How many agents were deregistered; 0 when it was deleted before.
    pub deregistered: u64,
    /// The panes that were closed.
    pub closed: Vec<Inhabitant>,
    /// The panes that go on.
    pub left: Vec<Inhabitant>,
    /// What goes on without the panes that were closed.
    pub processes: Vec<LeftBehind>,
}

impl Fleets {
    /// Deletes a fleet. The pane of a Director that a person opened by hand in tmux stands in nobody's way and is never
    /// closed. A pane of which nothing is known counts as one in which an agent lives.
    ///
    /// # Errors
    /// `FleetNotFound`; `FleetInhabited` when agents live in panes and these are neither to be closed nor left, or cannot be
    /// closed; and as the ports say. The fleet is then as it was, though some of its panes may have been closed.
    pub async fn delete(&self, fleet: FleetId, panes: OpenPanes) -> Result<FleetRemoval, BrokerError> {
        let detail = self.show(fleet).await?;
        let is_live = detail.fleet.deleted_at.is_none();
        let inhabitants = if is_live { self.inhabitants(&detail).await? } else { Vec::new() };
        let in_the_way = inhabitants.iter().filter(|found| match panes {
            OpenPanes::Refuse => !found.is_persons_own,
            OpenPanes::Close => !found.is_persons_own && !found.can_be_closed(),
            OpenPanes::Leave => false,
        });
        let in_the_way: Vec<Inhabitant> = in_the_way.cloned().collect();
        if !in_the_way.is_empty() {
            return Err(BrokerError::FleetInhabited { fleet, inhabitants: in_the_way });
        }
        let is_closed = |found: &Inhabitant| panes == OpenPanes::Close && found.can_be_closed();
        let (closed, left): (Vec<_>, Vec<_>) = inhabitants.into_iter().partition(is_closed);
        // who ends its own pane does not live to do what comes after
        let own = if closed.is_empty() { None } else { self.multiplexer.caller().await.ok().flatten() };
        let is_own = |found: &&Inhabitant| match (&found.pane, &own) {
            (Some(pane), Some(own)) => pane.is_same(own),
            _ => false,
        };
        let (last, first): (Vec<_>, Vec<_>) = closed.iter().partition(is_own);
        for ended in join_all(first.iter().map(|found| self.end_inhabitant(fleet, found))).await {
            ended?;
        }
        let deleted = self.storage.delete_fleet(fleet, self.clock.now()).await?;
        let deregistered = deleted.ok_or(BrokerError::FleetNotFound(fleet))?;
        for pane in last.iter().filter_map(|found| found.pane.as_ref()) {
            self.members.kill_pane(pane).await?;
        }
        let panes = first.iter().filter_map(|found| found.pane.as_ref());
        let processes = join_all(panes.map(|pane| self.multiplexer.left_behind(pane))).await;
        Ok(FleetRemoval { deregistered, processes: processes.concat(), closed, left })
    }

    /// Returns the agents of a fleet that have panes, or may have.
    async fn inhabitants(&self, detail: &FleetDetail) -> Result<Vec<Inhabitant>, BrokerError> {
        let director = PlacedAgent { agent: detail.director.clone(), placement: detail.placement.clone() };
        let members = self.members.repaired_members(detail.fleet.id).await?.into_iter();
        let agents: Vec<PlacedAgent> = members.map(|(member, _)| member.into()).chain([director]).collect();
        let found = join_all(agents.iter().map(|placed| self.members.inhabitant(placed))).await;
        Ok(found.into_iter().flatten().collect())
    }

    async fn end_inhabitant(&self, fleet: FleetId, found: &Inhabitant) -> Result<(), BrokerError> {
        let placed = required::agent(self.storage.as_ref(), fleet, found.agent).await?;
        // one whose pane has changed since is not ours to end any more
        let target =
            Target::of(&placed).filter(|target| found.pane.as_ref().is_some_and(|pane| pane.is_same(&target.pane)));
        match target {
            Some(target) => self.members.end_agent(&target).await.map(drop),
            None => Ok(()),
        }
    }
}
