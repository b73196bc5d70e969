//! The doorbell: from a committed row to the agent's eyes.

use tracing::{debug, warn};

use crate::broker::pane_typer::{Admitted, Claimed, Uncomposed};
use crate::broker::refusal::Refusal;
use crate::broker::target::Target;
use crate::delivery::{DeliveryState, DeliveryStatus};
use crate::id::{AgentId, FleetId, TaskId};
use crate::keystroke::Keystroke;
use crate::placement::Pane;
use crate::ports::StorageError;
use crate::ports::storage::{PendingDeliveries, PendingDelivery};
use crate::task::TaskState;

use super::{Doorbell, batch};

/// How far typing a preview came.
enum Progress {
    /// It left the composer.
    Submitted,
    /// Enter was certainly not pressed.
    Held(Refusal),
    /// Enter may have been pressed.
    Typed(Refusal),
}

/// What became of the doorbell for a task, and what kept a pass from going on.
struct Outcome {
    status: DeliveryStatus,
    stopped_by: Option<Refusal>,
}

impl Progress {
    fn status(self) -> DeliveryStatus {
        match self {
            Self::Submitted => DeliveryStatus::plain(DeliveryState::Submitted),
            Self::Held(refusal) | Self::Typed(refusal) if refusal.is_final() => {
                DeliveryStatus::because(DeliveryState::Failed, refusal)
            }
            Self::Held(refusal) => DeliveryStatus::because(DeliveryState::Held, refusal),
            Self::Typed(refusal) => DeliveryStatus::because(DeliveryState::Typed, refusal),
        }
    }
}

