//! Deliveries.

use async_trait::async_trait;

use super::StorageError;
use crate::delivery::{Delivery, DeliveryStatus};
use crate::id::{AgentId, FleetId, TaskId};
use crate::loop_guard::Exchange;
use crate::task::Task;
use crate::timestamp::Timestamp;

/// A task whose recipient is still to be rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingDelivery {
    /// The task.
    pub task: Task,
    /// How far its doorbell has come: `pending`, `held` or `typed`.
    pub status: DeliveryStatus,
}

/// What an agent is to be rung for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PendingDeliveries {
    /// What was begun to be typed as one text and is not known to have left the composer, by task id: that of which
    /// nobody knows may stand there. Some of these tasks may be acknowledged or canceled since.
    pub begun: Vec<PendingDelivery>,
    /// The others, by task id: their state is `pending`, `held` or `typed`, and their tasks wait for the recipient.
    pub fresh: Vec<PendingDelivery>,
}

/// A message between two agents, with when its recipient was rung for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchanged {
    /// Who sent it, and when.
    pub exchange: Exchange,
    /// When its preview was submitted; none when it was not.
    pub rung_at: Option<Timestamp>,
}

/// Stores deliveries.
#[async_trait]
pub trait DeliveryStore: Send + Sync {
    /// Returns what an agent is to be rung for.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn pending_deliveries(&self, fleet: FleetId, agent: AgentId) -> Result<PendingDeliveries, StorageError>;

    /// Records how far the one doorbell for some tasks has come, and counts an attempt for each. Those that are `submitted`
    /// or `failed` are not being typed any more, and are never taken back: for them it writes nothing.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn record_deliveries(
        &self,
        tasks: &[TaskId],
        status: &DeliveryStatus,
        now: Timestamp,
    ) -> Result<(), StorageError>;

    /// Takes back that the doorbells of an agent were given up, where its tasks still wait: they are `pending` again.
    /// Returns `true` if there were any. For an agent whose pane counted as gone and is there.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn revive_deliveries(&self, agent: AgentId, now: Timestamp) -> Result<bool, StorageError>;

    /// Returns the record of a task's doorbell; none when it has none.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn find_delivery(&self, task: TaskId) -> Result<Option<Delivery>, StorageError>;

    /// Returns up to `limit` of the messages between two agents, in both directions, newest first, from `newest` on
    /// back. Looks no further back than 5,000 tasks of the whole database, so it costs the same however long the
    /// history is.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn conversation(
        &self,
        pair: [AgentId; 2],
        newest: TaskId,
        limit: u32,
    ) -> Result<Vec<Exchanged>, StorageError>;
}
