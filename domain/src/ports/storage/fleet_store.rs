//! Fleets.

use async_trait::async_trait;

use super::StorageError;
use crate::backend::Backend;
use crate::fleet::{FleetDetail, FleetSummary};
use crate::id::FleetId;
use crate::placement::{MultiplexerKind, Pane};
use crate::timestamp::Timestamp;

/// What a new fleet is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetRequest {
    /// What people call it.
    pub label: Option<String>,
    /// What runs in the Director's pane.
    pub coding_agent: Backend,
    /// The multiplexer that owns the Director's pane.
    pub multiplexer: MultiplexerKind,
    /// The Director's pane; none when it is opened later and recorded by `AgentStore::record_pane`.
    pub pane: Option<Pane>,
    /// The time of the request.
    pub now: Timestamp,
}

/// Stores fleets.
#[async_trait]
pub trait FleetStore: Send + Sync {
    /// Creates a fleet with its root Director, the Director's placement and monitor enrolment, and its Administrator
    /// (neither placed nor enrolled), with the names of [`crate::fleet`]. Returns all of it.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn create_fleet(&self, request: &FleetRequest) -> Result<FleetDetail, StorageError>;

    /// Returns the live fleets, newest first, those of the same time by id.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn list_fleets(&self) -> Result<Vec<FleetSummary>, StorageError>;

    /// Returns a fleet, live or deleted; none when there never was one with this id.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn find_fleet(&self, fleet: FleetId) -> Result<Option<FleetDetail>, StorageError>;

    /// Deletes a fleet: stamps it, deregisters every active agent, removes placements, monitor configuration and
    /// monitor runtime, and keeps all tasks and deliveries. Returns how many agents it deregistered: 0 when it was
    /// deleted before, none when there never was one. The first `deleted_at` stands.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn delete_fleet(&self, fleet: FleetId, now: Timestamp) -> Result<Option<u64>, StorageError>;
}
