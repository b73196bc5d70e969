//! Messages as people read them: a task with the names of both agents and with how far its doorbell has come.

use crate::delivery::Delivery;
use crate::id::TaskId;
use crate::task::Task;

/// How many messages a page holds.
pub const PAGE_SIZE: usize = 200;

/// A message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The task; never a summary.
    pub task: Task,
    /// The name of the sender.
    pub from_name: String,
    /// The name of the recipient.
    pub to_name: String,
    /// The record of its doorbell; none when it has none.
    pub delivery: Option<Delivery>,
}

/// A page of messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessagePage {
    /// Up to [`PAGE_SIZE`] messages, newest first: by id, for the clock may have gone backwards.
    pub messages: Vec<Message>,
    /// The message before which the next page begins; none on the last page.
    pub next: Option<TaskId>,
}

impl MessagePage {
    /// Makes a page of what was found, newest first: up to one message more than fits shows that there is a next page.
    #[must_use]
    pub fn of(mut found: Vec<Message>) -> Self {
        let is_more = found.len() > PAGE_SIZE;
        found.truncate(PAGE_SIZE);
        let next = found.last().filter(|_| is_more).map(|message| message.task.id);
        Self { messages: found, next }
    }
}
