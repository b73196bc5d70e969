//! Fleets: create, list, show, delete.

use crate::backend::Backend;
use crate::fleet::{FleetDetail, FleetSummary};
use crate::id::FleetId;
use crate::ports::storage::FleetRequest;
use crate::text::check_name;

use super::{Broker, BrokerError};

impl Broker {
    /// Creates a fleet whose root Director lives in the calling pane.
    ///
    /// # Errors
    /// `FleetOutsideMultiplexer`; a label that cannot be shown on one line; and as the ports say.
    pub async fn create_fleet(&self, label: Option<String>, coding_agent: Backend) -> Result<FleetDetail, BrokerError> {
        if let Some(label) = &label {
            check_name("label", label)?;
        }
        let pane = self.multiplexer.caller().await?.ok_or(BrokerError::FleetOutsideMultiplexer)?;
        let multiplexer = pane.multiplexer;
        let now = self.clock.now();
        Ok(self.storage.create_fleet(&FleetRequest { label, coding_agent, multiplexer, pane, now }).await?)
    }

    /// Returns the live fleets, newest first.
    ///
    /// # Errors
    /// As the store says.
    pub async fn list_fleets(&self) -> Result<Vec<FleetSummary>, BrokerError> {
        Ok(self.storage.list_fleets().await?)
    }

    /// Returns a fleet, live or deleted.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn show_fleet(&self, fleet: FleetId) -> Result<FleetDetail, BrokerError> {
        self.storage.find_fleet(fleet).await?.ok_or(BrokerError::FleetNotFound(fleet))
    }

    /// Deletes a fleet and returns how many agents that deregistered; 0 when it was deleted before. Closes no pane.
    ///
    /// # Errors
    /// `FleetNotFound`, and as the store says.
    pub async fn delete_fleet(&self, fleet: FleetId) -> Result<u64, BrokerError> {
        self.storage.delete_fleet(fleet, self.clock.now()).await?.ok_or(BrokerError::FleetNotFound(fleet))
    }
}
