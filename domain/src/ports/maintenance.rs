//! Looking after the store itself.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::StorageError;
use crate::id::FleetId;
use crate::timestamp::Timestamp;

/// What [`Maintenance::prepare`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prepared {
    /// There was no database.
    Created,
    /// The schema was older.
    Upgraded {
        /// Its number before.
        from: u32,
        /// Its number now.
        to: u32,
        /// A copy of the database before the upgrade.
        backup: PathBuf,
    },
    /// Nothing: the schema is the newest.
    AtHead,
}

/// What [`Maintenance::restore`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The number of the copy's schema; when it is not the newest, [`Maintenance::prepare`] upgrades it.
    pub schema: u32,
    /// The number of the newest schema.
    pub newest: u32,
    /// Where the database that was there is now; none when there was none.
    pub kept: Option<PathBuf>,
}

/// How many rows [`Maintenance::purge`] dropped, or would drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Deleted fleets.
    pub fleets: u64,
    /// Their agents.
    pub agents: u64,
    /// Tasks, summaries included.
    pub tasks: u64,
    /// Doorbells of these tasks.
    pub deliveries: u64,
}

/// Creates, examines, copies and closes a store.
#[async_trait]
pub trait Maintenance: Send + Sync {
    /// Returns where the store is, for people.
    fn location(&self) -> String;

    /// Creates the schema, or upgrades it after a backup, and says which. Whatever interrupts it leaves the old schema or
    /// the new one.
    ///
    /// # Errors
    /// As [`StorageError`] says, a schema newer than this program included; then nothing was changed.
    async fn prepare(&self) -> Result<Prepared, StorageError>;

    /// Takes what a write needs and gives it back, so that what is wrong with writing shows. Returns the schema's number.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn examine(&self) -> Result<u32, StorageError>;

    /// Looks for damage: of the store, of references between rows, and of the rules of the data model. Returns what it
    /// found, in words; nothing when all is well. Reads everything.
    ///
    /// # Errors
    /// As [`StorageError`] says, when the question cannot be answered.
    async fn check(&self) -> Result<Vec<String>, StorageError>;

    /// Writes a consistent copy to `target` while others go on writing. Only its owner can read it.
    ///
    /// # Errors
    /// When `target` exists, or cannot be written; then there is no new file.
    async fn backup(&self, target: &Path) -> Result<(), StorageError>;

    /// Puts the copy at `source` in the place of this store, which may be damaged or missing, and keeps what was there.
    /// Nobody may have it open.
    ///
    /// # Errors
    /// When `source` is no sound copy that this program knows, or others use the store that is there; then nothing was
    /// changed.
    async fn restore(&self, source: &Path) -> Result<Restored, StorageError>;

    /// Drops finished history: everything of the fleets that were deleted before `cutoff`, and tasks of other fleets
    /// that were acknowledged or canceled before it. A broadcast goes as a whole or stays. Nothing that waits in a
    /// live fleet is ever dropped. With `fleet` only that fleet is looked at. With `dry_run` only counts.
    ///
    /// # Errors
    /// As [`StorageError`] says. It works in small transactions, so that others go on; each is whole, and a second
    /// call continues where a failed one stopped.
    async fn purge(&self, cutoff: Timestamp, fleet: Option<FleetId>, dry_run: bool) -> Result<Purged, StorageError>;

    /// Makes sure that the store that is open is still the one that others find, with the schema that this program knows.
    /// Opens nothing.
    ///
    /// # Errors
    /// As [`StorageError`] says; who runs on then works on what nobody sees.
    async fn verify(&self) -> Result<(), StorageError>;

    /// Closes the store, and tidies it where this was the last process that had it open.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn close(&self) -> Result<(), StorageError>;
}
