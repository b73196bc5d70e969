//! The one routine by which anything is typed into a pane: gate, paste, echo, conditional Enter, verification.
//!
//! No step sleeps for a fixed time; each waits for something that it sees. Escape is never sent: it aborts turns.

use std::time::Duration;

use thiserror::Error;

use crate::agent::PlacedAgent;
use crate::backend::Backend;
use crate::id::AgentId;
use crate::keystroke::Keystroke;
use crate::placement::Pane;
use crate::ports::{Look, MultiplexerError, PaneView};
use crate::screen::{self, Reading, ScreenState};
use crate::timestamp::Timestamp;

use super::Broker;

/// The first wait for an echo; each further one is twice as long.
const FIRST_ECHO_WAIT: Duration = Duration::from_millis(10);
/// How long an echo may take (delivery.md: 10–60 ms as measured, at most 1 s).
pub(super) const ECHO_LIMIT: Duration = Duration::from_secs(1);
/// How long a submitted text may take to leave the composer.
const SUBMIT_LIMIT: Duration = Duration::from_secs(2);
/// How long a claim on a pane lasts when its owner dies: more than the routine can take with every call at its limit.
const CLAIM_LEASE: Duration = Duration::from_secs(60);
/// How long to wait for another process's claim.
const CLAIM_WAIT: Duration = Duration::from_secs(5);
/// How often to look whether another process's claim has ended.
const CLAIM_RETRY: Duration = Duration::from_millis(20);

/// Why a keystroke was not made. Reads on after the name of the agent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The pane is not there any more.
    #[error("has no pane any more")]
    Gone,
    /// The program has ended and left its last screen.
    #[error("has ended; only its last screen is left")]
    Ended,
    /// A mode of the multiplexer takes the keys.
    #[error("is in copy mode; leave it with 'q' in that pane")]
    CopyMode,
    /// The agent has ended and a shell is in its place.
    #[error("has left a shell in its pane; nothing is typed into it")]
    ShellInFront,
    /// A dialog is open.
    #[error("is asking a question; answer it with 'cafleet member send-input' or in its pane")]
    Asking,
    /// Somebody's draft stands in the composer.
    #[error("has an unsent draft in its composer; send or clear it in that pane")]
    Composing,
    /// A turn runs, and typing would abort it.
    #[error("is in the middle of a turn that typing would abort; try again when it is at rest")]
    Working,
    /// An answer was to be typed, but nothing is asked.
    #[error("is not asking anything; look at its pane with 'cafleet member capture'")]
    NotAsking,
    /// The text did not appear.
    #[error("did not show the text in its composer; no Enter was pressed")]
    NoEcho,
    /// The text was gone when Enter was due.
    #[error("did not show the text any more when Enter was due; no Enter was pressed")]
    EnterWithheld,
    /// Enter was pressed, but the text is still in the composer.
    #[error("still has the text in its composer after Enter")]
    StillInComposer,
    /// Another process types into the pane.
    #[error("is being typed to by another process; try again")]
    Claimed,
    /// The multiplexer did not answer or refused.
    #[error("cannot be reached: {0}")]
    Multiplexer(MultiplexerError),
    /// The record of who types could not be read or written.
    #[error("cannot be rung now: {0}")]
    Storage(String),
}

impl Refusal {
    /// Tells whether trying again later is of no use.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Gone | Self::Ended)
    }
}

impl From<MultiplexerError> for Refusal {
    fn from(error: MultiplexerError) -> Self {
        match error {
            MultiplexerError::Gone(_) => Self::Gone,
            error => Self::Multiplexer(error),
        }
    }
}

/// Whose pane it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) agent: AgentId,
    pub(super) name: String,
    pub(super) pane: Pane,
    pub(super) backend: Backend,
}

impl Target {
    /// Returns the target for an agent that has a pane.
    pub(super) fn of(placed: &PlacedAgent) -> Option<Self> {
        let placement = placed.placement.as_ref()?;
        let pane = placement.pane.clone()?;
        let PlacedAgent { agent, .. } = placed;
        Some(Self { agent: agent.id, name: agent.name.clone(), pane, backend: placement.coding_agent })
    }
}

/// What a keystroke is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Starts or queues a turn.
    Tell,
    /// Answers an open question.
    Answer,
}

/// Decides whether the screen's state admits a keystroke. An unknown screen is left to the echo rule: no dialog
/// shows what is pasted into it.
fn admit(purpose: Purpose, backend: Backend, state: ScreenState) -> Result<(), Refusal> {
    use ScreenState::{Asking, AtRest, Composing, Unknown, Working};
    match (purpose, state) {
        (Purpose::Tell, AtRest | Unknown) | (Purpose::Answer, Asking | Unknown) => Ok(()),
        (Purpose::Tell, Working) if backend == Backend::Codex => Err(Refusal::Working),
        (Purpose::Tell, Working) => Ok(()),
        (Purpose::Tell, Asking) => Err(Refusal::Asking),
        (Purpose::Tell, Composing) => Err(Refusal::Composing),
        (Purpose::Answer, AtRest | Working | Composing) => Err(Refusal::NotAsking),
    }
}

/// Decides whether a pane can take keys at all.
fn hears(view: &PaneView) -> Result<(), Refusal> {
    if view.dead {
        Err(Refusal::Ended)
    } else if view.in_mode {
        Err(Refusal::CopyMode)
    } else if !view.agent_in_front {
        Err(Refusal::ShellInFront)
    } else {
        Ok(())
    }
}

