//! Tasks: one message to one recipient, or the summary of a broadcast.

use std::str::FromStr;

use thiserror::Error;

use crate::id::{AgentId, TaskId};
use crate::timestamp::Timestamp;

/// What a task stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// A message to one recipient; a broadcast makes one for each.
    Unicast,
    /// The sender's record of a broadcast; nobody receives it.
    BroadcastSummary,
}

impl TaskKind {
    /// Returns the name that the command line, the database and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unicast => "unicast",
            Self::BroadcastSummary => "broadcast_summary",
        }
    }
}

impl FromStr for TaskKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Unicast, Self::BroadcastSummary]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("'{text}' is not a task type"))
    }
}

/// How far a task has come. A delivery changes once in its life, a summary never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// Waits for the recipient.
    InputRequired,
    /// Acknowledged by the recipient, or a summary.
    Completed,
    /// Taken back by the sender.
    Canceled,
}

impl TaskState {
    const ALL: [Self; 3] = [Self::InputRequired, Self::Completed, Self::Canceled];

    /// Returns the name that the command line, the database and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InputRequired => "input_required",
            Self::Completed => "completed",
            Self::Canceled => "canceled",
        }
    }
}

impl FromStr for TaskState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("'{text}' is not a task state"))
    }
}

/// A message on its way, or the summary of a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its identifier.
    pub id: TaskId,
    /// The agent in whose context it stands: the recipient, or the broadcaster on a summary.
    pub context: AgentId,
    /// Who sent it.
    pub from: AgentId,
    /// Who receives it; none on a summary.
    pub to: Option<AgentId>,
    /// What it stands for.
    pub kind: TaskKind,
    /// When it was sent.
    pub created_at: Timestamp,
    /// How far it has come.
    pub state: TaskState,
    /// When it came so far.
    pub state_at: Timestamp,
    /// The summary of the broadcast that it is part of; a summary names itself.
    pub origin: Option<TaskId>,
    /// The body.
    pub text: String,
    /// CAFleet wrote it itself, in the name of the sender: these are nobody's words.
    pub is_notice: bool,
}

/// A task that the store has not numbered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// Who sends it.
    pub from: AgentId,
    /// Who receives it; none on the summary of a broadcast.
    pub to: Option<AgentId>,
    /// The summary of the broadcast that it is part of; none on the summary itself, which is not numbered yet.
    pub origin: Option<TaskId>,
    /// The body.
    pub text: String,
    /// When it is sent.
    pub created_at: Timestamp,
    /// CAFleet writes it itself, in the name of the sender.
    pub is_notice: bool,
}

impl NewTask {
    /// Returns the agent in whose context it stands.
    #[must_use]
    pub fn context(&self) -> AgentId {
        self.to.unwrap_or(self.from)
    }

    /// Returns what it stands for.
    #[must_use]
    pub fn kind(&self) -> TaskKind {
        if self.to.is_some() { TaskKind::Unicast } else { TaskKind::BroadcastSummary }
    }

    /// Returns the state in which it begins: what nobody receives waits for nobody.
    #[must_use]
    pub fn state(&self) -> TaskState {
        if self.to.is_some() { TaskState::InputRequired } else { TaskState::Completed }
    }

    /// Returns the task that it is once the store has numbered it.
    #[must_use]
    pub fn numbered(self, id: TaskId) -> Task {
        Task {
            id,
            context: self.context(),
            kind: self.kind(),
            state: self.state(),
            state_at: self.created_at,
            origin: if self.to.is_some() { self.origin } else { Some(id) },
            from: self.from,
            to: self.to,
            created_at: self.created_at,
            text: self.text,
            is_notice: self.is_notice,
        }
    }
}

/// What a permitted request does to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// The task moves to this state.
    To(TaskState),
    /// It is already there: nothing to write.
    AlreadyThere,
}

/// Why a task may not be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AcknowledgeRefused {
    /// Another agent is the recipient, or the task is a summary.
    #[error("only the recipient can acknowledge task {0}")]
    NotRecipient(TaskId),
    /// The sender took it back.
    #[error("task {0} was canceled by its sender")]
    Canceled(TaskId),
}

/// Why a task may not be canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CancelRefused {
    /// Another agent sent it.
    #[error("only the sender can cancel task {0}")]
    NotSender(TaskId),
    /// The recipient has acknowledged it.
    #[error("task {0} was already acknowledged")]
    Acknowledged(TaskId),
}

impl Task {
    /// Decides what an acknowledgement by `agent` does.
    ///
    /// # Errors
    /// When `agent` is not the recipient, or the task was canceled.
    pub fn acknowledge(&self, agent: AgentId) -> Result<Transition, AcknowledgeRefused> {
        if self.to != Some(agent) {
            return Err(AcknowledgeRefused::NotRecipient(self.id));
        }
        match self.state {
            TaskState::InputRequired => Ok(Transition::To(TaskState::Completed)),
            TaskState::Completed => Ok(Transition::AlreadyThere),
            TaskState::Canceled => Err(AcknowledgeRefused::Canceled(self.id)),
        }
    }

