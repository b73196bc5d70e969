//! Messages: send, broadcast, poll, acknowledge, cancel, show.

use std::time::Duration;

use crate::delivery::{Delivery, DeliveryState, DeliveryStatus};
use crate::id::{AgentId, FleetId, TaskId};
use crate::join::join_all;
use crate::ports::storage::{Acknowledged, BroadcastRequest, Canceled, SendRequest, Sent, TaskStored};
use crate::task::Task;
use crate::text::{MAX_BODY_BYTES, is_blank};

use super::{Broker, BrokerError};

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendReport {
    /// The committed task.
    pub task: Task,
    /// How far its doorbell came.
    pub delivery: DeliveryStatus,
}

/// What became of a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastReport {
    /// The summary.
    pub summary: Task,
    /// How many agents receive it.
    pub recipients: usize,
    /// How many of them were rung.
    pub notified: usize,
}

impl Broker {
    /// Commits a message, then rings its recipient once.
    ///
    /// # Errors
    /// `TextTooLong`, `TextEmpty`, `NotInFleet`, `SenderLeft`, `RecipientNotActive`, and as the store says. Once the message is
    /// committed nothing is an error any more: what the doorbell met is in the report.
    pub async fn send_message(
        &self,
        fleet: FleetId,
        from: AgentId,
        to: AgentId,
        text: String,
    ) -> Result<SendReport, BrokerError> {
        let now = self.clock.now();
        self.send(SendRequest { fleet, from, to, text, is_notice: false, now }).await
    }

    /// Writes to the Director what CAFleet itself has to say. It goes in the name of the Administrator, marked as words
    /// that no person wrote.
    pub(super) async fn tell_director(&self, fleet: FleetId, text: String) -> Result<(), BrokerError> {
        let detail = self.show_fleet(fleet).await?;
        let (from, to, now) = (detail.administrator, detail.fleet.director, self.clock.now());
        // boxed, for a notice of a loop is sent while a message is
        Box::pin(self.send(SendRequest { fleet, from, to, text, is_notice: true, now })).await.map(drop)
    }

    async fn send(&self, request: SendRequest) -> Result<SendReport, BrokerError> {
        let SendRequest { fleet, from, to, ref text, .. } = request;
        check_body(text)?;
        let sent = self.storage.send(&request).await?;
        let TaskStored { task, rings } = stored(sent, fleet, from, to)?;
        if !rings {
            return Ok(SendReport { task, delivery: DeliveryStatus::plain(DeliveryState::None) });
        }
        let delivery = self.ring(fleet, to, task.id).await;
        self.report_loop(fleet, &task).await;
        Ok(SendReport { task, delivery })
    }

    /// Commits a broadcast, then rings its recipients once, side by side.
    ///
    /// # Errors
    /// As [`Broker::send_message`].
    pub async fn broadcast_message(
        &self,
        fleet: FleetId,
        from: AgentId,
        text: String,
    ) -> Result<BroadcastReport, BrokerError> {
        check_body(&text)?;
        let now = self.clock.now();
        let sent = self.storage.broadcast(&BroadcastRequest { fleet, from, text, now }).await?;
        let stored = stored(sent, fleet, from, from)?;
        let rings = stored.deliveries.iter().filter(|delivery| delivery.rings);
        let rung = join_all(rings.map(|TaskStored { task, .. }| self.ring(fleet, task.context, task.id))).await;
        Ok(BroadcastReport {
            summary: stored.summary,
            recipients: stored.deliveries.len(),
            notified: rung.iter().filter(|status| status.is_submitted()).count(),
        })
    }

