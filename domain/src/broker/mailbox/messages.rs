//! Messages: send, broadcast, poll, acknowledge, cancel, show.

use std::time::Duration;

use crate::broker::{BrokerError, required};
use crate::delivery::{Delivery, DeliveryState, DeliveryStatus};
use crate::id::{AgentId, FleetId, TaskId};
use crate::ports::storage::{Acknowledged, Canceled, SendRequest};
use crate::task::Task;

use super::{Mailbox, Posted};

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

impl Mailbox {
    /// Commits a message, then rings its recipient once.
    ///
    /// # Errors
    /// `TextTooLong`, `TextEmpty`, `NotInFleet`, `SenderLeft`, `RecipientNotActive`, and as the store says. Once the message is
    /// committed nothing is an error any more: what the doorbell met is in the report.
    pub async fn send(
        &self,
        fleet: FleetId,
        from: AgentId,
        to: AgentId,
        text: String,
    ) -> Result<SendReport, BrokerError> {
        let posted = self.post(fleet, from, Some(to), text).await?;
        Ok(self.ring(posted).await)
    }

    /// Writes to the Director what CAFleet itself has to say. It goes in the name of the Administrator, marked as words
    /// that no person wrote.
    pub(crate) async fn tell_director(&self, fleet: FleetId, text: String) -> Result<(), BrokerError> {
        let detail = required::fleet(self.storage.as_ref(), fleet).await?;
        let (from, to, now) = (detail.administrator, detail.fleet.director, self.clock.now());
        let posted = self.post_message(SendRequest { fleet, from, to, text, is_notice: true, now }).await?;
        // boxed, for a notice of a loop is sent while a message is
        Box::pin(self.ring(posted)).await;
        Ok(())
    }

    async fn ring(&self, posted: Posted) -> SendReport {
        let rung = self.ring_posted(&posted).await.into_iter().next();
        SendReport { task: posted.task, delivery: rung.unwrap_or(DeliveryStatus::plain(DeliveryState::None)) }
    }

    /// Commits a broadcast, then rings its recipients once, side by side.
    ///
    /// # Errors
    /// As [`Mailbox::send`].
    pub async fn broadcast(&self, fleet: FleetId, from: AgentId, text: String) -> Result<BroadcastReport, BrokerError> {
        let posted = self.post(fleet, from, None, text).await?;
        let rung = self.ring_posted(&posted).await;
        let notified = rung.iter().filter(|status| status.is_submitted()).count();
        Ok(BroadcastReport { summary: posted.task, recipients: posted.recipients, notified })
    }

    /// Returns what waits for an agent's acknowledgement, oldest first. When nothing does, waits up to `wait` for
    /// something to come.
    ///
    /// # Errors
    /// `NotInFleet`, and as the store says.
    pub async fn poll(&self, fleet: FleetId, agent: AgentId, wait: Option<Duration>) -> Result<Vec<Task>, BrokerError> {
        let deadline = wait.map(|wait| self.clock.now().after(wait));
        loop {
            let inbox = self.storage.inbox(fleet, agent).await?;
            let tasks = inbox.ok_or(BrokerError::NotInFleet { agent, fleet })?;
            let left = deadline.map_or(Duration::ZERO, |deadline| deadline.since(self.clock.now()));
            if !tasks.is_empty() || left.is_zero() {
                return Ok(tasks);
            }
            self.changes.wait(left).await?;
        }
    }

    /// Acknowledges a message. Acknowledging twice changes nothing.
    ///
    /// # Errors
    /// `NotInFleet`, `TaskNotFound`, `AcknowledgeRefused`, and as the store says.
    pub async fn acknowledge(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> Result<Task, BrokerError> {
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
    /// As [`Mailbox::acknowledge`], and `FleetNotFound`.
    pub async fn acknowledge_as_person(&self, fleet: FleetId, task: TaskId) -> Result<Task, BrokerError> {
        let administrator = required::fleet(self.storage.as_ref(), fleet).await?.administrator;
        self.acknowledge(fleet, administrator, task).await
    }

    /// Takes a message back; of a broadcast, every delivery that still waits.
    ///
    /// # Errors
    /// `NotInFleet`, `TaskNotFound`, `CancelRefused`, and as the store says.
    pub async fn cancel(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> Result<Task, BrokerError> {
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
    pub async fn show(
        &self,
        fleet: FleetId,
        agent: AgentId,
        task: TaskId,
    ) -> Result<(Task, Option<Delivery>), BrokerError> {
        required::agent(self.storage.as_ref(), fleet, agent).await?;
        let found = self.storage.find_task(fleet, task).await?.ok_or(BrokerError::TaskNotFound(task))?;
        let delivery = self.storage.find_delivery(task).await?;
        Ok((found, delivery))
    }
}
