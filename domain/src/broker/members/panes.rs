//! The panes that carry agents, those included whose agent or fleet is gone.

use crate::agent::{Agent, PlacedAgent};
use crate::backend::Backend;
use crate::broker::BrokerError;
use crate::fleet::FleetRef;
use crate::id::{AgentId, FleetId};
use crate::join::join_all;
use crate::placement::Pane;
use crate::ports::{Look, MultiplexerError};

use super::creation::parse_tag;
use super::{Members, PaneState, Roll, Target};

/// Whose pane it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaneOwner {
    /// An agent of a live fleet has it.
    Agent {
        /// The agent.
        agent: Agent,
        /// What it is, as far as is known.
        backend: Backend,
    },
    /// It was opened for an agent that has left it.
    Former {
        /// The fleet.
        fleet: FleetRef,
        /// The agent.
        agent: AgentId,
        /// Its name.
        name: String,
    },
    /// It was opened for an agent that this database does not know, with this mark.
    Unknown(String),
}

/// A pane that carries an agent, or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentPane {
    /// The pane.
    pub pane: Pane,
    /// Whose it is.
    pub owner: PaneOwner,
    /// Whether it is there.
    pub state: PaneState,
    /// The program in front; empty when that is not known.
    pub program: String,
}

impl Members {
    /// Returns the panes of all agents of live fleets, and those that were opened for agents which have left them, as far as
    /// their servers are known: from the agents of live fleets, from the calling process, and from `hints`, panes whose
    /// servers are asked too.
    ///
    /// # Errors
    /// As the store says. A server that does not answer is no error: its panes are `Unknown`.
    pub async fn list_panes(&self, hints: &[Pane]) -> Result<Vec<AgentPane>, BrokerError> {
        let placed = self.placed_agents().await?;
        let own = self.multiplexer.caller().await.ok().flatten();
        let panes = placed.iter().map(|(pane, _)| pane);
        let roll = self.complete(Roll::default(), panes.chain(&own).chain(hints)).await;
        let mut found = Vec::new();
        for (pane, owner) in placed {
            let state = roll.state(Some(&pane));
            found.push(AgentPane { pane, owner, state, program: String::new() });
        }
        for (pane, tag) in roll.all_tagged() {
            if found.iter().all(|known| !known.pane.is_same(pane)) {
                let owner = self.former_owner(tag).await?;
                found.push(AgentPane { pane: pane.clone(), owner, state: PaneState::Alive, program: String::new() });
            }
        }
        let programs = join_all(found.iter().map(|known| self.program_in(known))).await;
        for (known, program) in found.iter_mut().zip(programs) {
            known.program = program;
        }
        Ok(found)
    }

    /// Ends the agent in a pane, as [`Members::delete`] does, and closes it; whatever else is in the pane is ended
    /// without being asked. The agent stays registered.
    ///
    /// # Errors
    /// As the ports say. A pane that is gone is no error.
    pub async fn close_pane(&self, known: &AgentPane) -> Result<(), BrokerError> {
        if let PaneOwner::Agent { agent, .. } = &known.owner {
            let placed = self.storage.find_agent(agent.fleet, agent.id).await?;
            let target = placed.as_ref().and_then(Target::of).filter(|target| target.pane.is_same(&known.pane));
            if let Some(target) = target {
                return self.end_agent(&target).await.map(drop);
            }
        }
        self.kill_pane(&known.pane).await.map(drop)
    }

    /// Returns the panes of the agents of all live fleets.
    async fn placed_agents(&self) -> Result<Vec<(Pane, PaneOwner)>, BrokerError> {
        let mut placed = Vec::new();
        for fleet in self.storage.list_fleets().await? {
            let id: FleetId = fleet.fleet.id;
            let director = self.storage.find_fleet(id).await?;
            let director = director.map(|detail| PlacedAgent { agent: detail.director, placement: detail.placement });
            let members = self.storage.list_members(id).await?.unwrap_or_default().into_iter().map(PlacedAgent::from);
            placed.extend(director.into_iter().chain(members).filter_map(|PlacedAgent { agent, placement }| {
                let placement = placement?;
                Some((placement.pane?, PaneOwner::Agent { agent, backend: placement.coding_agent }))
            }));
        }
        Ok(placed)
    }

    /// Returns for whom a pane with this mark was opened.
    async fn former_owner(&self, tag: &str) -> Result<PaneOwner, BrokerError> {
        let unknown = || PaneOwner::Unknown(tag.to_owned());
        let Some((fleet, agent)) = parse_tag(tag) else { return Ok(unknown()) };
        // the number alone may be that of a fleet in another database
        let of_this = self.storage.find_fleet(fleet.id).await?.filter(|found| found.fleet.reference() == fleet);
        if of_this.is_none() {
            return Ok(unknown());
        }
        let found = self.storage.find_agent(fleet.id, agent).await?;
        Ok(found.map_or_else(unknown, |found| PaneOwner::Former { fleet, agent, name: found.agent.name }))
    }

    async fn program_in(&self, known: &AgentPane) -> String {
        if known.state != PaneState::Alive {
            return String::new();
        }
        let seen: Result<Look, MultiplexerError> = self.multiplexer.look(&known.pane).await;
        match seen {
            Ok(Look::Seen(view)) if !view.dead => view.front.command,
            _ => String::new(),
        }
    }
}
