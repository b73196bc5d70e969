//! What people look at: pages of messages, and agents with all that is known of them.

use async_trait::async_trait;

use super::{MonitorConfig, Storage, StorageError};
use crate::agent::Agent;
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
}
