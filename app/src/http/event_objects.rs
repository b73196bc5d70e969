//! What happens in a fleet, as objects of the API.

use std::borrow::Cow;

use cafleet_domain::message::Message;
use poem::web::sse;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON, Type};
use poem_openapi::{Object, Union};
use serde_json::Value;

use super::agent_objects::AgentObject;
use super::message_objects::{DeliveryObject, MessageObject, MessageStatus};
use super::monitor_objects::MonitorObject;

/// `ready`: whatever was read before this event may be out of date; everything after it will be told.
///
/// It comes first, unless `Last-Event-ID` could be continued from.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub(super) struct ReadyEvent {
    /// The fleet.
    pub(super) fleet_id: i64,
}

/// `status`: a message was acknowledged or canceled.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub(super) struct StatusEvent {
    /// The message.
    task_id: i64,
    /// Its recipient.
    to_agent_id: i64,
    /// How far it has come.
    status: MessageStatus,
    /// When: RFC 3339, UTC, microseconds.
    status_timestamp: String,
}

impl StatusEvent {
    pub(super) fn of(message: &Message) -> Self {
        Self {
            task_id: message.task.id.get(),
            to_agent_id: message.task.context.get(),
            status: message.task.state.into(),
            status_timestamp: message.task.state_at.to_string(),
        }
    }
}

/// `delivery`: the doorbell of a message came further.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub(super) struct DeliveryEvent {
    /// The message.
    task_id: i64,
    /// Its recipient.
    to_agent_id: i64,
    /// How far the doorbell has come.
    delivery: DeliveryObject,
}

impl DeliveryEvent {
    pub(super) fn of(message: &Message) -> Option<Self> {
        let delivery = message.delivery.clone()?.into();
        Some(Self { task_id: message.task.id.get(), to_agent_id: message.task.context.get(), delivery })
    }
}

/// `agent`: an agent came or left, got its pane, is woken at other times, or does something else than before.
#[derive(Debug, Clone, PartialEq, Object)]
pub(super) struct AgentEvent {
    /// The agent.
    pub(super) agent_id: i64,
    /// How it is now; null when the fleet does not list it any more.
    #[oai(nullable)]
    pub(super) agent: Option<AgentObject>,
}

/// What an event says, by its name: `ready`, `message`, `status`, `delivery`, `agent`, `monitor`.
#[derive(Debug, Clone, PartialEq, Union)]
#[oai(rename = "Event")]
#[expect(clippy::large_enum_variant, reason = "it stands for the document; no value of it is ever made")]
enum EventObject {
    Ready(ReadyEvent),
    Message(MessageObject),
    Status(StatusEvent),
    Delivery(DeliveryEvent),
    Agent(AgentEvent),
    Monitor(MonitorObject),
}

/// An event on its way to one listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) id: Option<String>,
    pub(super) name: &'static str,
    /// What it says, in JSON.
    pub(super) data: String,
}

impl Outgoing {
    /// Returns it as one JSON object.
    pub(super) fn text(&self) -> String {
        let Self { id, name, data } = self;
        format!(r#"{{"event":"{name}","id":{},"data":{data}}}"#, Value::from(id.as_deref()))
    }

    pub(super) fn event(self) -> sse::Event {
        let event = sse::Event::message(self.data).event_type(self.name);
        match self.id {
            Some(id) => event.id(id),
            None => event,
        }
    }
}

impl Type for Outgoing {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        EventObject::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        EventObject::schema_ref()
    }

    fn register(registry: &mut Registry) {
        EventObject::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ToJSON for Outgoing {
    fn to_json(&self) -> Option<Value> {
        serde_json::from_str(&self.data).ok()
    }
}
