//! `Maintenance`.

use std::path::Path;

use async_trait::async_trait;
use cafleet_domain::id::FleetId;
use cafleet_domain::ports::{Maintenance, Prepared, Purged, Restored, StorageError};
use cafleet_domain::timestamp::Timestamp;

use super::{SqliteStorage, backup, check, restore, schema};

#[async_trait]
impl Maintenance for SqliteStorage {
    fn location(&self) -> String {
        self.path().display().to_string()
    }

    /// The copy before an upgrade is beside the file. One transaction.
    async fn prepare(&self) -> Result<Prepared, StorageError> {
        schema::init(&self.connection.place).await
    }

    async fn examine(&self) -> Result<u32, StorageError> {
        self.connection.write().await?.commit().await?;
        Ok(self.connection.place.newest_schema())
    }

    async fn check(&self) -> Result<Vec<String>, StorageError> {
        let session = self.connection.read().await?;
        let mut findings = check::run(&session).await?;
        findings.extend(check::values(&session).await?);
        Ok(findings)
    }

    async fn backup(&self, target: &Path) -> Result<(), StorageError> {
        backup::copy(&self.connection.single().await?, target).await
    }

    async fn restore(&self, source: &Path) -> Result<Restored, StorageError> {
        restore::run(&self.connection.place, source).await
    }

    async fn purge(&self, cutoff: Timestamp, fleet: Option<FleetId>, dry_run: bool) -> Result<Purged, StorageError> {
        self.drop_finished(cutoff, fleet, dry_run).await
    }

    async fn verify(&self) -> Result<(), StorageError> {
        self.connection.verify().await
    }

    /// The last process to do so moves the write-ahead log into the database: without this the log grows with every
    /// command.
    async fn close(&self) -> Result<(), StorageError> {
        self.connection.close().await
    }
}
