//! What is typed into and read from a member's pane on request.

use crate::agent::PlacedAgent;
use crate::id::{AgentId, FleetId};
use crate::keystroke::Keystroke;
use crate::placement::{MultiplexerKind, Pane};
use crate::ports::{Look, MultiplexerError};
use crate::screen::{self, Reading, Screen, ScreenState};

use super::refusal::Refusal;
use super::typing::{Claimed, ECHO_LIMIT, Purpose, SUBMIT_LIMIT, Target};
use super::{Broker, BrokerError};

/// The choice behind which an agent's question takes an answer in words (cli.md).
const FREE_TEXT_CHOICE: u8 = 4;

impl Broker {
    /// Fails unless the calling process runs inside a multiplexer, or the fleet's Director does not need it to: embedded
    /// terminals are reached from everywhere.
    ///
    /// # Errors
    /// `MemberOutsideMultiplexer`, and as the ports say.
    pub async fn require_multiplexer(&self, fleet: FleetId) -> Result<(), BrokerError> {
        if self.multiplexer.caller().await?.is_some() {
            return Ok(());
        }
        let detail = self.storage.find_fleet(fleet).await?;
        let placement = detail.and_then(|detail| detail.placement);
        if placement.is_some_and(|placement| placement.multiplexer == MultiplexerKind::Pty) {
            return Ok(());
        }
        Err(BrokerError::MemberOutsideMultiplexer)
    }

