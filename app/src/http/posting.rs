//! Messages that people send: committed at once, and rung afterwards.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::source::Opened;

/// The doorbells that are being rung.
#[derive(Debug, Default)]
pub(super) struct Posting(Mutex<JoinSet<()>>);

impl Posting {
    /// Commits a message, and rings its recipients in the background: whoever sent it may leave, the bells ring on.
    pub(super) async fn post(
        &self,
        opened: Arc<Opened>,
        fleet: FleetId,
        from: AgentId,
        to: Option<AgentId>,
        text: String,
    ) -> Result<TaskId, BrokerError> {
        let posted = opened.broker.mailbox.post(fleet, from, to, text).await?;
        let task = posted.task.id;
        let mut ringing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while ringing.try_join_next().is_some() {}
        ringing.spawn(async move { drop(opened.broker.mailbox.ring_posted(&posted).await) });
        Ok(task)
    }

    /// Waits for the doorbells that are being rung. One that is cut short is owed, and its claim ends by itself.
    pub(super) async fn finish(&self, limit: Duration) {
        let mut ringing = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let done = async { while ringing.join_next().await.is_some() {} };
        let _too_late = timeout(limit, done).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::test_fleet::TestFleet;

    #[tokio::test]
    async fn a_message_is_there_at_once_and_is_rung_before_the_end() {
        let fleet = TestFleet::create().await;
        let (source, posting) = (fleet.source(), Posting::default());
        let opened = source.opened().await.expect("a database");
        let (from, to) = (fleet.detail.administrator, fleet.detail.director.id);
        let posted = posting.post(Arc::clone(&opened), fleet.id(), from, Some(to), "hello".to_owned()).await;
        let task = posted.expect("a message");
        let submitted = || fleet.multiplexer.pane("%0").expect("a pane").submitted;
        assert!(submitted().is_empty(), "nobody waits for the bell");
        let inbox = opened.viewer.received(fleet.id(), to, None).await.expect("a page").messages;
        assert_eq!(inbox[0].task.id, task);
        posting.finish(Duration::from_secs(20)).await;
        assert!(submitted()[0].contains("hello"), "{:?}", submitted());
    }
}
