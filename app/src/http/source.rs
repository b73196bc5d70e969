//! The database under the server, which may be replaced or deleted while it runs.

use std::sync::Arc;

use cafleet_domain::broker::{Broker, BrokerError};
use cafleet_domain::ports::{Maintenance, PaneWatcher, StorageError, StoreIdentity};
use cafleet_domain::viewer::Viewer;
use tokio::sync::RwLock;

use crate::composition::Adapters;
use crate::settings::Settings;

/// The use cases on a store, each on a connection of its own: a writer that waits for its turn holds up no reader.
pub(super) struct Opened {
    /// For those who ask.
    pub(super) viewer: Viewer,
    /// For the one who waits for changes.
    pub(super) watcher: Viewer,
    /// For those who change something.
    pub(super) broker: Broker,
    /// For those who look at a pane.
    pub(super) panes: Arc<dyn PaneWatcher>,
    /// Which store it is.
    pub(super) identity: StoreIdentity,
    stores: [Arc<dyn Maintenance>; 3],
}

impl Opened {
    async fn close(&self) {
        for store in &self.stores {
            // What could not be closed is gone with the process.
            let _ = store.close().await;
        }
    }
}

/// The way to the database.
pub(super) struct Source {
    settings: Settings,
    place: Arc<dyn Maintenance>,
    opened: RwLock<Option<Arc<Opened>>>,
}

impl Source {
    /// Prepares the way; nothing is opened before the first use.
    pub(super) fn new(settings: Settings) -> Result<Self, StorageError> {
        let place = Adapters::new(&settings)?.maintenance;
        Ok(Self { settings, place, opened: RwLock::new(None) })
    }

    /// Returns the use cases on the file that is there now. The first call creates a database where there is none.
    ///
    /// # Errors
    /// When the file was deleted since, or is not one that can be used. The next call looks again.
    pub(super) async fn opened(&self) -> Result<Arc<Opened>, BrokerError> {
        if let Some(opened) = self.opened.read().await.as_ref() {
            match self.place.identity() {
                Some(found) if found == opened.identity => {
                    // another version may have upgraded it in its place
                    opened.stores[0].verify().await?;
                    return Ok(Arc::clone(opened));
                }
                Some(_) => {}
                None => {
                    let path = self.place.location();
                    return Err(StorageError::Unavailable(format!(
                        "database {path} was deleted; bring it back with 'cafleet db restore <backup>'"
                    ))
                    .into());
                }
            }
        }
        self.reopen().await
    }

    async fn reopen(&self) -> Result<Arc<Opened>, BrokerError> {
        let mut slot = self.opened.write().await;
        if let Some(opened) = slot.as_ref()
            && self.place.identity().as_ref() == Some(&opened.identity)
        {
            return Ok(Arc::clone(opened));
        }
        let settings = &self.settings;
        let (viewer, watcher, broker) =
            (Adapters::new(settings)?, Adapters::watching(settings)?, Adapters::new(settings)?);
        let stores = [&viewer, &watcher, &broker].map(|adapters| Arc::clone(&adapters.maintenance));
        let viewer = viewer.viewer();
        // The first use opens the file, and says what is wrong with it.
        viewer.fleets().await?;
        let deleted = || StorageError::Unavailable("the database was deleted".to_owned());
        let identity = self.place.identity().ok_or_else(deleted)?;
        let (panes, broker) = (Arc::clone(&broker.watcher), broker.broker(&self.settings));
        // opened later, it could make a file in the place of one that was deleted meanwhile
        broker.fleets.list().await?;
        let opened = Arc::new(Opened { viewer, watcher: watcher.viewer(), broker, panes, identity, stores });
        if let Some(old) = slot.replace(Arc::clone(&opened)) {
            old.close().await;
        }
        Ok(opened)
    }

    /// Closes the database.
    pub(super) async fn close(&self) {
        if let Some(opened) = self.opened.write().await.take() {
            opened.close().await;
        }
    }
}
