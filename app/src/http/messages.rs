//! `/api/agents/{id}/inbox`, `/api/agents/{id}/sent` and `/api/messages/send`.

use std::sync::Arc;

use cafleet_domain::id::{AgentId, TaskId};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;

use super::body::Body;
use super::error::{Failure, WriteFailure};
use super::message_objects::{
    AcknowledgeRequest, AcknowledgeResult, MessagePageObject, MessageStatus, SendRequest, SendResult, before,
};
use super::posting::Posting;
use super::recipient::Recipient;
use super::source::Source;
use super::{Tag, agent_id, fleet_id};
use crate::error::words;

pub(super) struct MessagesApi {
    pub(super) source: Arc<Source>,
    pub(super) posting: Arc<Posting>,
}

#[OpenApi]
impl MessagesApi {
    /// Page through what an agent received, newest first.
    #[oai(path = "/api/agents/:id/inbox", method = "get", tag = "Tag::Messages", operation_id = "list_inbox")]
    async fn inbox(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        /// The agent.
        id: Path<i64>,
        /// The `next_cursor` of the page before; without it the newest messages come.
        cursor: Query<Option<i64>>,
    ) -> Result<Json<MessagePageObject>, Failure> {
        let (fleet, viewer) = (fleet_id(*fleet)?, &self.source.opened().await?.viewer);
        viewer.require_fleet(fleet).await?;
        Ok(Json(viewer.received(fleet, agent_id(*id)?, before(*cursor)).await?.into()))
    }

    /// Page through what an agent sent, newest first.
    #[oai(path = "/api/agents/:id/sent", method = "get", tag = "Tag::Messages", operation_id = "list_sent")]
    async fn sent(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        /// The agent.
        id: Path<i64>,
        /// The `next_cursor` of the page before; without it the newest messages come.
        cursor: Query<Option<i64>>,
    ) -> Result<Json<MessagePageObject>, Failure> {
        let (fleet, viewer) = (fleet_id(*fleet)?, &self.source.opened().await?.viewer);
        viewer.require_fleet(fleet).await?;
        Ok(Json(viewer.sent(fleet, agent_id(*id)?, before(*cursor)).await?.into()))
    }

    /// Send a message to an agent, or to all.
    ///
    /// The answer comes when the message is committed; how far its doorbell comes is told by the events of the fleet.
    #[oai(path = "/api/messages/send", method = "post", tag = "Tag::Messages", operation_id = "send_message")]
    async fn send(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        request: Body<SendRequest>,
    ) -> Result<Json<SendResult>, WriteFailure> {
        let Body(SendRequest { from_agent_id, to_agent_id, text }) = request;
        let (fleet, opened) = (fleet_id(*fleet)?, self.source.opened().await?);
        opened.viewer.require_fleet(fleet).await?;
        let from = AgentId::try_from(from_agent_id).map_err(|_| Failure::bad_request(words::NO_SENDER))?;
        let to = match to_agent_id {
            Recipient::One(id) => Some(agent_id(id)?),
            Recipient::All => None,
        };
        let task = self.posting.post(opened, fleet, from, to, text).await?;
        Ok(Json(SendResult { task_id: task.get(), status: MessageStatus::InputRequired }))
    }

    /// Acknowledge a message to the Administrator: the person has read it and is done with it.
    ///
    /// Acknowledging twice changes nothing. A message to anybody else is that agent's to acknowledge.
    #[oai(
        path = "/api/messages/:id/acknowledge",
        method = "post",
        tag = "Tag::Messages",
        operation_id = "acknowledge_message"
    )]
    async fn acknowledge(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        /// The message.
        id: Path<i64>,
        request: Body<AcknowledgeRequest>,
    ) -> Result<Json<AcknowledgeResult>, WriteFailure> {
        let Body(AcknowledgeRequest {}) = request;
        let (fleet, opened) = (fleet_id(*fleet)?, self.source.opened().await?);
        opened.viewer.require_fleet(fleet).await?;
        let task = TaskId::try_from(*id).map_err(|_| Failure::not_found(words::NO_MESSAGE))?;
        let task = opened.broker.mailbox.acknowledge_as_person(fleet, task).await?;
        let status_timestamp = task.state_at.to_string();
        Ok(Json(AcknowledgeResult { task_id: task.id.get(), status: task.state.into(), status_timestamp }))
    }
}
