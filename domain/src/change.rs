//! Changes: the store's record of what happened, in the order in which it was committed.

use crate::id::{AgentId, ChangeId, FleetId, TaskId};

/// What a change is about. The record names it; how it is now is asked of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A message was sent.
    Message(TaskId),
    /// A message was acknowledged or canceled.
    Status(TaskId),
    /// The doorbell of a message came further.
    Delivery(TaskId),
    /// An agent came or left, got its pane, or is woken at other times.
    Agent(AgentId),
    /// The fleet's monitor started, ticked or ended.
    Monitor,
}

/// A change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its place among all changes of the store.
    pub id: ChangeId,
    /// The fleet in which it happened.
    pub fleet: FleetId,
    /// What it is about.
    pub subject: Subject,
}
