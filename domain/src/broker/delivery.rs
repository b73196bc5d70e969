//! The doorbell: from a committed row to the agent's eyes.

use crate::delivery::{DeliveryState, DeliveryStatus};
use crate::id::{AgentId, FleetId, TaskId};
use crate::keystroke::Keystroke;
use crate::ports::StorageError;
use crate::ports::storage::OwedDelivery;
use crate::screen::{self, ScreenState};

use super::Broker;
use super::typing::{Refusal, Target};

impl Broker {
    /// Rings an agent for everything that it is owed, oldest first, and returns what became of `task`.
    ///
    /// Whoever holds the claim on the pane delivers for all: so the order of previews is the order of task ids, and a
    /// sender that had to wait may find its own preview already delivered. Nothing here is an error: the message is
    /// committed.
    pub(super) async fn ring(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> DeliveryStatus {
        let rung = match self.claim(agent).await {
            Ok(claim) => {
                let rung = self.deliver_owed(fleet, agent, task).await;
                self.release(agent, claim).await;
                rung
            }
            Err(refusal) => self.unless_rung(task, refusal).await,
        };
        rung.unwrap_or_else(|error| DeliveryStatus::because(DeliveryState::Pending, error))
    }

    /// Rings an agent for everything that it is owed, until something stops. What stopped is in the ledger.
    pub(super) async fn ring_all(&self, fleet: FleetId, agent: AgentId) {
        let Ok(owed) = self.storage.owed_deliveries(fleet, agent).await else { return };
        if let Some(last) = owed.last() {
            self.ring(fleet, agent, last.task.id).await;
        }
    }

    /// Delivers what is owed until `task` is done or something stops; the caller holds the claim.
    async fn deliver_owed(&self, fleet: FleetId, agent: AgentId, task: TaskId) -> Result<DeliveryStatus, StorageError> {
        let placed = self.storage.find_agent(fleet, agent).await?;
        let Some(target) = placed.as_ref().and_then(Target::of) else {
            return self.record(task, Err(Refusal::Gone)).await;
        };
        for owed in self.storage.owed_deliveries(fleet, agent).await? {
            let outcome = self.deliver(&target, &owed).await?;
            let refused = outcome.clone().err();
            let status = self.record(owed.task.id, outcome).await?;
            match refused {
                _ if owed.task.id == task => return Ok(status),
                Some(refusal) => return self.unless_rung(task, refusal).await,
                None => {}
            }
        }
        self.recorded(task).await
    }

    /// Types one preview. What is written before Enter is pressed lets the next pass tell a preview that left the
    /// composer from one that never came, should this process die.
    async fn deliver(&self, target: &Target, owed: &OwedDelivery) -> Result<Result<(), Refusal>, StorageError> {
        let keys = Keystroke::preview(&owed.task, self.max_text_len);
        if owed.status.state == DeliveryState::Typed {
            return Ok(self.finish(target, &keys).await);
        }
        if let Err(refusal) = self.compose(target, &keys).await {
            return Ok(Err(refusal));
        }
        let typed = DeliveryStatus::plain(DeliveryState::Typed);
        self.storage.record_delivery(owed.task.id, &typed, self.clock.now()).await?;
        Ok(self.press_enter(target, &keys).await)
    }

    /// Continues a delivery whose Enter may or may not have been pressed.
    async fn finish(&self, target: &Target, keys: &Keystroke) -> Result<(), Refusal> {
        let (reading, view) = self.read_screen(target).await?;
        if screen::composer_holds_only(&reading, &view.screen, &keys.text) {
            return self.press_enter(target, keys).await;
        }
        match reading.state {
            ScreenState::Asking => Err(Refusal::Asking),
            ScreenState::Composing if screen::composer_shows(&reading, &view.screen, &keys.head) => {
                Err(Refusal::Composing)
            }
            _ => Ok(()),
        }
    }

    /// Records what became of a doorbell.
    async fn record(&self, task: TaskId, outcome: Result<(), Refusal>) -> Result<DeliveryStatus, StorageError> {
        let status = match outcome {
            Ok(()) => DeliveryStatus::plain(DeliveryState::Submitted),
            Err(refusal) if refusal.is_final() => DeliveryStatus::because(DeliveryState::Failed, refusal),
            Err(refusal @ (Refusal::StillInComposer | Refusal::EnterWithheld)) => {
                DeliveryStatus::because(DeliveryState::Typed, refusal)
            }
            Err(refusal) => DeliveryStatus::because(DeliveryState::Held, refusal),
        };
        self.storage.record_delivery(task, &status, self.clock.now()).await?;
        Ok(status)
    }

    /// Holds a doorbell for the reason that stopped the pass, unless another process has rung it in the meantime.
    async fn unless_rung(&self, task: TaskId, refusal: Refusal) -> Result<DeliveryStatus, StorageError> {
        let recorded = self.recorded(task).await?;
        if recorded.state == DeliveryState::Pending { self.record(task, Err(refusal)).await } else { Ok(recorded) }
    }

    async fn recorded(&self, task: TaskId) -> Result<DeliveryStatus, StorageError> {
        let delivery = self.storage.find_delivery(task).await?;
        Ok(delivery.map_or(DeliveryStatus::plain(DeliveryState::None), |delivery| delivery.status))
    }
}
