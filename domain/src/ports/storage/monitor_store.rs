//! The monitor's records.

use async_trait::async_trait;

use super::StorageError;
use crate::id::FleetId;
use crate::timestamp::Timestamp;

/// The last sign of life of a fleet's monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The fleet.
    pub fleet: FleetId,
    /// Process id of the monitor.
    pub pid: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// When it last ticked.
    pub last_tick_at: Timestamp,
    /// Seconds between two ticks.
    pub tick_seconds: i64,
}

/// Stores what the monitor leaves behind.
#[async_trait]
pub trait MonitorStore: Send + Sync {
    /// Returns the heartbeat of each fleet that has a monitor, by fleet.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn heartbeats(&self) -> Result<Vec<Heartbeat>, StorageError>;
}
