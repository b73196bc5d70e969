//! Fleets: create, list, show.

use std::path::PathBuf;

use tracing::warn;

use crate::agent::PlacedAgent;
use crate::agent_in_front::AgentInFront;
use crate::backend::Backend;
use crate::broker::members::tag;
use crate::broker::{BrokerError, required};
use crate::fleet::{DIRECTOR_NAME, FleetDetail, FleetRef, FleetSummary};
use crate::id::FleetId;
use crate::placement::{Pane, Placement};
use crate::ports::storage::FleetRequest;
use crate::ports::{LaunchOptions, LaunchRequest, Look, PaneLease, Role, StartRequest, StorageError};
use crate::prompt::{self, PromptIds};
use crate::text::check_name;

use super::Fleets;

impl Fleets {
    /// Creates a fleet whose root Director lives in the calling pane. Without `coding_agent` the agent that is in front of the
    /// pane is recorded; where there is none yet, claude is until another shows itself. `again` says that the pane may be that
    /// of another fleet's Director.
    ///
    /// # Errors
    /// `FleetOutsideMultiplexer`, `PaneTaken`; a label that cannot be shown on one line; and as the ports say.
    pub async fn create(
        &self,
        label: Option<String>,
        coding_agent: Option<Backend>,
        again: bool,
    ) -> Result<FleetDetail, BrokerError> {
        if let Some(label) = &label {
            check_name("label", label)?;
        }
        let pane = self.multiplexer.caller().await?.ok_or(BrokerError::FleetOutsideMultiplexer)?;
        // until the fleet is recorded nobody else makes one here
        let lease = self.typer.hold_pane(&pane).await?;
        if !again {
            self.check_free(&pane, lease.as_ref()).await?;
        }
        lease.add_store().map_err(StorageError::Unavailable)?;
        let coding_agent = match coding_agent {
            Some(named) => named,
            None => self.agent_in_front(&pane).await?.unwrap_or_else(|| self.programs.assumed()),
        };
        let (multiplexer, pane) = (pane.multiplexer, Some(pane));
        let now = self.clock.now();
        Ok(self.storage.create_fleet(&FleetRequest { label, coding_agent, multiplexer, pane, now }).await?)
    }

    /// Returns `true` if an active agent has the pane on record.
    ///
    /// # Errors
    /// As the store says.
    pub async fn has_agent_in_pane(&self, pane: &Pane) -> Result<bool, StorageError> {
        Ok(!self.storage.agents_in_pane(pane).await?.is_empty())
    }

    /// Fails if an agent lives in a pane, of this database or of another one.
    async fn check_free(&self, pane: &Pane, lease: &dyn PaneLease) -> Result<(), BrokerError> {
        if let Some(PlacedAgent { agent, .. }) = self.storage.agents_in_pane(pane).await?.into_iter().next() {
            return Err(BrokerError::PaneTaken { pane: pane.id.clone(), agent: agent.id, fleet: agent.fleet });
        }
        let Some(stores) = &self.other_stores else { return Ok(()) };
        for store in lease.other_stores() {
            let taken = |store| Err(BrokerError::PaneTakenElsewhere { pane: pane.id.clone(), store });
            match stores.has_agent_in_pane(&store, pane).await {
                Ok(false) => {}
                Ok(true) => return taken(store),
                Err(reason) => return taken(format!("{store}: {reason}")),
            }
        }
        Ok(())
    }

    /// Returns which agent is proven to be in front of a pane; none when it is not told by its program.
    async fn agent_in_front(&self, pane: &Pane) -> Result<Option<Backend>, BrokerError> {
        let Look::Seen(view) = self.multiplexer.look(pane).await? else { return Ok(None) };
        Ok(match AgentInFront::classify(&self.programs, &view.foreground, pane.pid, None) {
            AgentInFront::Proven { backend, .. } => backend,
            AgentInFront::NotProven(_) => None,
        })
    }

    /// Creates a fleet and starts its root Director in a pane of its own; takes the fleet back when that fails.
    ///
    /// # Errors
    /// A label that cannot be shown on one line, and as the ports say.
    pub async fn start(
        &self,
        label: Option<String>,
        coding_agent: Backend,
        directory: PathBuf,
    ) -> Result<FleetDetail, BrokerError> {
        if let Some(label) = &label {
            check_name("label", label)?;
        }
        self.members.launcher(coding_agent)?.check(&LaunchOptions::default()).await?;
        let (multiplexer, now) = (self.multiplexer.kind(), self.clock.now());
        let request = FleetRequest { label, coding_agent, multiplexer, pane: None, now };
        let mut detail = self.storage.create_fleet(&request).await?;
        match self.start_director(&detail, coding_agent, directory).await {
            Ok(placement) => {
                detail.placement = Some(placement);
                Ok(detail)
            }
            Err(error) => {
                // the first error is the one that counts
                if let Err(error) = self.storage.delete_fleet(detail.fleet.id, self.clock.now()).await {
                    warn!(fleet = %detail.fleet.id, %error, "a fleet without a Director could not be taken back");
                }
                Err(error)
            }
        }
    }

    /// Starts the Director's program and records its pane; closes the pane again when that fails.
    async fn start_director(
        &self,
        detail: &FleetDetail,
        coding_agent: Backend,
        directory: PathBuf,
    ) -> Result<Placement, BrokerError> {
        let director = detail.director.id;
        let ids = PromptIds { fleet: detail.fleet.reference(), agent: director, director };
        let prompt = prompt::fill(prompt::DIRECTOR_TEMPLATE, ids);
        let request = LaunchRequest {
            fleet: ids.fleet,
            role: Role::Director,
            directory: directory.clone(),
            name: DIRECTOR_NAME.to_owned(),
            model: None,
            prompt,
        };
        let argv = self.members.launcher(coding_agent)?.prepare(&request).await?;
        let request = StartRequest { argv, directory, tag: tag(ids.fleet, director) };
        let pane = self.multiplexer.start(&request).await?;
        let recorded = self.members.record_spawn(ids, &pane).await;
        self.members.started(&pane, &request.argv, recorded).await.map_err(|failure| failure.cause)
    }

    /// Returns the live fleets, newest first.
    ///
    /// # Errors
    /// As the store says.
    pub async fn list(&self) -> Result<Vec<FleetSummary>, BrokerError> {
        Ok(self.storage.list_fleets().await?)
    }

    /// Returns a fleet, live or deleted.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn show(&self, fleet: FleetId) -> Result<FleetDetail, BrokerError> {
        required::fleet(self.storage.as_ref(), fleet).await
    }

    /// Returns the fleet that a command names. A number alone is taken as it is; a key must be that of the fleet.
    ///
    /// # Errors
    /// `OtherFleet` when this database has no such fleet, or another one under the number; and as the store says.
    pub async fn resolve(&self, named: FleetRef) -> Result<FleetId, BrokerError> {
        if named.key.is_some() {
            let found = self.storage.find_fleet(named.id).await?;
            if found.is_none_or(|found| found.fleet.key != named.key) {
                return Err(BrokerError::OtherFleet(named));
            }
        }
        Ok(named.id)
    }
}
