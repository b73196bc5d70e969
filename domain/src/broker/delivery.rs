//! The doorbell: from a committed row to the agent's eyes.

use std::time::Duration;

use crate::delivery::{DeliveryState, DeliveryStatus};
use crate::id::{AgentId, FleetId, TaskId};
use crate::keystroke::Keystroke;
use crate::ports::StorageError;
use crate::ports::storage::OwedDelivery;
use crate::screen::ScreenState;

use super::refusal::Refusal;
use super::typing::{Claimed, Purpose, Target};
use super::{Broker, echo};

/// How long a screen that is not recognised holds a preview back, before it is tried once by the echo rule
/// (delivery.md).
const HOLD_LIMIT: Duration = Duration::from_secs(300);

/// How far typing a preview came.
enum Progress {
    /// It left the composer.
    Submitted,
    /// Enter was certainly not pressed.
    Held(Refusal),
    /// Enter may have been pressed.
    Typed(Refusal),
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

impl Broker {
    /// Rings an agent for everything that it is owed, oldest first, and returns what became of `task`.
    ///
    /// Whoever holds the claim on the pane delivers for all: so the order of previews is the order of task ids, and a
    /// sender that had to wait may find its own preview already delivered. Nothing here is an error: the message is
    /// committed.
    pub(super) async fn ring(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> DeliveryStatus {
        let rung = self.try_to_ring(fleet, agent, task).await;
        rung.unwrap_or_else(|error| DeliveryStatus::because(DeliveryState::Pending, error))
    }

    /// Rings an agent for everything that it is owed, until something stops. What stopped is in the ledger.
    pub(super) async fn ring_all(&self, fleet: FleetId, agent: AgentId) {
        let Ok(owed) = self.storage.owed_deliveries(fleet, agent).await else { return };
        if let Some(last) = owed.last() {
            self.ring(fleet, agent, last.task.id).await;
        }
    }

    async fn try_to_ring(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> Result<DeliveryStatus, StorageError> {
        let placed = self.storage.find_agent(fleet, agent).await?;
        let Some(target) = placed.as_ref().and_then(Target::of) else {
            return self.record(task, Progress::Held(Refusal::Gone).status()).await;
        };
        match self.claim(&target).await {
            Ok(claimed) => {
                let rung = self.deliver_owed(fleet, &claimed, task).await;
                self.release(&claimed).await;
                rung
            }
            // Who does not hold the claim writes nothing: the one who does may be just about to.
            Err(refusal) => {
                let recorded = self.recorded(task).await?;
                let untouched = recorded.state == DeliveryState::Pending;
                Ok(if untouched { Progress::Held(refusal).status() } else { recorded })
            }
        }
    }

    /// Delivers what is owed until `task` is done or something stops.
    async fn deliver_owed(
        &self,
        fleet: FleetId,
        claimed: &Claimed<'_>,
        task: TaskId,
    ) -> Result<DeliveryStatus, StorageError> {
        for owed in self.storage.owed_deliveries(fleet, claimed.target.agent).await? {
            let progress = match self.slowed(&owed).await? {
                Some(refusal) => Progress::Held(refusal),
                None => self.deliver(claimed, &owed).await?,
            };
            let stopped_by = match &progress {
                Progress::Submitted => None,
                Progress::Held(refusal) | Progress::Typed(refusal) => Some(refusal.clone()),
            };
            let status = self.record(owed.task.id, progress.status()).await?;
            match stopped_by {
                _ if owed.task.id == task => return Ok(status),
                // Others have nothing to do with the loop of two.
                Some(Refusal::Looping(_)) => {}
                Some(refusal) => return self.put_off(task, refusal).await,
                None => {}
            }
        }
        self.recorded(task).await
    }

    /// Types one preview. What is written before Enter is pressed lets the next pass tell a preview that left the
    /// composer from one that never came, should this process die.
    async fn deliver(&self, claimed: &Claimed<'_>, owed: &OwedDelivery) -> Result<Progress, StorageError> {
        let keys = Keystroke::preview(&owed.task, self.max_text_len);
        if owed.status.state == DeliveryState::Typed {
            let finished = self.finish(claimed, owed, &keys).await;
            return Ok(finished.map_or_else(Progress::Typed, |()| Progress::Submitted));
        }
        let guard = match self.compose(claimed, &keys, self.purpose(owed)).await {
            Ok(guard) => guard,
            Err(Refusal::Unrecognised) if was_not_echoed(owed) => return Ok(Progress::Held(Refusal::NoEcho)),
            Err(refusal) => return Ok(Progress::Held(refusal)),
        };
        let typed = DeliveryStatus::plain(DeliveryState::Typed);
        self.storage.record_delivery(owed.task.id, &typed, self.clock.now()).await?;
        Ok(match self.press_enter(claimed, &keys, &guard).await {
            Ok(()) => Progress::Submitted,
            Err(refusal @ (Refusal::EnterWithheld | Refusal::Claimed)) => Progress::Held(refusal),
            Err(refusal) => Progress::Typed(refusal),
        })
    }

    /// Decides how much a screen that is not recognised counts: after a while one attempt is made all the same.
    fn purpose(&self, owed: &OwedDelivery) -> Purpose {
        if self.is_overdue(owed) && !was_not_echoed(owed) { Purpose::Insist } else { Purpose::Tell }
    }

    fn is_overdue(&self, owed: &OwedDelivery) -> bool {
        self.clock.now().since(owed.task.created_at) >= HOLD_LIMIT
    }

    /// Continues a delivery whose Enter may or may not have been pressed. It is pressed again only where the composer is
    /// seen to hold the preview, and nothing is pasted: so no task is ever submitted twice.
    async fn finish(&self, claimed: &Claimed<'_>, owed: &OwedDelivery, keys: &Keystroke) -> Result<(), Refusal> {
        let (reading, view) = self.read_screen(claimed.target).await?;
        let shown = echo::stands(&reading, &view.screen, keys);
        match reading.state {
            ScreenState::Asking => Err(Refusal::Asking),
            // The screen may be one that is being drawn.
            ScreenState::Unknown if shown || !self.is_overdue(owed) => Err(Refusal::Unrecognised),
            ScreenState::Composing if shown && echo::stands_alone(&reading, &view.screen, keys) => {
                match self.press_enter(claimed, keys, &echo::guard(&reading, &view.screen, keys)).await {
                    Err(Refusal::EnterWithheld) => Err(Refusal::StillInComposer),
                    pressed => pressed,
                }
            }
            ScreenState::Composing if shown => Err(Refusal::Composing),
            _ => Ok(()),
        }
    }

    /// Holds a doorbell for the reason that stopped the pass before it came to its turn.
    async fn put_off(&self, task: TaskId, refusal: Refusal) -> Result<DeliveryStatus, StorageError> {
        let recorded = self.recorded(task).await?;
        match recorded.state {
            DeliveryState::Pending | DeliveryState::Held => self.record(task, Progress::Held(refusal).status()).await,
            _ => Ok(recorded),
        }
    }

    /// Records what became of a doorbell.
    async fn record(&self, task: TaskId, status: DeliveryStatus) -> Result<DeliveryStatus, StorageError> {
        self.storage.record_delivery(task, &status, self.clock.now()).await?;
        Ok(status)
    }

    async fn recorded(&self, task: TaskId) -> Result<DeliveryStatus, StorageError> {
        let delivery = self.storage.find_delivery(task).await?;
        Ok(delivery.map_or(DeliveryStatus::plain(DeliveryState::None), |delivery| delivery.status))
    }
}

/// Tells whether the last attempt pasted the preview and saw nothing of it.
fn was_not_echoed(owed: &OwedDelivery) -> bool {
    owed.status == Progress::Held(Refusal::NoEcho).status()
}
