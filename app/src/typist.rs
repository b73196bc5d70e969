//! A person who types into a pane from elsewhere: from a terminal or a browser.

use std::time::Duration;

use cafleet_domain::broker::{Broker, BrokerError, TakenOver};
use cafleet_domain::id::{AgentId, FleetId};
use tokio::time::{Instant, sleep_until};

/// How long after the last key messages still wait: a person thinks between words.
const AFTER_LAST_KEY: Duration = Duration::from_secs(5);

/// After so long the pane is taken over anew: the claim of whoever types ends by itself after a minute.
const RENEWED_AFTER: Duration = Duration::from_secs(40);

/// Takes the pane over while keys come: meanwhile nothing else is typed there.
pub(crate) struct Typist {
    broker: Broker,
    fleet: FleetId,
    agent: AgentId,
    taken: Option<(TakenOver, Instant)>,
    rests_at: Instant,
}

impl Typist {
    pub(crate) fn new(broker: Broker, fleet: FleetId, agent: AgentId) -> Self {
        Self { broker, fleet, agent, taken: None, rests_at: Instant::now() }
    }

    /// Has the pane for the next key, as soon as nothing is being typed into it.
    ///
    /// # Errors
    /// As `Members::take_over`.
    pub(crate) async fn take(&mut self) -> Result<(), BrokerError> {
        self.rests_at = Instant::now() + AFTER_LAST_KEY;
        if self.taken.as_ref().is_some_and(|(_, since)| since.elapsed() >= RENEWED_AFTER) {
            self.give_back().await;
        }
        if self.taken.is_none() {
            let taken = self.broker.members.take_over(self.fleet, self.agent).await?;
            self.taken = Some((taken, Instant::now()));
        }
        Ok(())
    }

    /// Waits until nothing has been typed for a while; for ever when the pane is not taken over.
    async fn rests(&self) {
        match self.taken {
            Some(_) => sleep_until(self.rests_at).await,
            None => std::future::pending().await,
        }
    }

    /// Lets messages in again.
    pub(crate) async fn give_back(&mut self) {
        if let Some((taken, _)) = self.taken.take() {
            self.broker.members.give_back(taken).await;
        }
    }
}

/// Waits until who may type has not done so for a while; none when nobody may.
pub(crate) async fn resting(typist: Option<&mut Typist>) -> Option<&mut Typist> {
    let typist = typist?;
    typist.rests().await;
    Some(typist)
}
