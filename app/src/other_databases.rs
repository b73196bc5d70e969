//! Other databases of this user, for what their processes have left in a pane.

use std::path::Path;

use async_trait::async_trait;
use cafleet_domain::broker::Broker;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{OtherStores, StorageError};

/// Puts the use cases on the database at a path.
pub(crate) type Open = Box<dyn Fn(&str) -> Result<Broker, StorageError> + Send + Sync>;

/// Opens databases by their paths.
pub(crate) struct OtherDatabases {
    open: Open,
}

impl OtherDatabases {
    pub(crate) fn new(open: Open) -> Self {
        Self { open }
    }

    /// Opens a database; none is made where there is none any more.
    fn open(&self, store: &str) -> Result<Option<Broker>, StorageError> {
        if !Path::new(store).is_file() {
            return Ok(None);
        }
        (self.open)(store).map(Some)
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