impl Doorbell {
    /// Rings an agent for everything that is pending for it, oldest first, and returns what became of `task`.
    ///
    /// Whoever holds the claim on the pane delivers for all: so the order of previews is the order of task ids, and a
    /// sender that had to wait may find its own preview already delivered. Nothing here is an error: the message is
    /// committed.
    pub(crate) async fn ring(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> DeliveryStatus {
        let outcome = self.try_to_ring(fleet, agent, task).await;
        outcome.unwrap_or_else(|error| {
            warn!(%fleet, %agent, %task, %error, "the doorbell could not be read or recorded");
            DeliveryStatus::because(DeliveryState::Pending, error)
        })
    }

    /// Rings an agent for everything that is pending for it, until something stops. What stopped is in the ledger.
    pub(crate) async fn ring_all(&self, fleet: FleetId, agent: AgentId) {
        let PendingDeliveries { begun, fresh } = match self.deliveries.pending_deliveries(fleet, agent).await {
            Ok(pending) => pending,
            Err(error) => return warn!(%fleet, %agent, %error, "what is pending could not be read"),
        };
        let next = fresh.iter().chain(&begun).find(|pending| waits(pending));
        // what was read by itself may still stand in the composer, or its leaving was not recorded
        if let Some(next) = next.or(begun.first()) {
            self.ring(fleet, agent, next.task.id).await;
        }
    }

    async fn try_to_ring(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> Result<DeliveryStatus, StorageError> {
        let placed = self.agents.find_agent(fleet, agent).await?;
        let Some(target) = placed.as_ref().and_then(Target::of) else {
            let is_starting = placed.is_some_and(|placed| placed.agent.is_active() && placed.placement.is_some());
            let refusal = if is_starting { Refusal::Starting } else { Refusal::Gone };
            return self.record(&[task], Progress::Held(refusal).status()).await;
        };
        match self.ring_target(fleet, target.clone(), task, true).await? {
            Outcome { stopped_by: Some(Refusal::OtherPreview { left_by }), .. } => {
                self.finish_others(&target, left_by).await?;
                Ok(self.ring_target(fleet, target, task, true).await?.status)
            }
            outcome => Ok(outcome.status),
        }
    }

    /// Has what others were typed in the pane of an agent, and was not submitted, submitted by their own ledger, which alone
    /// knows whether it was before: that of other fleets, and of another store that has left something there.
    async fn finish_others(&self, target: &Target, left_by: Option<String>) -> Result<(), StorageError> {
        if let (Some(store), Some(stores)) = (left_by, &self.other_stores)
            && let Err(error) = stores.finish_in_pane(&store, &target.pane).await
        {
            debug!(agent = %target.agent, store, error, "a preview of another database stays where it is");
        }
        self.finish_in_pane(&target.pane, Some(target.agent)).await
    }

    /// Submits what the agents of a pane, `but` one of them, were typed and was not submitted.
    ///
    /// # Errors
    /// As the store says.
    pub async fn finish_in_pane(&self, pane: &Pane, but: Option<AgentId>) -> Result<(), StorageError> {
        let placed = self.agents.agents_in_pane(pane).await?;
        for placed in placed.iter().filter(|placed| Some(placed.agent.id) != but) {
            let Some(other) = Target::of(placed) else { continue };
            let fleet = placed.agent.fleet;
            if let Some(last) = self.deliveries.pending_deliveries(fleet, other.agent).await?.begun.last() {
                self.ring_target(fleet, other, last.task.id, true).await?;
            }
        }
        Ok(())
    }

    /// Rings the agent of a pane; again, if it `may_be_other` than the one on record and is found to be.
    async fn ring_target(
        &self,
        fleet: FleetId,
        target: Target,
        task: TaskId,
        may_be_other: bool,
    ) -> Result<Outcome, StorageError> {
        match self.typer.claim(&target).await {
            Ok(claimed) => {
                let outcome = self.deliver_pending(fleet, &claimed, task).await;
                self.typer.release(claimed).await;
                match outcome {
                    Ok(Outcome { stopped_by: Some(Refusal::OtherAgent(other)), .. }) if may_be_other => {
                        let target = target.with_backend(other);
                        Box::pin(self.ring_target(fleet, target, task, false)).await
                    }
                    outcome => outcome,
                }
            }
            // Who does not hold the claim writes nothing: the one who does may be just about to.
            Err(refusal) => {
                let recorded = self.recorded(task).await?;
                let untouched = recorded.state == DeliveryState::Pending;
                let status = if untouched { Progress::Held(refusal.clone()).status() } else { recorded };
                Ok(Outcome { status, stopped_by: Some(refusal) })
            }
        }
    }

    /// Delivers what is pending until `task` is done or something stops.
    async fn deliver_pending(
        &self,
        fleet: FleetId,
        claimed: &Claimed<'_>,
        task: TaskId,
    ) -> Result<Outcome, StorageError> {
        let pending = self.deliveries.pending_deliveries(fleet, claimed.target.agent).await?;
        let PendingDeliveries { begun, fresh } = self.regrouped(claimed, pending).await?;
        let first_begun = begun.first().map(|pending| pending.task.id);
        let batches = batch::batches(begun, self.without_loops(fresh).await?, self.max_text_len);
        for batch in batches {
            let is_begun = first_begun.is_some() && batch.first().map(|pending| pending.task.id) == first_begun;
            let progress = self.deliver(claimed, &batch, is_begun).await?;
            let stopped_by = match &progress {
                Progress::Submitted => None,
                Progress::Held(refusal) | Progress::Typed(refusal) => Some(refusal.clone()),
            };
            let tasks = task_ids(&batch);
            let status = self.record(&tasks, progress.status()).await?;
            if stopped_by.is_none() {
                // what proves that it has left may go once it is on record
                claimed.lease.finish();
            }
            if tasks.contains(&task) {
                return Ok(Outcome { status, stopped_by });
            }
            if let Some(refusal) = stopped_by {
                return Ok(Outcome { status: self.put_off(task, refusal.clone()).await?, stopped_by: Some(refusal) });
            }
        }
        Ok(Outcome { status: self.recorded(task).await?, stopped_by: None })
    }

    /// Keeps together what was begun, for it may stand in the composer as it is, or be on its way there. Only where some of
    /// it does not wait any more and nothing of it is to be seen, the rest is grouped anew.
    async fn regrouped(
        &self,
        claimed: &Claimed<'_>,
        pending: PendingDeliveries,
    ) -> Result<PendingDeliveries, StorageError> {
        let PendingDeliveries { begun, mut fresh } = pending;
        let may_have_left = begun.iter().any(|pending| pending.status.state == DeliveryState::Typed);
        if may_have_left || begun.iter().all(waits) {
            return Ok(PendingDeliveries { begun, fresh });
        }
        let previews = self.previews(&begun);
        if let Some(first) = begun.first()
            && self.typer.was_submitted(claimed, &previews, first.task.id).await.unwrap_or(false)
        {
            return Ok(PendingDeliveries { begun, fresh });
        }
        if self.typer.shows_nothing_of(claimed, &previews).await {
            self.typer.end_typing(claimed).await?;
            fresh.extend(begun.into_iter().filter(waits));
            fresh.sort_by_key(|pending| pending.task.id);
            return Ok(PendingDeliveries { begun: Vec::new(), fresh });
        }
        Ok(PendingDeliveries { begun, fresh })
    }

    fn previews(&self, batch: &[PendingDelivery]) -> Keystroke {
        Keystroke::previews(batch.iter().map(|pending| &pending.task), self.max_text_len, &self.marks.fresh())
    }

    /// Puts off what has to wait because its two agents talk in a loop, and returns the rest: others have nothing to do with
    /// the loop of two.
    async fn without_loops(&self, pending: Vec<PendingDelivery>) -> Result<Vec<PendingDelivery>, StorageError> {
        let mut others = Vec::with_capacity(pending.len());
        for pending in pending {
            match self.slowed(&pending).await? {
                Some(refusal) => drop(self.record(&[pending.task.id], Progress::Held(refusal).status()).await?),
                None => others.push(pending),
            }
        }
        Ok(others)
    }

    /// Types some previews as one text. What is written before Enter is pressed lets the next pass tell previews that left
    /// the composer from those that never came, should this process die.
    ///
    /// What `is_begun` may have been pasted by a process that died before it showed: then it is waited for.
    async fn deliver(
        &self,
        claimed: &Claimed<'_>,
        batch: &[PendingDelivery],
        is_begun: bool,
    ) -> Result<Progress, StorageError> {
        let Some(oldest) = batch.first() else { return Ok(Progress::Submitted) };
        let (keys, tasks) = (self.previews(batch), task_ids(batch));
        if oldest.status.state == DeliveryState::Typed {
            let finished = self.typer.finish(claimed, &keys).await;
            return Ok(finished.map_or_else(Progress::Typed, |()| Progress::Submitted));
        }
        let admitted = match self.admitted(claimed, &keys, oldest.task.id, is_begun).await {
            Ok(Some(admitted)) => admitted,
            Ok(None) => return Ok(Progress::Submitted),
            Err(refusal) => return Ok(Progress::Held(refusal)),
        };
        let keys = admitted.keys.clone();
        if !self.typer.begin_typing(claimed, &tasks).await? {
            return Ok(Progress::Held(Refusal::Claimed));
        }
        let condition = match self.typer.compose(claimed, admitted).await {
            Ok(condition) => condition,
            Err(Uncomposed { refusal, is_untyped }) => {
                if is_untyped && !is_begun {
                    self.typer.end_typing(claimed).await?;
                }
                return Ok(Progress::Held(refusal));
            }
        };
        self.typer.note_standing(claimed, oldest.task.id, &keys.guard);
        self.record(&tasks, DeliveryStatus::plain(DeliveryState::Typed)).await?;
        Ok(match self.typer.press_enter(claimed, &keys, condition).await {
            Ok(()) => Progress::Submitted,
            Err(refusal @ (Refusal::EnterWithheld | Refusal::Claimed)) => Progress::Held(refusal),
            Err(refusal) => Progress::Typed(refusal),
        })
    }

    /// Looks whether previews may be typed, or stand in the composer; `None` if they were begun, and somebody else has submitted
    /// them.
    async fn admitted(
        &self,
        claimed: &Claimed<'_>,
        keys: &Keystroke,
        first: TaskId,
        is_begun: bool,
    ) -> Result<Option<Admitted>, Refusal> {
        if is_begun {
            self.typer.admitted_late(claimed, keys, first).await
        } else {
            self.typer.admitted(claimed, keys).await.map(Some)
        }
    }

    /// Holds a doorbell for the reason that stopped the pass before it came to its turn.
    async fn put_off(&self, task: TaskId, refusal: Refusal) -> Result<DeliveryStatus, StorageError> {
        let recorded = self.recorded(task).await?;
        match recorded.state {
            DeliveryState::Pending | DeliveryState::Held => {
                self.record(&[task], Progress::Held(refusal).status()).await
            }
            _ => Ok(recorded),
        }
    }

    /// Records what became of the doorbell for some tasks.
    async fn record(&self, tasks: &[TaskId], status: DeliveryStatus) -> Result<DeliveryStatus, StorageError> {
        let (state, reason) = (status.state.as_str(), status.reason.as_deref().unwrap_or_default());
        debug!(?tasks, state, reason, "delivery");
        self.deliveries.record_deliveries(tasks, &status, self.clock.now()).await?;
        Ok(status)
    }

    async fn recorded(&self, task: TaskId) -> Result<DeliveryStatus, StorageError> {
        let delivery = self.deliveries.find_delivery(task).await?;
        Ok(delivery.map_or(DeliveryStatus::plain(DeliveryState::None), |delivery| delivery.status))
    }
}

fn task_ids(batch: &[PendingDelivery]) -> Vec<TaskId> {
    batch.iter().map(|pending| pending.task.id).collect()
}

/// Tells whether a task still waits for its recipient.
fn waits(pending: &PendingDelivery) -> bool {
    pending.task.state == TaskState::InputRequired
}
