//! Posting: a message is committed now and its doorbell rung later, for whoever must not wait for a pane.

use crate::broker::{BrokerError, required};
use crate::delivery::DeliveryStatus;
use crate::id::{AgentId, FleetId};
use crate::join::join_all;
use crate::ports::storage::{BroadcastRequest, SendRequest, Sent, TaskStored};
use crate::task::Task;

use super::Mailbox;

/// A committed message or broadcast whose recipients are still to be rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The task; the summary of a broadcast.
    pub task: Task,
    /// How many agents receive it.
    pub recipients: usize,
    fleet: FleetId,
    bells: Vec<Task>,
}

impl Mailbox {
    /// Commits a message to one agent, or with no `to` a broadcast. [`Mailbox::ring_posted`] is to follow; until then
    /// the doorbells are owed, and the monitor rings them too.
    ///
    /// # Errors
    /// As [`Mailbox::send`].
    pub async fn post(
        &self,
        fleet: FleetId,
        from: AgentId,
        to: Option<AgentId>,
        text: String,
    ) -> Result<Posted, BrokerError> {
        let now = self.clock.now();
        match to {
            Some(to) => self.post_message(SendRequest { fleet, from, to, text, is_notice: false, now }).await,
            None => self.post_broadcast(BroadcastRequest { fleet, from, text, now }).await,
        }
    }

    pub(super) async fn post_message(&self, request: SendRequest) -> Result<Posted, BrokerError> {
        let SendRequest { fleet, from, to, ref text, .. } = request;
        required::text("message text", text)?;
        let TaskStored { task, rings } = stored(self.storage.send(&request).await?, fleet, from, to)?;
        let bells = rings.then(|| task.clone()).into_iter().collect();
        Ok(Posted { task, recipients: 1, fleet, bells })
    }

    async fn post_broadcast(&self, request: BroadcastRequest) -> Result<Posted, BrokerError> {
        let BroadcastRequest { fleet, from, ref text, .. } = request;
        required::text("message text", text)?;
        let sent = stored(self.storage.broadcast(&request).await?, fleet, from, from)?;
        let recipients = sent.deliveries.len();
        let bells = sent.deliveries.into_iter().filter(|sent| sent.rings).map(|sent| sent.task).collect();
        Ok(Posted { task: sent.summary, recipients, fleet, bells })
    }

    /// Rings the recipients of a posted message once, side by side, and returns what each doorbell met.
    pub async fn ring_posted(&self, posted: &Posted) -> Vec<DeliveryStatus> {
        let bells = posted.bells.iter();
        let rung = join_all(bells.map(|task| self.doorbell.ring(posted.fleet, task.context, task.id))).await;
        if let [task] = posted.bells.as_slice()
            && task.origin.is_none()
        {
            self.report_loop(posted.fleet, task).await;
        }
        rung
    }
}

fn stored<T>(sent: Sent<T>, fleet: FleetId, from: AgentId, to: AgentId) -> Result<T, BrokerError> {
    match sent {
        Sent::Stored(stored) => Ok(stored),
        Sent::UnknownSender => Err(BrokerError::NotInFleet { agent: from, fleet }),
        Sent::SenderLeft => Err(BrokerError::SenderLeft(from)),
        Sent::RecipientNotActive => Err(BrokerError::RecipientNotActive(to)),
    }
}
