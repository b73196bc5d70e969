//! Two agents that answer each other for ever are rung seldom.

use tracing::warn;

use crate::broker::refusal::Refusal;
use crate::loop_guard::{self, Exchange, Loop, SLOW_INTERVAL};
use crate::ports::StorageError;
use crate::ports::storage::{Exchanged, PendingDelivery};
use crate::task::Task;

use super::Doorbell;

impl Doorbell {
    /// Decides whether a doorbell has to wait because its two agents talk in a loop.
    pub(super) async fn slowed(&self, pending: &PendingDelivery) -> Result<Option<Refusal>, StorageError> {
        let history = self.history(&pending.task).await?;
        let Some(found) = loop_guard::detect(&exchanges(&history), self.loop_limits) else { return Ok(None) };
        let now = self.clock.now();
        let rung = history.iter().filter_map(|message| message.rung_at).max();
        let waits = rung.is_some_and(|at| at <= now && now.since(at) < SLOW_INTERVAL);
        Ok(waits.then_some(Refusal::Looping(found)))
    }

    /// Returns the loop that begins with this message; none where none does, or that cannot be read.
    pub(crate) async fn loop_begun_by(&self, task: &Task) -> Option<Loop> {
        let history =
            self.history(task).await.inspect_err(|error| warn!(%error, "a conversation could not be read")).ok()?;
        loop_guard::begins(&exchanges(&history), self.loop_limits)
    }

    async fn history(&self, task: &Task) -> Result<Vec<Exchanged>, StorageError> {
        self.deliveries.conversation([task.from, task.context], task.id, self.loop_limits.history()).await
    }
}

fn exchanges(history: &[Exchanged]) -> Vec<Exchange> {
    history.iter().map(|message| message.exchange).collect()
}
