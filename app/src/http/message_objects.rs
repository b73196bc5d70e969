//! Messages and their doorbells, as objects of the API.

use cafleet_domain::delivery::{Delivery, DeliveryState};
use cafleet_domain::id::TaskId;
use cafleet_domain::message::{Message, MessagePage};
use cafleet_domain::task::{TaskKind, TaskState};
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde_json::{Map, Value};

use super::EXAMPLE_TIME;
use super::body::{Expected, unknown};
use super::error::Misfit;
use super::recipient::Recipient;

/// What a message stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "MessageType", rename_all = "snake_case")]
pub(super) enum MessageKind {
    /// A message to one recipient; a broadcast makes one for each.
    Unicast,
    /// The sender's record of a broadcast.
    BroadcastSummary,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub(super) enum MessageStatus {
    /// Waits for the recipient.
    InputRequired,
    /// Acknowledged by the recipient.
    Completed,
    /// Taken back by the sender.
    Canceled,
}

impl From<TaskState> for MessageStatus {
    fn from(state: TaskState) -> Self {
        match state {
            TaskState::InputRequired => Self::InputRequired,
            TaskState::Completed => Self::Completed,
            TaskState::Canceled => Self::Canceled,
        }
    }
}

/// How far a doorbell has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "DeliveryState", rename_all = "snake_case")]
pub(super) enum DeliveryStateName {
    /// There is none: the recipient has no pane, or is the sender.
    None,
    /// Owed, not tried yet.
    Pending,
    /// Owed, tried, and put off for a reason.
    Held,
    /// In the recipient's composer, not seen to leave it.
    Typed,
    /// Left the composer: the recipient was rung.
    Submitted,
    /// Given up for a reason.
    Failed,
}

impl From<DeliveryState> for DeliveryStateName {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::None => Self::None,
            DeliveryState::Pending => Self::Pending,
            DeliveryState::Held => Self::Held,
            DeliveryState::Typed => Self::Typed,
            DeliveryState::Submitted => Self::Submitted,
            DeliveryState::Failed => Self::Failed,
        }
    }
}

/// The doorbell of a message.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Delivery")]
pub(super) struct DeliveryObject {
    /// How far it has come.
    pub(super) state: DeliveryStateName,
    /// Why it is held, only typed, or failed; reads on after the name of the recipient.
    #[oai(nullable)]
    pub(super) reason: Option<String>,
    /// When it came so far: RFC 3339, UTC, microseconds.
    pub(super) updated_at: String,
}

impl From<Delivery> for DeliveryObject {
    fn from(delivery: Delivery) -> Self {
        Self {
            state: delivery.status.state.into(),
            reason: delivery.status.reason,
            updated_at: delivery.updated_at.to_string(),
        }
    }
}

/// A message to one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Message", example)]
pub(super) struct MessageObject {
    /// Its id.
    task_id: i64,
    /// Who sent it.
    from_agent_id: i64,
    /// The sender's name.
    from_agent_name: String,
    /// Who receives it.
    to_agent_id: i64,
    /// The recipient's name.
    to_agent_name: String,
    /// What it stands for.
    #[oai(rename = "type")]
    kind: MessageKind,
    /// How far it has come.
    status: MessageStatus,
    /// When it was sent: RFC 3339, UTC, microseconds.
    created_at: String,
    /// When it came so far: RFC 3339, UTC, microseconds.
    status_timestamp: String,
    /// The summary of the broadcast that it is part of; null for a message to one agent.
    #[oai(nullable)]
    origin_task_id: Option<i64>,
    /// The whole body. It is data: never to be shown as HTML.
    body: String,
    /// The monitor wrote it, in the name of the Administrator: these are nobody's words.
    notice: bool,
    /// Its doorbell; null when it has none, as for a recipient without a pane.
    #[oai(nullable)]
    delivery: Option<DeliveryObject>,
}

impl Example for MessageObject {
    fn example() -> Self {
        Self {
            task_id: 12,
            from_agent_id: 1,
            from_agent_name: "Director".to_owned(),
            to_agent_id: 4,
            to_agent_name: "Ada".to_owned(),
            kind: MessageKind::Unicast,
            status: MessageStatus::InputRequired,
            created_at: EXAMPLE_TIME.to_owned(),
            status_timestamp: EXAMPLE_TIME.to_owned(),
            origin_task_id: None,
            body: "which tests are slow?".to_owned(),
            notice: false,
            delivery: Some(DeliveryObject {
                state: DeliveryStateName::Submitted,
                reason: None,
                updated_at: EXAMPLE_TIME.to_owned(),
            }),
        }
    }
}

