//! Claims on panes: of all processes that would type, one does. The lease keeps out the processes of every database; the claim
//! in the database tells which of its deliveries that one has begun.

use std::time::Duration;

use tracing::{debug, info};

use crate::broker::BrokerError;
use crate::id::{AgentId, TaskId};
use crate::placement::Pane;
use crate::ports::{Begun, PaneLease, Stood, StorageError};
use crate::timestamp::Timestamp;

use super::{PaneTyper, Refusal, Target};

/// How long a claim on a pane lasts when its owner dies.
const CLAIM_LEASE: Duration = Duration::from_secs(60);
/// How much of a claim must be left for a key to be pressed: the multiplexer takes up to 5 s to press it.
const CLAIM_RESERVE: Duration = Duration::from_secs(6);
/// How long to wait for another process's claim: longer than it may wait for an echo.
const CLAIM_WAIT: Duration = Duration::from_secs(8);
/// How often to look whether another process's claim has ended.
const CLAIM_RETRY: Duration = Duration::from_millis(20);

/// A pane that nobody else types into until the claim ends.
#[derive(Debug)]
pub(crate) struct Claimed<'a> {
    pub(crate) target: &'a Target,
    pub(crate) until: Timestamp,
    /// Keeps out the processes of every database until it is dropped.
    pub(crate) lease: Box<dyn PaneLease>,
}

impl Claimed<'_> {
    /// Returns by what the previews, the first of which is of `task`, are known once they have stood in the composer; `None` if they
    /// have not, as far as is known.
    pub(super) fn stood(&self, task: TaskId) -> Option<&Stood> {
        self.lease.begun().filter(|begun| begun.task == task)?.stood.as_ref()
    }
}

impl PaneTyper {
    /// Claims a pane, waiting for the claims of others to end.
    pub(crate) async fn claim<'a>(&self, target: &'a Target) -> Result<Claimed<'a>, Refusal> {
        let lease = self.lease(&target.pane).await.map_err(Refusal::Storage)?.ok_or(Refusal::Claimed)?;
        let claimed = self.claim_leased(target.agent, self.clock.now()).await;
        let until = claimed.map_err(|error| Refusal::Storage(error.to_string()))?;
        until.map(|until| Claimed { target, until, lease }).ok_or(Refusal::Claimed)
    }

    /// Takes the lease on a pane of which something else than what is typed is decided.
    ///
    /// # Errors
    /// `PaneLeased` when those of others do not end, and `Storage` when it cannot be told.
    pub(crate) async fn hold_pane(&self, pane: &Pane) -> Result<Box<dyn PaneLease>, BrokerError> {
        let lease = self.lease(pane).await.map_err(StorageError::Unavailable)?;
        lease.ok_or_else(|| BrokerError::PaneLeased(pane.id.clone()))
    }

    /// Takes the lease on a pane, waiting for those of others to end; none when they do not.
    async fn lease(&self, pane: &Pane) -> Result<Option<Box<dyn PaneLease>>, String> {
        let deadline = self.clock.now().after(CLAIM_WAIT);
        loop {
            let now = self.clock.now();
            match self.leases.take(pane, now, now.after(CLAIM_LEASE))? {
                None if now < deadline => self.clock.sleep(CLAIM_RETRY).await,
                taken => return Ok(taken),
            }
        }
    }

    /// Claims a pane on which this process has the lease: a claim that lasts is that of a process that has ended.
    async fn claim_leased(&self, agent: AgentId, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
        if let Some(until) = self.claims.claim_pane(agent, now, CLAIM_LEASE).await? {
            return Ok(Some(until));
        }
        info!(%agent, "the claim of a process that has ended is taken over");
        self.claims.end_claim(agent).await?;
        self.claims.claim_pane(agent, now, CLAIM_LEASE).await
    }

    /// Gives a claim back; one that cannot be given back ends by itself.
    pub(crate) async fn release(&self, claimed: Claimed<'_>) {
        let agent = claimed.target.agent;
        if let Err(error) = self.claims.release_pane(agent, claimed.until).await {
            debug!(%agent, %error, "a claim could not be given back and ends by itself");
        }
    }

    /// Notes which tasks are about to be typed as one text, for whoever comes next should this process die. Returns `false` if the
    /// claim has ended.
    pub(crate) async fn begin_typing(&self, claimed: &Claimed<'_>, tasks: &[TaskId]) -> Result<bool, StorageError> {
        if let Some(task) = tasks.first() {
            claimed.lease.begin(&Begun { task: *task, stood: claimed.stood(*task).cloned() });
        }
        self.claims.begin_typing(claimed.target.agent, claimed.until, tasks).await
    }

    /// Notes that all of a text, the first task of which is `task`, stands in the composer: by its mark it is known elsewhere.
    pub(crate) fn note_standing(&self, claimed: &Claimed<'_>, task: TaskId, mark: &str) {
        let stood = Stood { mark: mark.to_owned(), group: claimed.target.front().group };
        claimed.lease.begin(&Begun { task, stood: Some(stood) });
    }

    /// Notes that nothing is being typed any more: what was begun never came into the composer.
    pub(crate) async fn end_typing(&self, claimed: &Claimed<'_>) -> Result<(), StorageError> {
        if self.claims.begin_typing(claimed.target.agent, claimed.until, &[]).await? {
            claimed.lease.undo();
        }
        Ok(())
    }

    /// Fails when the claim has ended or is about to: this process was stopped, or the multiplexer is slow, and another
    /// one may be typing by now.
    pub(super) fn still_claimed(&self, claimed: &Claimed<'_>) -> Result<(), Refusal> {
        if self.clock.now().after(CLAIM_RESERVE) > claimed.until { Err(Refusal::Claimed) } else { Ok(()) }
    }
}
