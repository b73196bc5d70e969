//! What others change in the store: waiting for it, and the record of it.

use std::time::Duration;

use async_trait::async_trait;

use super::StorageError;
use crate::change::Change;
use crate::id::FleetId;

/// Tells a store from every other one that was or will be in its place while a handle has it open; letters, digits and
/// hyphens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreId(String);

impl StoreId {
    /// Makes an id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which store is in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreIdentity {
    /// Which one.
    pub id: StoreId,
    /// Another number once others may do other things with it. What was opened while it could only be read stays so until it is
    /// opened again.
    pub access: u32,
}

/// Which changes the store remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangeSpan {
    /// The number before the oldest one that is remembered: who has seen everything up to here has missed nothing.
    pub forgotten: i64,
    /// The number of the newest one; the same as `forgotten` when there is none.
    pub newest: i64,
}

impl ChangeSpan {
    /// Tells whether somebody who has seen everything up to `seen` can be told all that happened since.
    #[must_use]
    pub fn continues(self, seen: i64) -> bool {
        (self.forgotten..=self.newest).contains(&seen)
    }
}

/// Tells what changes in the store.
///
/// A *handle* is one value of the adapter, with a connection of its own. Two handles on a store are as two processes to each
/// other, also where they are in one.
#[async_trait]
pub trait ChangeFeed: Send + Sync {
    /// Returns after another handle has committed something, or after `timeout`, whichever comes first; it may return early
    /// for no reason. What this handle commits itself does not count. What others committed since the last read through this
    /// handle does: nothing is missed between a read and a wait, and each wait returns at once until something is read. Holds
    /// no lock.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn wait(&self, timeout: Duration) -> Result<(), StorageError>;

    /// Returns which changes the store remembers: at least the newest 60,000.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn span(&self) -> Result<ChangeSpan, StorageError>;

    /// Returns the oldest changes after the one with the number `number`, by number, up to `limit`: of a fleet, or of all.
    /// Changes of this handle are among them.
    ///
    /// What two commits changed has numbers in the order of the commits: once a change can be read, none with a smaller number
    /// appears any more. So who asks again with the last number gets everything once. A store that lets several writers in must
    /// number what they changed when they commit, and not before.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn after(&self, fleet: Option<FleetId>, number: i64, limit: usize) -> Result<Vec<Change>, StorageError>;

    /// Returns which store is there now, whichever is open; none when there is none. A store that is put in the place of
    /// another one has another identity, a copy of the same store included: its numbers go on from another one.
    fn identity(&self) -> Option<StoreIdentity>;
}