    /// Returns the last `lines` rows of a member's pane; with escape sequences when `ansi`.
    ///
    /// # Errors
    /// `AgentNotFound`, `NoPlacement`, `PendingPlacement`, `PaneGone`, and as the multiplexer says.
    pub async fn capture_member(
        &self,
        fleet: FleetId,
        agent: AgentId,
        lines: u32,
        ansi: bool,
    ) -> Result<(String, Pane), BrokerError> {
        let target = self.target(fleet, agent, "capture").await?;
        match self.multiplexer.capture(&target.pane, lines, ansi).await {
            Ok(text) => Ok((text, target.pane)),
            Err(MultiplexerError::Gone(pane)) => Err(BrokerError::PaneGone { agent, pane }),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns what a member's screen says, with the rows that say so, and its pane.
    ///
    /// # Errors
    /// As [`Broker::capture_member`].
    pub async fn explain_member(
        &self,
        fleet: FleetId,
        agent: AgentId,
    ) -> Result<(Reading, Vec<String>, Pane), BrokerError> {
        let target = self.target(fleet, agent, "explain").await?;
        let Look::Seen(view) = self.multiplexer.look(&target.pane).await? else {
            return Err(BrokerError::PaneGone { agent, pane: target.pane.id });
        };
        let reading = screen::read(self.patterns.of(target.backend), &view.screen);
        let rows = view.screen.rows.get(reading.rows.clone()).unwrap_or_default();
        let rows = rows.iter().map(|row| row.text().trim_end().to_owned()).collect();
        Ok((reading, rows, target.pane))
    }

    /// Chooses an answer of an open question by its digit, presses no Enter, and sees the question go. Returns the member's
    /// name and pane.
    ///
    /// # Errors
    /// As [`Broker::capture_member`], and `Refused`.
    pub async fn choose_for_member(
        &self,
        fleet: FleetId,
        agent: AgentId,
        choice: u8,
    ) -> Result<(String, Pane), BrokerError> {
        let target = self.target(fleet, agent, "send").await?;
        let claimed = self.claim(&target).await.map_err(|refusal| refused(&target, refusal))?;
        let typed = self.answer_by_choice(&claimed, choice).await;
        self.release(&claimed).await;
        typed.map_err(|refusal| refused(&target, refusal))?;
        Ok((target.name, target.pane))
    }

    /// Answers an open question in words: chooses the fourth answer, writes the text, and presses Enter. Returns the
    /// member's name and pane.
    ///
    /// # Errors
    /// As [`Broker::choose_for_member`], and a text that may not be typed.
    pub async fn answer_for_member(
        &self,
        fleet: FleetId,
        agent: AgentId,
        answer: &str,
    ) -> Result<(String, Pane), BrokerError> {
        let keys = Keystroke::free_text(answer)?;
        let target = self.target(fleet, agent, "send").await?;
        let claimed = self.claim(&target).await.map_err(|refusal| refused(&target, refusal))?;
        let typed = self.type_answer(&claimed, &keys).await;
        self.release(&claimed).await;
        typed.map_err(|refusal| refused(&target, refusal))?;
        Ok((target.name, target.pane))
    }

    /// Makes a member's program run a shell command, outside its sandbox and permissions. Returns the command as it was
    /// typed, and the member's name and pane.
    ///
    /// # Errors
    /// As [`Broker::capture_member`], `Refused`, and a command that may not be typed.
    pub async fn exec_in_member(
        &self,
        fleet: FleetId,
        agent: AgentId,
        command: &str,
    ) -> Result<(String, Pane), BrokerError> {
        let keys = Keystroke::shell(command)?;
        let target = self.target(fleet, agent, "exec").await?;
        self.tell(&target, &keys, Purpose::Tell).await.map_err(|refusal| refused(&target, refusal))?;
        Ok((target.name, target.pane))
    }

    /// Makes a member look into its inbox. Returns its name and pane.
    ///
    /// # Errors
    /// As [`Broker::capture_member`], and `PingFailed`.
    pub async fn ping_member(&self, fleet: FleetId, agent: AgentId) -> Result<(String, Pane), BrokerError> {
        let target = self.target(fleet, agent, "ping").await?;
        match self.tell(&target, &Keystroke::poll(fleet, agent), Purpose::Tell).await {
            Ok(()) => Ok((target.name, target.pane)),
            Err(refusal @ (Refusal::Multiplexer(_) | Refusal::NoEcho | Refusal::StillInComposer)) => {
                Err(BrokerError::PingFailed { pane: target.pane.id, refusal })
            }
            Err(refusal) => Err(refused(&target, refusal)),
        }
    }

    /// Returns an active agent of the fleet that has a placement.
    pub(super) async fn member(&self, fleet: FleetId, agent: AgentId) -> Result<PlacedAgent, BrokerError> {
        let found = self.storage.find_agent(fleet, agent).await?;
        let placed = found.filter(|placed| placed.agent.is_active()).ok_or(BrokerError::AgentNotFound(agent))?;
        if placed.placement.is_none() {
            return Err(BrokerError::NoPlacement(agent));
        }
        Ok(placed)
    }

    /// Returns the name of an agent and the pane in which it lives.
    ///
    /// # Errors
    /// `AgentNotFound`, `NoPlacement`, `PendingPlacement`, and as the store says.
    pub async fn pane_of(&self, fleet: FleetId, agent: AgentId) -> Result<(String, Pane), BrokerError> {
        let target = self.target(fleet, agent, "attach").await?;
        Ok((target.name, target.pane))
    }

    pub(super) async fn target(
        &self,
        fleet: FleetId,
        agent: AgentId,
        action: &'static str,
    ) -> Result<Target, BrokerError> {
        let placed = self.member(fleet, agent).await?;
        Target::of(&placed).ok_or(BrokerError::PendingPlacement { agent, action })
    }

    /// Types a text into the composer and submits it.
    pub(super) async fn tell(&self, target: &Target, keys: &Keystroke, purpose: Purpose) -> Result<(), Refusal> {
        let claimed = self.claim(target).await?;
        let typed = async {
            let admitted = self.admitted(&claimed, keys, purpose).await?;
            let guard = self.compose(&claimed, keys, admitted).await?;
            match self.press_enter(&claimed, keys, &guard).await {
                // What was told made it ask, as far as can be seen.
                Err(Refusal::Asking) => Ok(()),
                pressed => pressed,
            }
        };
        let typed = typed.await;
        self.release(&claimed).await;
        typed
    }

    /// The answer stands in the dialog, not in the composer, and the dialog may show the same words in what it asks
    /// about: so what counts is that they stand there once more than before. Enter is pressed once: a second one could
    /// answer the question that follows.
    async fn type_answer(&self, claimed: &Claimed<'_>, keys: &Keystroke) -> Result<(), Refusal> {
        let (_, view) = self.read_screen(claimed.target).await?;
        let before = screen::occurrences(&view.screen, &keys.head);
        let shows = |screen: &Screen| screen::occurrences(screen, &keys.head) > before;
        self.type_choice(claimed, FREE_TEXT_CHOICE).await?;
        self.enter_text(claimed, &keys.text, keys.manner).await?;
        let echo = self.wait_until(claimed.target, ECHO_LIMIT, |_, view| shows(&view.screen));
        if echo.await?.is_none() {
            return Err(Refusal::NoEcho);
        }
        if !self.submit(claimed, &keys.guard).await? {
            return Err(Refusal::EnterWithheld);
        }
        let left = self.wait_until(claimed.target, SUBMIT_LIMIT, |reading, view| {
            reading.state != ScreenState::Asking || !shows(&view.screen)
        });
        if left.await?.is_some() { Ok(()) } else { Err(Refusal::StillInComposer) }
    }
}

pub(super) fn refused(target: &Target, refusal: Refusal) -> BrokerError {
    match refusal {
        Refusal::Gone => BrokerError::PaneGone { agent: target.agent, pane: target.pane.id.clone() },
        refusal => BrokerError::Refused { agent: target.agent, refusal },
    }
}