    /// Decides what a cancellation by `agent` does. A summary stays as it is: its deliveries are canceled instead,
    /// those that wait.
    ///
    /// # Errors
    /// When `agent` is not the sender, or the recipient has acknowledged.
    pub fn cancel(&self, agent: AgentId) -> Result<Transition, CancelRefused> {
        if self.from != agent {
            return Err(CancelRefused::NotSender(self.id));
        }
        match (self.kind, self.state) {
            (TaskKind::BroadcastSummary, _) | (_, TaskState::Canceled) => Ok(Transition::AlreadyThere),
            (TaskKind::Unicast, TaskState::InputRequired) => Ok(Transition::To(TaskState::Canceled)),
            (TaskKind::Unicast, TaskState::Completed) => Err(CancelRefused::Acknowledged(self.id)),
        }
    }
}

/// Tasks for the tests of this crate.
#[cfg(test)]
pub(crate) mod examples {
    use super::*;

    /// Returns a message from agent 3 to agent 4 that waits.
    pub(crate) fn waiting(id: i64, text: &str) -> Task {
        let agent = |id| AgentId::try_from(id).expect("a positive id");
        let at = Timestamp::from_unix_micros(1_776_247_200_123_456);
        Task {
            id: TaskId::try_from(id).expect("a positive id"),
            context: agent(4),
            from: agent(3),
            to: Some(agent(4)),
            kind: TaskKind::Unicast,
            created_at: at,
            state: TaskState::InputRequired,
            state_at: at,
            origin: None,
            text: text.to_owned(),
            is_notice: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: i64 = 3;
    const RECIPIENT: i64 = 4;

    fn agent(id: i64) -> AgentId {
        AgentId::try_from(id).expect("a positive id")
    }

    fn task(state: TaskState) -> Task {
        Task { state, ..examples::waiting(7, "") }
    }

    #[test]
    fn a_new_task_becomes_what_its_number_makes_of_it() {
        let id = TaskId::try_from(7).expect("a positive id");
        let message = NewTask {
            from: agent(SENDER),
            to: Some(agent(RECIPIENT)),
            origin: None,
            text: "hello".to_owned(),
            created_at: examples::waiting(7, "").created_at,
            is_notice: false,
        };
        assert_eq!(message.clone().numbered(id), examples::waiting(7, "hello"));
        let summary = NewTask { to: None, ..message }.numbered(id);
        assert_eq!((summary.kind, summary.state), (TaskKind::BroadcastSummary, TaskState::Completed));
        assert_eq!((summary.context, summary.to, summary.origin), (agent(SENDER), None, Some(id)));
    }

    #[test]
    fn a_delivery_changes_once() {
        let waiting = task(TaskState::InputRequired);
        assert_eq!(waiting.acknowledge(agent(RECIPIENT)), Ok(Transition::To(TaskState::Completed)));
        assert_eq!(waiting.cancel(agent(SENDER)), Ok(Transition::To(TaskState::Canceled)));
        let acked = task(TaskState::Completed);
        assert_eq!(acked.acknowledge(agent(RECIPIENT)), Ok(Transition::AlreadyThere));
        assert_eq!(acked.cancel(agent(SENDER)), Err(CancelRefused::Acknowledged(acked.id)));
        let canceled = task(TaskState::Canceled);
        assert_eq!(canceled.acknowledge(agent(RECIPIENT)), Err(AcknowledgeRefused::Canceled(canceled.id)));
        assert_eq!(canceled.cancel(agent(SENDER)), Ok(Transition::AlreadyThere));
    }

    #[test]
    fn only_the_recipient_acknowledges_and_only_the_sender_cancels() {
        let waiting = task(TaskState::InputRequired);
        assert_eq!(waiting.acknowledge(agent(SENDER)), Err(AcknowledgeRefused::NotRecipient(waiting.id)));
        assert_eq!(waiting.cancel(agent(RECIPIENT)), Err(CancelRefused::NotSender(waiting.id)));
    }

    #[test]
    fn a_summary_is_nobodys_to_acknowledge_and_never_changes() {
        let summary = Task { kind: TaskKind::BroadcastSummary, to: None, ..task(TaskState::Completed) };
        assert_eq!(summary.acknowledge(agent(RECIPIENT)), Err(AcknowledgeRefused::NotRecipient(summary.id)));
        assert_eq!(summary.cancel(agent(SENDER)), Ok(Transition::AlreadyThere));
    }
}
