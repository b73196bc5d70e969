//! Agents: register, list, show, deregister.

use crate::agent::{Agent, AgentKind, PlacedAgent};
use crate::broker::{BrokerError, required};
use crate::id::{AgentId, FleetId};
use crate::name::{is_of_a_role, normalized};
use crate::ports::storage::{Deregistered, Registered, Registration};
use crate::text::{MAX_BODY_BYTES, check_name};

use super::Members;

impl Members {
    /// Registers an agent that has no pane. `skills` is the text of a JSON array, which the caller has checked.
    ///
    /// # Errors
    /// `FleetNotFound`, `FleetDeleted`; a name that cannot be shown on one line; and as the store says.
    pub async fn register_agent(
        &self,
        fleet: FleetId,
        name: String,
        description: String,
        skills: String,
    ) -> Result<Agent, BrokerError> {
        let request = self.registration(fleet, name, description, skills)?;
        registered(fleet, None, self.storage.register_agent(&request).await?)
    }

    /// Returns the active agents of a fleet.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn list_agents(&self, fleet: FleetId) -> Result<Vec<Agent>, BrokerError> {
        self.storage.list_agents(fleet).await?.ok_or(BrokerError::FleetNotFound(fleet))
    }

    /// Returns an agent of the fleet, active or not, as `viewer` sees it.
    ///
    /// # Errors
    /// `NotInFleet` for the viewer, `AgentNotFound` for the target, and as the store says.
    pub async fn show_agent(
        &self,
        fleet: FleetId,
        viewer: AgentId,
        target: AgentId,
    ) -> Result<PlacedAgent, BrokerError> {
        required::agent(self.storage.as_ref(), fleet, viewer).await?;
        self.storage.find_agent(fleet, target).await?.ok_or(BrokerError::AgentNotFound(target))
    }

    /// Deregisters an agent; what it sent and received stays. One that lives in a pane is only deregistered when it is to
    /// be left there.
    ///
    /// # Errors
    /// `NotInFleet`, `DirectorStays`, `AdministratorStays`, `AgentInhabits`, and as the ports say.
    pub async fn deregister_agent(&self, fleet: FleetId, agent: AgentId, leave: bool) -> Result<(), BrokerError> {
        let placed = required::agent(self.storage.as_ref(), fleet, agent).await?;
        if placed.agent.kind == AgentKind::Member
            && !leave
            && let Some(found) = self.inhabitant(&placed).await
        {
            return Err(BrokerError::AgentInhabits(Box::new(found)));
        }
        self.strike_off(fleet, agent).await
    }

    /// Deregisters an agent, whatever lives in its pane.
    pub(super) async fn strike_off(&self, fleet: FleetId, agent: AgentId) -> Result<(), BrokerError> {
        match self.storage.deregister_agent(fleet, agent, self.clock.now()).await? {
            Deregistered::Done => Ok(()),
            Deregistered::Unknown => Err(BrokerError::NotInFleet { agent, fleet }),
            Deregistered::RootDirector => Err(BrokerError::DirectorStays),
            Deregistered::Administrator => Err(BrokerError::AdministratorStays),
        }
    }

    pub(super) fn registration(
        &self,
        fleet: FleetId,
        name: String,
        description: String,
        skills: String,
    ) -> Result<Registration, BrokerError> {
        let name = normalized(&name);
        check_name("name", &name)?;
        if is_of_a_role(&name) {
            return Err(BrokerError::NameOfRole(name));
        }
        if description.len() > MAX_BODY_BYTES {
            return Err(BrokerError::TextTooLong { what: "description", bytes: description.len() });
        }
        Ok(Registration { fleet, name, description, skills, now: self.clock.now() })
    }
}

/// Turns the outcome of a registration into the agent or the error.
pub(crate) fn registered(fleet: FleetId, director: Option<AgentId>, outcome: Registered) -> Result<Agent, BrokerError> {
    match (outcome, director) {
        (Registered::Agent(agent), _) => Ok(agent),
        (Registered::DeletedFleet, _) => Err(BrokerError::FleetDeleted(fleet)),
        (Registered::LooksLike { agent, name }, _) => Err(BrokerError::LooksLike { agent, name }),
        (Registered::NotRootDirector, Some(agent)) => Err(BrokerError::NotRootDirector { agent, fleet }),
        (Registered::UnknownFleet | Registered::NotRootDirector, _) => Err(BrokerError::FleetNotFound(fleet)),
    }
}