impl From<Message> for MessageObject {
    fn from(Message { task, from_name, to_name, delivery }: Message) -> Self {
        Self {
            task_id: task.id.get(),
            from_agent_id: task.from.get(),
            from_agent_name: from_name,
            to_agent_id: task.context.get(),
            to_agent_name: to_name,
            kind: match task.kind {
                TaskKind::Unicast => MessageKind::Unicast,
                TaskKind::BroadcastSummary => MessageKind::BroadcastSummary,
            },
            status: task.state.into(),
            created_at: task.created_at.to_string(),
            status_timestamp: task.state_at.to_string(),
            origin_task_id: task.origin.map(TaskId::get),
            body: task.text,
            notice: task.is_notice,
            delivery: delivery.map(DeliveryObject::from),
        }
    }
}

/// A page of messages.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "MessagePage")]
pub(super) struct MessagePageObject {
    /// Up to 200, newest first. Summaries of broadcasts are not among them.
    messages: Vec<MessageObject>,
    /// What to give as `cursor` for the next, older page; null on the last one.
    #[oai(nullable)]
    next_cursor: Option<i64>,
}

impl From<MessagePage> for MessagePageObject {
    fn from(page: MessagePage) -> Self {
        Self {
            messages: page.messages.into_iter().map(MessageObject::from).collect(),
            next_cursor: page.next.map(TaskId::get),
        }
    }
}

/// Where a page begins. A number below every id begins after the last message.
pub(super) fn before(cursor: Option<i64>) -> Option<TaskId> {
    cursor.and_then(|cursor| TaskId::try_from(cursor.max(1)).ok())
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(deny_unknown_fields, example)]
pub(super) struct SendRequest {
    /// Who sends it: an active agent of the fleet.
    pub(super) from_agent_id: i64,
    /// Who receives it: an active agent of the fleet, or `*` for every one but the sender and the Administrator.
    pub(super) to_agent_id: Recipient,
    /// The body, up to 1 MiB of UTF-8.
    pub(super) text: String,
}

impl Example for SendRequest {
    fn example() -> Self {
        Self { from_agent_id: 2, to_agent_id: Recipient::One(4), text: "which tests are slow?".to_owned() }
    }
}

impl Expected for SendRequest {
    fn misfits(fields: &Map<String, Value>) -> Vec<Misfit> {
        let mut misfits = unknown(fields, &["from_agent_id", "to_agent_id", "text"]);
        let mut check = |name: &str, expected: &str, fits: fn(&Value) -> bool| match fields.get(name) {
            None => misfits.push(Misfit::field(name, "is required", "missing")),
            Some(value) if !fits(value) => misfits.push(Misfit::field(name, expected, "wrong_type")),
            Some(_) => {}
        };
        check("from_agent_id", "must be an integer of 64 bits", Value::is_i64);
        check("to_agent_id", "must be an integer of 64 bits or '*'", |value| value.is_i64() || value == "*");
        check("text", "must be a string", Value::is_string);
        misfits
    }
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(example)]
pub(super) struct SendResult {
    /// The message; of a broadcast its summary, which is the `origin_task_id` of every part.
    pub(super) task_id: i64,
    /// That it waits for its recipients.
    pub(super) status: MessageStatus,
}

impl Example for SendResult {
    fn example() -> Self {
        Self { task_id: 12, status: MessageStatus::InputRequired }
    }
}

/// What is said with an acknowledgement: nothing can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(deny_unknown_fields, example)]
pub(super) struct AcknowledgeRequest {}

impl Example for AcknowledgeRequest {
    fn example() -> Self {
        Self {}
    }
}

impl Expected for AcknowledgeRequest {
    fn misfits(fields: &Map<String, Value>) -> Vec<Misfit> {
        unknown(fields, &[])
    }
}

/// What was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(example)]
pub(super) struct AcknowledgeResult {
    /// The message.
    pub(super) task_id: i64,
    /// How far it has come.
    pub(super) status: MessageStatus,
    /// When it came so far: RFC 3339, UTC, microseconds.
    pub(super) status_timestamp: String,
}

impl Example for AcknowledgeResult {
    fn example() -> Self {
        Self { task_id: 12, status: MessageStatus::Completed, status_timestamp: EXAMPLE_TIME.to_owned() }
    }
}
