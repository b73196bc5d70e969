//! The database under the server, which may be replaced or deleted while it runs.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

use cafleet_adapters::routing::RoutedWatcher;
use cafleet_adapters::sqlite::SqliteStorage;
use cafleet_domain::broker::{Broker, BrokerError};
use cafleet_domain::ports::StorageError;
use cafleet_domain::viewer::Viewer;
use tokio::sync::RwLock;

use crate::composition::Adapters;
use crate::settings::Settings;

/// Which file it is: device and inode. As long as the file is open no other one gets the same pair.
pub(super) type FileId = (u64, u64);

/// The use cases on a file, each on a connection of its own: a writer that waits for its turn holds up no reader.
pub(super) struct Opened {
    /// For those who ask.
    pub(super) viewer: Viewer,
    /// For the one who waits for changes.
    pub(super) watcher: Viewer,
    /// For those who change something.
    pub(super) broker: Broker,
    /// For those who look at a pane.
    pub(super) panes: RoutedWatcher,
    /// The file.
    pub(super) file: FileId,
    /// Who may do what with the file. What was opened while it could only be read stays so until it is opened again.
    mode: u32,
    stores: [Arc<SqliteStorage>; 3],
}

impl Opened {
    fn is_of(&self, found: (FileId, u32)) -> bool {
        found == (self.file, self.mode)
    }

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
    path: PathBuf,
    opened: RwLock<Option<Arc<Opened>>>,
}

impl Source {
    /// Prepares the way; nothing is opened before the first use.
    pub(super) fn new(settings: Settings) -> Result<Self, StorageError> {
        let path = Adapters::new(&settings)?.storage.path().to_owned();
        Ok(Self { settings, path, opened: RwLock::new(None) })
    }

    /// Returns the use cases on the file that is there now. The first call creates a database where there is none.
    ///
    /// # Errors
    /// When the file was deleted since, or is not one that can be used. The next call looks again.
    pub(super) async fn opened(&self) -> Result<Arc<Opened>, BrokerError> {
        if let Some(opened) = self.opened.read().await.as_ref() {
            match self.found() {
                Some(found) if opened.is_of(found) => {
                    // another version may have upgraded it in its place
                    opened.stores[0].verify().await?;
                    return Ok(Arc::clone(opened));
                }
                Some(_) => {}
                None => {
                    let path = self.path.display();
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
            && self.found().is_some_and(|found| opened.is_of(found))
        {
            return Ok(Arc::clone(opened));
        }
        let settings = &self.settings;
        let (viewer, watcher, broker) =
            (Adapters::new(settings)?, Adapters::watching(settings)?, Adapters::new(settings)?);
        let stores = [&viewer, &watcher, &broker].map(|adapters| Arc::clone(&adapters.storage));
        let viewer = viewer.viewer();
        // The first use opens the file, and says what is wrong with it.
        viewer.fleets().await?;
        let found = self.found().ok_or_else(|| StorageError::Unavailable("the database was deleted".to_owned()));
        let (file, mode) = found?;
        let (panes, broker) = (broker.watcher(), broker.broker(&self.settings));
        // opened later, it could make a file in the place of one that was deleted meanwhile
        broker.fleets.list().await?;
        let opened = Arc::new(Opened { viewer, watcher: watcher.viewer(), broker, panes, file, mode, stores });
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

    /// Returns which file is there, and its mode.
    fn found(&self) -> Option<(FileId, u32)> {
        self.path.metadata().ok().map(|found| ((found.dev(), found.ino()), found.mode()))
    }
}
