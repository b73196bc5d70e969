//! What people look at: pages of messages, agents with all that is known of them, and the record of changes.

use async_trait::async_trait;

use super::{MonitorConfig, Storage, StorageError};
use crate::agent::Agent;
use crate::change::Change;
use crate::delivery::Delivery;
use crate::id::{AgentId, FleetId, TaskId};
use crate::message::{Message, MessagePage};
use crate::placement::Placement;
use crate::timestamp::Timestamp;

/// An agent with all that the store knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverviewedAgent {
    /// The agent.
    pub agent: Agent,
    /// Its placement; none for an Administrator, a user, and whoever has left.
    pub placement: Option<Placement>,
    /// When it is woken; none when it is not enrolled in monitoring.
    pub monitor: Option<MonitorConfig>,
    /// How many messages wait for its acknowledgement.
    pub pending: u64,
    /// When the oldest of these was sent; none when nothing waits.
    pub pending_since: Option<Timestamp>,
    /// Of these, the doorbell of the oldest one that is held or failed; none when every bell rang or will ring.
    pub stuck: Option<Delivery>,
}

/// Which changes the store remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangeSpan {
    /// The number before the oldest one that is remembered: who has seen everything up to here has missed nothing.
    pub forgotten: i64,
    /// The number of the newest one; the same as `forgotten` when there is none.
    pub newest: i64,
}

/// Answers what people ask who look at a fleet. None of its methods gets slower as history grows.
///
/// Apart from [`Storage`], which every command needs: only the page and the API look.
#[async_trait]
pub trait ViewStore: Storage {
    /// Tells whether there is such a fleet and it is not deleted.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn is_live(&self, fleet: FleetId) -> Result<bool, StorageError>;

    /// Returns by id the agents of a fleet that are active, and of those that have left the ones that sent or received a
    /// message.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn overview(&self, fleet: FleetId) -> Result<Vec<OverviewedAgent>, StorageError>;

    /// Returns the newest messages to an agent that are older than `before`; none when the fleet has no such agent.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn received_page(
        &self,
        fleet: FleetId,
        agent: AgentId,
        before: Option<TaskId>,
    ) -> Result<Option<MessagePage>, StorageError>;

    /// Returns the newest messages from an agent that are older than `before`; none when the fleet has no such agent.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn sent_page(
        &self,
        fleet: FleetId,
        agent: AgentId,
        before: Option<TaskId>,
    ) -> Result<Option<MessagePage>, StorageError>;

    /// Returns the newest messages of a fleet that are older than `before`.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn timeline_page(&self, fleet: FleetId, before: Option<TaskId>) -> Result<MessagePage, StorageError>;

    /// Returns those of the messages that are there and whose recipient is of the fleet, by id.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn messages(&self, fleet: FleetId, tasks: Vec<TaskId>) -> Result<Vec<Message>, StorageError>;

    /// Returns which changes the store remembers: at least the newest 60,000.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn change_span(&self) -> Result<ChangeSpan, StorageError>;

    /// Returns the oldest changes after the one with the number `after`, by id, up to `limit`: of a fleet, or of all.
    ///
    /// What two commits changed has numbers in the order of the commits, so who asks again with the last number gets
    /// everything once.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn changes(&self, fleet: Option<FleetId>, after: i64, limit: usize) -> Result<Vec<Change>, StorageError>;
}

impl ChangeSpan {
    /// Tells whether somebody who has seen everything up to `seen` can be told all that happened since.
    #[must_use]
    pub fn continues(self, seen: i64) -> bool {
        (self.forgotten..=self.newest).contains(&seen)
    }
}
