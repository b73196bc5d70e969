//! Other databases of this user, for what their processes have left in a pane.

use std::path::Path;

use async_trait::async_trait;
use cafleet_domain::broker::Broker;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{OtherStores, StorageError};

use crate::composition::{Adapters, database_place};
use crate::settings::Settings;

/// Opens databases by their paths.
#[derive(Debug)]
pub(crate) struct OtherDatabases {
    settings: Settings,
}

impl OtherDatabases {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Opens a database; none is made where there is none any more.
    fn open(&self, store: &str) -> Result<Option<Broker>, StorageError> {
        if !Path::new(store).is_file() {
            return Ok(None);
        }
        let settings = Settings { database_url: database_place(store), ..self.settings.clone() };
        Adapters::new(&settings).map(|adapters| Some(adapters.lone_broker(&settings)))
    }
}

#[async_trait]
impl OtherStores for OtherDatabases {
    async fn finish_in_pane(&self, store: &str, pane: &Pane) -> Result<(), String> {
        let broker = self.open(store).map_err(|error| error.to_string())?;
        let broker = broker.ok_or_else(|| format!("there is no database {store}"))?;
        broker.doorbell.finish_in_pane(pane, None).await.map_err(|error| error.to_string())
    }

    async fn has_agent_in_pane(&self, store: &str, pane: &Pane) -> Result<bool, String> {
        let Some(broker) = self.open(store).map_err(|error| error.to_string())? else { return Ok(false) };
        broker.fleets.has_agent_in_pane(pane).await.map_err(|error| error.to_string())
    }
}