impl Broker {
    /// Claims a pane, waiting for the claims of others to end.
    pub(super) async fn claim(&self, agent: AgentId) -> Result<Timestamp, Refusal> {
        let deadline = self.clock.now().after(CLAIM_WAIT);
        loop {
            let now = self.clock.now();
            let claimed = self.storage.claim_pane(agent, now, CLAIM_LEASE).await;
            match claimed.map_err(|error| Refusal::Storage(error.to_string()))? {
                Some(claim) => return Ok(claim),
                None if now >= deadline => return Err(Refusal::Claimed),
                None => self.clock.sleep(CLAIM_RETRY).await,
            }
        }
    }

    /// Gives a claim back; one that cannot be given back ends by itself.
    pub(super) async fn release(&self, agent: AgentId, claim: Timestamp) {
        let _ends_by_itself = self.storage.release_pane(agent, claim).await;
    }

    /// Returns what the pane shows, if it can take keys.
    pub(super) async fn read_screen(&self, target: &Target) -> Result<(Reading, PaneView), Refusal> {
        match self.multiplexer.look(&target.pane).await? {
            Look::Gone => Err(Refusal::Gone),
            Look::Seen(view) => {
                hears(&view)?;
                Ok((screen::read(target.backend, &view.screen), view))
            }
        }
    }

    /// Checks that the pane admits a keystroke of this purpose.
    pub(super) async fn gate(&self, target: &Target, purpose: Purpose) -> Result<(), Refusal> {
        let (reading, _) = self.read_screen(target).await?;
        admit(purpose, target.backend, reading.state)
    }

    /// Brings the text into the composer and sees it there: nothing is pasted when it stands there already.
    pub(super) async fn compose(&self, target: &Target, keys: &Keystroke) -> Result<(), Refusal> {
        let (reading, view) = self.read_screen(target).await?;
        if screen::composer_holds_only(&reading, &view.screen, &keys.text) {
            return Ok(());
        }
        admit(Purpose::Tell, target.backend, reading.state)?;
        self.multiplexer.paste(&target.pane, &keys.text).await?;
        self.await_echo(target, keys).await
    }

    /// Waits until the head of the text stands in the composer.
    pub(super) async fn await_echo(&self, target: &Target, keys: &Keystroke) -> Result<(), Refusal> {
        let shown = self
            .wait_until(target, ECHO_LIMIT, |reading, view| screen::composer_shows(reading, &view.screen, &keys.head));
        if shown.await? { Ok(()) } else { Err(Refusal::NoEcho) }
    }

    /// Presses Enter while the text shows, and sees it leave the composer; tries once more when it stays.
    pub(super) async fn press_enter(&self, target: &Target, keys: &Keystroke) -> Result<(), Refusal> {
        for _ in 0..2 {
            if !self.multiplexer.submit_if_shown(&target.pane, &keys.guard).await? {
                return Err(Refusal::EnterWithheld);
            }
            let left = self.wait_until(target, SUBMIT_LIMIT, |reading, view| {
                !screen::composer_shows(reading, &view.screen, &keys.head)
            });
            match left.await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                // It took the text and is not there to be looked at any more.
                Err(Refusal::Gone | Refusal::Ended | Refusal::ShellInFront) => return Ok(()),
                Err(refusal) => return Err(refusal),
            }
        }
        Err(Refusal::StillInComposer)
    }

    /// Looks again and again, ever less often, until `seen` holds; returns false when it does not within `limit`.
    pub(super) async fn wait_until(
        &self,
        target: &Target,
        limit: Duration,
        seen: impl Fn(&Reading, &PaneView) -> bool + Send,
    ) -> Result<bool, Refusal> {
        let mut waited = Duration::ZERO;
        let mut pause = FIRST_ECHO_WAIT;
        while waited < limit {
            self.clock.sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(limit.saturating_sub(waited)).max(FIRST_ECHO_WAIT);
            let (reading, view) = self.read_screen(target).await?;
            if seen(&reading, &view) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_a_draft_and_a_turn_that_would_be_aborted_admit_nothing() {
        use ScreenState::{Asking, AtRest, Composing, Unknown, Working};
        let tell = |backend, state| admit(Purpose::Tell, backend, state);
        for backend in Backend::ALL {
            assert_eq!(tell(backend, AtRest), Ok(()));
            assert_eq!(tell(backend, Unknown), Ok(()));
            assert_eq!(tell(backend, Asking), Err(Refusal::Asking));
            assert_eq!(tell(backend, Composing), Err(Refusal::Composing));
        }
        assert_eq!(tell(Backend::Claude, Working), Ok(()));
        assert_eq!(tell(Backend::Opencode, Working), Ok(()));
        assert_eq!(tell(Backend::Codex, Working), Err(Refusal::Working));
    }

    #[test]
    fn only_an_open_question_is_answered() {
        for state in [ScreenState::AtRest, ScreenState::Working, ScreenState::Composing] {
            assert_eq!(admit(Purpose::Answer, Backend::Claude, state), Err(Refusal::NotAsking));
        }
        assert_eq!(admit(Purpose::Answer, Backend::Claude, ScreenState::Asking), Ok(()));
    }

    #[test]
    fn a_pane_that_cannot_hear_is_told_apart() {
        let view = PaneView { agent_in_front: true, ..PaneView::default() };
        assert_eq!(hears(&view), Ok(()));
        assert_eq!(hears(&PaneView { dead: true, ..view.clone() }), Err(Refusal::Ended));
        assert_eq!(hears(&PaneView { in_mode: true, ..view.clone() }), Err(Refusal::CopyMode));
        assert_eq!(hears(&PaneView { agent_in_front: false, ..view }), Err(Refusal::ShellInFront));
    }
}
