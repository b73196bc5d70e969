//! The Director hears of agents that talk in a loop.

use tracing::warn;

use crate::broker::{BrokerError, required};
use crate::id::FleetId;
use crate::loop_guard::{Loop, SLOW_INTERVAL};
use crate::task::Task;

use super::Mailbox;

impl Mailbox {
    /// Tells the Director about a loop that begins with this message. The message is committed, so a failure is none.
    pub(super) async fn report_loop(&self, fleet: FleetId, task: &Task) {
        if let Some(found) = self.doorbell.loop_begun_by(task).await
            && let Err(error) = self.tell_director_of_loop(fleet, task, found).await
        {
            warn!(%fleet, %error, "the Director could not be told of a loop");
        }
    }

    async fn tell_director_of_loop(&self, fleet: FleetId, task: &Task, found: Loop) -> Result<(), BrokerError> {
        let detail = required::fleet(self.storage.as_ref(), fleet).await?;
        if task.from == detail.administrator {
            return Ok(());
        }
        let text = format!(
            "agents {} and {} talk in a loop: {found}. No message is dropped, but notifications between them are now limited \
             to one per {} s. Tell them to stop if they have nothing left to say.",
            task.from,
            task.context,
            SLOW_INTERVAL.as_secs()
        );
        self.tell_director(fleet, text).await
    }
}
