//! `ChangeFeed`.

use std::os::unix::fs::MetadataExt;
use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::change::Change;
use cafleet_domain::id::FleetId;
use cafleet_domain::ports::{ChangeFeed, ChangeSpan, StorageError, StoreId, StoreIdentity};

use super::SqliteStorage;

mod record;
mod waiting;

#[async_trait]
impl ChangeFeed for SqliteStorage {
    async fn wait(&self, timeout: Duration) -> Result<(), StorageError> {
        let session = self.connection.single().await?;
        waiting::wait(&self.connection, &session, timeout).await
    }

    async fn span(&self) -> Result<ChangeSpan, StorageError> {
        record::span(&self.connection.read().await?).await
    }

    /// Only one transaction writes at a time, so the numbers that the triggers give are those of the commits.
    async fn after(&self, fleet: Option<FleetId>, number: i64, limit: usize) -> Result<Vec<Change>, StorageError> {
        record::after(&self.connection.read().await?, fleet, number, limit).await
    }

    /// Device and inode: as long as the file is open no other one gets the same pair.
    fn identity(&self) -> Option<StoreIdentity> {
        let found = self.path().metadata().ok()?;
        Some(StoreIdentity { id: StoreId::new(format!("{:x}-{:x}", found.dev(), found.ino())), access: found.mode() })
    }
}
