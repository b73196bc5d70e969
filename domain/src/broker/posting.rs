//! Posting: a message is committed now and its doorbell rung later, for whoever must not wait for a pane.

use crate::id::{AgentId, FleetId, TaskId};
use crate::join::join_all;
use crate::ports::storage::{BroadcastRequest, SendRequest, TaskStored};
use crate::task::Task;

use super::messaging::{check_body, stored};
use super::{Broker, BrokerError};

/// A committed message or broadcast whose recipients are still to be rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The task; the summary of a broadcast.
    pub task: TaskId,
    fleet: FleetId,
    bells: Vec<Task>,
}

impl Broker {
    /// Commits a message to one agent, or with no `to` a broadcast. [`Broker::ring_posted`] is to follow; until then
    /// the doorbells are owed, and the monitor rings them too.
    ///
    /// # Errors
    /// As [`Broker::send_message`].
    pub async fn post_message(
        &self,
        fleet: FleetId,
        from: AgentId,
        to: Option<AgentId>,
        text: String,
    ) -> Result<Posted, BrokerError> {
        check_body(&text)?;
        let now = self.clock.now();
        let (task, sent) = match to {
            Some(to) => {
                let sent = self.storage.send(&SendRequest { fleet, from, to, text, is_notice: false, now }).await?;
                let sent = stored(sent, fleet, from, to)?;
                (sent.task.id, vec![sent])
            }
            None => {
                let sent = self.storage.broadcast(&BroadcastRequest { fleet, from, text, now }).await?;
                let sent = stored(sent, fleet, from, from)?;
                (sent.summary.id, sent.deliveries)
            }
        };
        let bells = sent.into_iter().filter(|sent| sent.rings).map(|TaskStored { task, .. }| task);
        Ok(Posted { task, fleet, bells: bells.collect() })
    }

    /// Rings the recipients of a posted message once, side by side. What each doorbell met is in the ledger.
    pub async fn ring_posted(&self, posted: &Posted) {
        join_all(posted.bells.iter().map(|task| self.ring(posted.fleet, task.context, task.id))).await;
        if let [task] = posted.bells.as_slice()
            && task.origin.is_none()
        {
            self.report_loop(posted.fleet, task).await;
        }
    }
}