    /// Returns what waits for an agent's acknowledgement, oldest first. When nothing does, waits up to `wait` for
    /// something to come.
    ///
    /// # Errors
    /// `NotInFleet`, and as the store says.
    pub async fn poll_messages(
        &self,
        fleet: FleetId,
        agent: AgentId,
        wait: Option<Duration>,
    ) -> Result<Vec<Task>, BrokerError> {
        let deadline = wait.map(|wait| self.clock.now().after(wait));
        loop {
            let inbox = self.storage.inbox(fleet, agent).await?;
            let tasks = inbox.ok_or(BrokerError::NotInFleet { agent, fleet })?;
            let left = deadline.map_or(Duration::ZERO, |deadline| deadline.since(self.clock.now()));
            if !tasks.is_empty() || left.is_zero() {
                return Ok(tasks);
            }
            self.storage.wait_for_change(left).await?;
        }
    }

    /// Acknowledges a message. Acknowledging twice changes nothing.
    ///
    /// # Errors
    /// `NotInFleet`, `TaskNotFound`, `AcknowledgeRefused`, and as the store says.
    pub async fn acknowledge_message(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> Result<Task, BrokerError> {
        match self.storage.acknowledge(fleet, agent, task, self.clock.now()).await? {
            Acknowledged::Done(task) => Ok(task),
            Acknowledged::UnknownAgent => Err(BrokerError::NotInFleet { agent, fleet }),
            Acknowledged::UnknownTask => Err(BrokerError::TaskNotFound(task)),
            Acknowledged::Refused(refused) => Err(refused.into()),
        }
    }

    /// Acknowledges a message to the Administrator, whose inbox is the person's.
    ///
    /// # Errors
    /// As [`Broker::acknowledge_message`], and `FleetNotFound`.
    pub async fn acknowledge_as_person(&self, fleet: FleetId, task: TaskId) -> Result<Task, BrokerError> {
        let administrator = self.show_fleet(fleet).await?.administrator;
        self.acknowledge_message(fleet, administrator, task).await
    }

    /// Takes a message back; of a broadcast, every delivery that still waits.
    ///
    /// # Errors
    /// `NotInFleet`, `TaskNotFound`, `CancelRefused`, and as the store says.
    pub async fn cancel_message(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> Result<Task, BrokerError> {
        match self.storage.cancel(fleet, agent, task, self.clock.now()).await? {
            Canceled::Done(task) => Ok(task),
            Canceled::UnknownAgent => Err(BrokerError::NotInFleet { agent, fleet }),
            Canceled::UnknownTask => Err(BrokerError::TaskNotFound(task)),
            Canceled::Refused(refused) => Err(refused.into()),
        }
    }

    /// Returns a task of the fleet and the record of its doorbell.
    ///
    /// # Errors
    /// `NotInFleet`, `TaskNotFound`, and as the store says.
    pub async fn show_message(
        &self,
        fleet: FleetId,
        agent: AgentId,
        task: TaskId,
    ) -> Result<(Task, Option<Delivery>), BrokerError> {
        self.require_agent(fleet, agent).await?;
        let found = self.storage.find_task(fleet, task).await?.ok_or(BrokerError::TaskNotFound(task))?;
        let delivery = self.storage.find_delivery(task).await?;
        Ok((found, delivery))
    }
}

pub(super) fn check_body(text: &str) -> Result<(), BrokerError> {
    check_text("message text", text)
}

/// Checks a text that somebody is to read; `what` names it in the error.
pub(super) fn check_text(what: &'static str, text: &str) -> Result<(), BrokerError> {
    if text.len() > MAX_BODY_BYTES {
        return Err(BrokerError::TextTooLong { what, bytes: text.len() });
    }
    if is_blank(text) {
        return Err(BrokerError::TextEmpty { what });
    }
    Ok(())
}

pub(super) fn stored<T>(sent: Sent<T>, fleet: FleetId, from: AgentId, to: AgentId) -> Result<T, BrokerError> {
    match sent {
        Sent::Stored(stored) => Ok(stored),
        Sent::UnknownSender => Err(BrokerError::NotInFleet { agent: from, fleet }),
        Sent::SenderLeft => Err(BrokerError::SenderLeft(from)),
        Sent::RecipientNotActive => Err(BrokerError::RecipientNotActive(to)),
    }
}
