//! What is typed into and read from a member's pane on request.

use std::time::Duration;

use crate::agent::PlacedAgent;
use crate::agent_in_front::AgentInFront;
use crate::backend::Backend;
use crate::id::{AgentId, FleetId};
use crate::keystroke::Keystroke;
use crate::placement::{MultiplexerKind, Pane};
use crate::ports::{BackgroundSession, Look, MultiplexerError};
use crate::screen::{self, Doubt, Glimpse, Reading, Rest};

use super::choosing::{Chosen, Wanted};
use super::recognising::recognise;
use super::refusal::Refusal;
use super::target::Target;
use super::typing::Purpose;
use super::{Broker, BrokerError};

/// How long a second look is waited for when a screen is explained.
const LONGEST_PROOF: Duration = Duration::from_secs(1);

/// What a member's screen says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whose screen it is read as.
    pub backend: Backend,
    /// Where it is.
    pub pane: Pane,
    /// What was read.
    pub reading: Reading,
    /// The rows in which it stands.
    pub rows: Vec<String>,
    /// Whether the agent is known to rest.
    pub rest: Rest,
    /// Whether the agent is what reads the keys of its pane.
    pub in_front: AgentInFront,
    /// What the installed program says about its version; none when it does not say.
    pub version: Option<String>,
    /// The session that the agent has moved from its pane to the background; none when none is known.
    pub background_session: Option<BackgroundSession>,
}

impl Explanation {
    /// Tells whether the installed program is newer than any whose screens were recorded, so that what was read may be
    /// incomplete.
    #[must_use]
    pub fn is_newer_than_recorded(&self) -> bool {
        let newer = self.version.as_deref().and_then(|said| screen::is_newer_than_recorded(self.backend, said));
        newer == Some(true)
    }
}

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

    /// Returns what a member's screen says, and how that is known. Looks twice, half a second apart, where only that proves
    /// a rest.
    ///
    /// # Errors
    /// As [`Broker::capture_member`].
    pub async fn explain_member(&self, fleet: FleetId, agent: AgentId) -> Result<Explanation, BrokerError> {
        let target = self.target(fleet, agent, "explain").await?;
        let (mut explanation, glimpse) = self.explain_once(&target, None).await?;
        if let Rest::Unproven(Doubt::LookAgain(left)) = explanation.rest
            && left <= LONGEST_PROOF
        {
            self.clock.sleep(left).await;
            (explanation, _) = self.explain_once(&target, Some(&glimpse)).await?;
        }
        explanation.version = self.version_of(explanation.backend).await;
        Ok(explanation)
    }

    async fn explain_once(
        &self,
        target: &Target,
        before: Option<&Glimpse>,
    ) -> Result<(Explanation, Glimpse), BrokerError> {
        let Look::Seen(view) = self.multiplexer.look(&target.pane).await? else {
            return Err(BrokerError::PaneGone { agent: target.agent, pane: target.pane.id.clone() });
        };
        let now = self.clock.now();
        let (in_front, backend, reading) =
            recognise(&self.patterns, target.backend, target.known.as_ref(), &target.pane, &view);
        let patterns = self.patterns.of(backend);
        let rest = screen::rest(patterns, &view.screen, &reading, now, before);
        let rows = view.screen.rows.get(reading.rows.clone()).unwrap_or_default();
        let rows = rows.iter().map(|row| row.text().trim_end().to_owned()).collect();
        let glimpse = Glimpse::of(&view.screen, now);
        let pane = target.pane.clone();
        let background_session = self.background_session(target, &view.foreground).await;
        Ok((Explanation { backend, pane, reading, rows, rest, in_front, version: None, background_session }, glimpse))
    }

    /// Returns what the installed program of a backend says about its version; none when it does not say.
    pub(super) async fn version_of(&self, backend: Backend) -> Option<String> {
        self.launcher(backend).ok()?.version().await
    }

    /// Chooses an answer of an open question, presses no Enter where the program needs none, and sees the question go.
    /// Returns what was chosen, and the member's name and pane.
    ///
    /// # Errors
    /// As [`Broker::capture_member`], and `Refused`.
    pub async fn choose_for_member(
        &self,
        fleet: FleetId,
        agent: AgentId,
        wanted: &Wanted,
    ) -> Result<(Chosen, String, Pane), BrokerError> {
        let target = self.target(fleet, agent, "send").await?;
        let claimed = self.claim(&target).await.map_err(|refusal| refused(&target, refusal))?;
        let chosen = self.answer_by_choice(&claimed, wanted).await;
        self.release(claimed).await;
        let chosen = chosen.map_err(|refusal| refused(&target, refusal))?;
        Ok((chosen, target.name, target.pane))
    }

    /// Answers an open question in words, where it takes them. Returns what was chosen, and the member's name and pane.
    ///
    /// # Errors
    /// As [`Broker::choose_for_member`], and a text that may not be typed.
    pub async fn answer_for_member(
        &self,
        fleet: FleetId,
        agent: AgentId,
        answer: &str,
    ) -> Result<(Chosen, String, Pane), BrokerError> {
        let keys = Keystroke::free_text(answer)?;
        let target = self.target(fleet, agent, "send").await?;
        let claimed = self.claim(&target).await.map_err(|refusal| refused(&target, refusal))?;
        let chosen = self.answer_in_words(&claimed, &keys).await;
        self.release(claimed).await;
        let chosen = chosen.map_err(|refusal| refused(&target, refusal))?;
        Ok((chosen, target.name, target.pane))
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

    /// Types a text into the composer and submits it, whichever agent is found to be there.
    pub(super) async fn tell(&self, target: &Target, keys: &Keystroke, purpose: Purpose) -> Result<(), Refusal> {
        match self.tell_target(target, keys, purpose).await {
            Err(Refusal::OtherAgent(other)) => {
                self.tell_target(&target.clone().with_backend(other), keys, purpose).await
            }
            told => told,
        }
    }

    async fn tell_target(&self, target: &Target, keys: &Keystroke, purpose: Purpose) -> Result<(), Refusal> {
        let claimed = self.claim(target).await?;
        let typed = async {
            let admitted = self.admitted(&claimed, keys, purpose).await?;
            let keys = admitted.keys.clone();
            let condition = self.compose(&claimed, admitted).await?;
            match self.press_enter(&claimed, &keys, condition).await {
                // What was told made it ask, as far as can be seen.
                Err(Refusal::Asking) => Ok(()),
                pressed => pressed,
            }
        };
        let typed = typed.await;
        self.release(claimed).await;
        typed
    }
}

pub(super) fn refused(target: &Target, refusal: Refusal) -> BrokerError {
    match refusal {
        Refusal::Gone => BrokerError::PaneGone { agent: target.agent, pane: target.pane.id.clone() },
        refusal => BrokerError::Refused { agent: target.agent, refusal },
    }
}
