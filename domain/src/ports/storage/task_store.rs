//! Tasks.

use async_trait::async_trait;

use super::StorageError;
use crate::id::{AgentId, FleetId, TaskId};
use crate::task::{AcknowledgeRefused, CancelRefused, Task};
use crate::timestamp::Timestamp;

/// A message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendRequest {
    /// The fleet of both.
    pub fleet: FleetId,
    /// The sender.
    pub from: AgentId,
    /// The recipient.
    pub to: AgentId,
    /// The body.
    pub text: String,
    /// CAFleet writes it itself, in the name of the sender.
    pub is_notice: bool,
    /// The time of the request.
    pub now: Timestamp,
}

/// A message to every other active agent but Administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastRequest {
    /// The fleet.
    pub fleet: FleetId,
    /// The sender.
    pub from: AgentId,
    /// The body.
    pub text: String,
    /// The time of the request.
    pub now: Timestamp,
}

/// A committed task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskStored {
    /// The task.
    pub task: Task,
    /// Whether a doorbell is owed: the recipient has a pane or is about to get one, and is not the sender. Its delivery is `pending`.
    pub rings: bool,
}

/// The outcome of a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent<T> {
    /// Committed.
    Stored(T),
    /// The fleet has no such sender.
    UnknownSender,
    /// The sender has left.
    SenderLeft,
    /// The fleet has no such recipient, or it has left.
    RecipientNotActive,
}

/// A committed broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastStored {
    /// The summary.
    pub summary: Task,
    /// One task for each recipient, by id.
    pub deliveries: Vec<TaskStored>,
}

/// The outcome of an acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acknowledged {
    /// The task as it now is.
    Done(Task),
    /// The fleet has no such agent.
    UnknownAgent,
    /// The fleet has no such task.
    UnknownTask,
    /// Not allowed.
    Refused(AcknowledgeRefused),
}

/// The outcome of a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Canceled {
    /// The task as it now is.
    Done(Task),
    /// The fleet has no such agent.
    UnknownAgent,
    /// The fleet has no such task.
    UnknownTask,
    /// Not allowed.
    Refused(CancelRefused),
}

/// Stores tasks. None of its methods gets slower as history grows.
#[async_trait]
pub trait TaskStore: Send + Sync {
    /// Stores a message, with a pending delivery when a doorbell is owed. Both agents are active when it is stored: a store
    /// that lets several writers in keeps them so to the end of the step, with a lock on their rows for reading.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn send(&self, request: &SendRequest) -> Result<Sent<TaskStored>, StorageError>;

    /// Stores a broadcast: one task for each agent that [`crate::broadcast::receives`] names, and the summary, all
    /// with the summary's id as their origin. Any number of recipients: those who are there when the tasks are stored.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn broadcast(&self, request: &BroadcastRequest) -> Result<Sent<BroadcastStored>, StorageError>;

    /// Returns the tasks that wait for an agent's acknowledgement, by id; none when the fleet has no such agent.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn inbox(&self, fleet: FleetId, agent: AgentId) -> Result<Option<Vec<Task>>, StorageError>;

    /// Acknowledges a task as [`Task::acknowledge`] decides.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn acknowledge(
        &self,
        fleet: FleetId,
        agent: AgentId,
        task: TaskId,
        now: Timestamp,
    ) -> Result<Acknowledged, StorageError>;

    /// Cancels a task as [`Task::cancel`] decides; of a summary, every delivery that still waits.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn cancel(
        &self,
        fleet: FleetId,
        agent: AgentId,
        task: TaskId,
        now: Timestamp,
    ) -> Result<Canceled, StorageError>;

    /// Returns a task whose sender or recipient is an agent of the fleet; else none.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn find_task(&self, fleet: FleetId, task: TaskId) -> Result<Option<Task>, StorageError>;
}
