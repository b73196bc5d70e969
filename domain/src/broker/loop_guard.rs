//! The loop guard at work: two agents that answer each other for ever are rung seldom, and the Director hears of it.

use tracing::warn;

use crate::id::FleetId;
use crate::loop_guard::{self, Exchange, Loop, SLOW_INTERVAL};
use crate::ports::StorageError;
use crate::ports::storage::{Exchanged, OwedDelivery};
use crate::task::Task;

use super::refusal::Refusal;
use super::{Broker, BrokerError};

impl Broker {
    /// Decides whether a doorbell has to wait because its two agents talk in a loop.
    pub(super) async fn slowed(&self, owed: &OwedDelivery) -> Result<Option<Refusal>, StorageError> {
        let history = self.history(&owed.task).await?;
        let Some(found) = loop_guard::detect(&exchanges(&history), self.loop_limits) else { return Ok(None) };
        let now = self.clock.now();
        let rung = history.iter().filter_map(|message| message.rung_at).max();
        let waits = rung.is_some_and(|at| at <= now && now.since(at) < SLOW_INTERVAL);
        Ok(waits.then_some(Refusal::Looping(found)))
    }

    /// Tells the Director about a loop that begins with this message. The message is committed, so a failure is none.
    pub(super) async fn report_loop(&self, fleet: FleetId, task: &Task) {
        let Ok(history) = self.history(task).await else { return };
        if let Some(found) = loop_guard::begins(&exchanges(&history), self.loop_limits)
            && let Err(error) = self.tell_director_of_loop(fleet, task, found).await
        {
            warn!(%fleet, %error, "the Director could not be told of a loop");
        }
    }

    async fn tell_director_of_loop(&self, fleet: FleetId, task: &Task, found: Loop) -> Result<(), BrokerError> {
        let detail = self.show_fleet(fleet).await?;
        if task.from == detail.administrator {
            return Ok(());
        }
        let text = format!(
            "agents {} and {} talk in a loop: {found}. Nothing is dropped, but the doorbell between them now rings once \
             per {} s. Tell them to stop if they have nothing left to say.",
            task.from,
            task.context,
            SLOW_INTERVAL.as_secs()
        );
        self.tell_director(fleet, text).await
    }

    async fn history(&self, task: &Task) -> Result<Vec<Exchanged>, StorageError> {
        self.storage.conversation([task.from, task.context], task.id, self.loop_limits.history()).await
    }
}

fn exchanges(history: &[Exchanged]) -> Vec<Exchange> {
    history.iter().map(|message| message.exchange).collect()
}
