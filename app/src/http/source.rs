//! The database under the server, which may be replaced or deleted while it runs.

use std::sync::Arc;

use cafleet_domain::broker::{Broker, BrokerError};
use cafleet_domain::ports::{ChangeFeed, Maintenance, PaneWatcher, StorageError, StoreIdentity};
use cafleet_domain::viewer::Viewer;
use tokio::sync::RwLock;

/// The use cases on a store, each on a connection of its own: a writer that waits for its turn holds up no reader.
pub(super) struct Handles {
    /// For those who ask.
    pub(super) viewer: Viewer,
    /// For the one who waits for changes.
    pub(super) watcher: Viewer,
    /// For those who change something.
    pub(super) broker: Broker,
    /// For those who look at a pane.
    pub(super) panes: Arc<dyn PaneWatcher>,
    /// The connections, to be closed.
    pub(super) stores: [Arc<dyn Maintenance>; 3],
}

/// Makes handles to the store that is there now; each opens it at its first use.
pub(super) type Connect = Box<dyn Fn() -> Result<Handles, StorageError> + Send + Sync>;

/// Handles that are open, as in [`Handles`].
pub(super) struct Opened {
    pub(super) viewer: Viewer,
    pub(super) watcher: Viewer,
    pub(super) broker: Broker,
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
    place: Arc<dyn Maintenance>,
    feed: Arc<dyn ChangeFeed>,
    connect: Connect,
    opened: RwLock<Option<Arc<Opened>>>,
}

impl Source {
    /// Prepares the way to the store in a place, whose changes `feed` tells; nothing is opened before the first use.
    pub(super) fn new(place: Arc<dyn Maintenance>, feed: Arc<dyn ChangeFeed>, connect: Connect) -> Self {
        Self { place, feed, connect, opened: RwLock::new(None) }
    }

    /// Returns the use cases on the file that is there now. The first call creates a database where there is none.
    ///
    /// # Errors
    /// When the file was deleted since, or is not one that can be used. The next call looks again.
    pub(super) async fn opened(&self) -> Result<Arc<Opened>, BrokerError> {
        if let Some(opened) = self.opened.read().await.as_ref() {
            match self.feed.identity() {
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
            && self.feed.identity().as_ref() == Some(&opened.identity)
        {
            return Ok(Arc::clone(opened));
        }
        let Handles { viewer, watcher, broker, panes, stores } = (self.connect)()?;
        // The first use opens the file, and says what is wrong with it.
        viewer.fleets().await?;
        let deleted = || StorageError::Unavailable("the database was deleted".to_owned());
        let identity = self.feed.identity().ok_or_else(deleted)?;
        // opened later, it could make a file in the place of one that was deleted meanwhile
        broker.fleets.list().await?;
        let opened = Arc::new(Opened { viewer, watcher, broker, panes, identity, stores });
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::http::test_fleet::TestFleet;

    fn remove_database(fleet: &TestFleet) {
        for end in ["", "-wal", "-shm"] {
            let _may_not_be_there = fs::remove_file(fleet.path(&format!("cafleet.db{end}")));
        }
    }

    #[tokio::test]
    async fn a_database_is_opened_once_and_again_after_it_was_closed() {
        let fleet = TestFleet::create().await;
        let source = fleet.source();
        assert_eq!(fleet.connected(), 0, "nothing is opened before the first use");
        let first = source.opened().await.expect("a database");
        let second = source.opened().await.expect("a database");
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(fleet.connected(), 1);
        source.close().await;
        let third = source.opened().await.expect("a database");
        assert_eq!((fleet.connected(), &third.identity), (2, &first.identity));
    }

    #[tokio::test]
    async fn a_deleted_database_is_said_and_one_in_its_place_is_opened() {
        let fleet = TestFleet::create().await;
        let source = fleet.source();
        let first = source.opened().await.expect("a database");
        let copy = fleet.path("copy.db");
        fleet.adapters().maintenance.backup(&copy).await.expect("a copy");
        remove_database(&fleet);
        let error = source.opened().await.map(drop).expect_err("it is gone").to_string();
        let path = fleet.path("cafleet.db").display().to_string();
        assert!(error.starts_with(&format!("database {path} was deleted")), "{error}");
        assert!(!fleet.path("cafleet.db").exists(), "no empty one takes its place");
        fs::rename(&copy, fleet.path("cafleet.db")).expect("the copy takes its place");
        let second = source.opened().await.expect("a database");
        assert_ne!(first.identity.id, second.identity.id);
        assert_eq!(second.viewer.fleets().await.expect("fleets").len(), 1);
        assert_eq!(fleet.connected(), 2);
    }

    #[tokio::test]
    async fn what_could_not_be_opened_is_tried_again() {
        let fleet = TestFleet::create().await;
        let (database, copy) = (fleet.path("cafleet.db"), fleet.path("copy.db"));
        let source = fleet.source();
        fleet.adapters().maintenance.backup(&copy).await.expect("a copy");
        remove_database(&fleet);
        fs::write(&database, "this is no database".repeat(100)).expect("a file");
        source.opened().await.map(drop).expect_err("it is no database");
        fs::rename(&copy, &database).expect("the copy takes its place");
        source.opened().await.expect("a database");
        assert_eq!(fleet.connected(), 2);
    }
}
