//! What is typed into and read from a member's pane on request.

use std::time::Duration;

use crate::agent_in_front::AgentInFront;
use crate::backend::Backend;
use crate::broker::recognising::recognise;
use crate::broker::{BrokerError, Chosen, Refusal, Wanted};
use crate::id::{AgentId, FleetId};
use crate::keystroke::Keystroke;
use crate::placement::Pane;
use crate::ports::{BackgroundSession, Look, MultiplexerError};
use crate::screen::{self, Doubt, Glimpse, Reading, Rest};

use super::{Members, Target, refused};

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
    /// The newest version of the program whose screens were recorded.
    pub newest_recorded: &'static str,
    /// Whether the installed one is newer, so that what was read may be incomplete.
    pub is_newer_than_recorded: bool,
    /// The session that the agent has moved from its pane to the background; none when none is known.
    pub background_session: Option<BackgroundSession>,
}

impl Members {
    /// Returns the last `lines` rows of a member's pane; with escape sequences when `ansi`.
    ///
    /// # Errors
    /// `AgentNotFound`, `NoPlacement`, `PendingPlacement`, `PaneGone`, and as the multiplexer says.
    pub async fn capture(
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
    /// As [`Members::capture`].
    pub async fn explain(&self, fleet: FleetId, agent: AgentId) -> Result<Explanation, BrokerError> {
        let target = self.target(fleet, agent, "explain").await?;
        let (mut explanation, glimpse) = self.explain_once(&target, None).await?;
        if let Rest::Unproven(Doubt::LookAgain(left)) = explanation.rest
            && left <= LONGEST_PROOF
        {
            self.clock.sleep(left).await;
            (explanation, _) = self.explain_once(&target, Some(&glimpse)).await?;
        }
        let program = self.programs.of(explanation.backend);
        explanation.version = self.version_of(explanation.backend).await;
        let newer = explanation.version.as_deref().and_then(|said| program.is_newer_than_recorded(said));
        explanation.is_newer_than_recorded = newer == Some(true);
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
            recognise(&self.programs, target.backend, target.known.as_ref(), &target.pane, &view);
        let program = self.programs.of(backend);
        let rest = screen::rest(&program.patterns, &view.screen, &reading, now, before);
        let rows = view.screen.rows.get(reading.rows.clone()).unwrap_or_default();
        let rows = rows.iter().map(|row| row.text().trim_end().to_owned()).collect();
        let glimpse = Glimpse::of(&view.screen, now);
        let pane = target.pane.clone();
        let background_session = self.background_session(target, &view.foreground).await;
        let explanation = Explanation {
            backend,
            pane,
            reading,
            rows,
            rest,
            in_front,
            version: None,
            newest_recorded: program.newest_recorded,
            is_newer_than_recorded: false,
            background_session,
        };
        Ok((explanation, glimpse))
    }

    /// Returns what the installed program of a backend says about its version; none when it does not say.
    pub(crate) async fn version_of(&self, backend: Backend) -> Option<String> {
        self.launcher(backend).ok()?.installed().await?.version.ok()
    }

    /// Chooses an answer of an open question, presses no Enter where the program needs none, and sees the question go.
    /// Returns what was chosen, and the member's name and pane.
    ///
    /// # Errors
    /// As [`Members::capture`], and `Refused`.
    pub async fn choose(
        &self,
        fleet: FleetId,
        agent: AgentId,
        wanted: &Wanted,
    ) -> Result<(Chosen, String, Pane), BrokerError> {
        let target = self.target(fleet, agent, "send").await?;
        let claimed = self.typer.claim(&target).await.map_err(|refusal| refused(&target, refusal))?;
        let chosen = self.typer.answer_by_choice(&claimed, wanted).await;
        self.typer.release(claimed).await;
        let chosen = chosen.map_err(|refusal| refused(&target, refusal))?;
        Ok((chosen, target.name, target.pane))
    }

    /// Answers an open question in words, where it takes them. Returns what was chosen, and the member's name and pane.
    ///
    /// # Errors
    /// As [`Members::choose`], and a text that may not be typed.
    pub async fn answer(
        &self,
        fleet: FleetId,
        agent: AgentId,
        answer: &str,
    ) -> Result<(Chosen, String, Pane), BrokerError> {
        let keys = Keystroke::free_text(answer)?;
        let target = self.target(fleet, agent, "send").await?;
        let claimed = self.typer.claim(&target).await.map_err(|refusal| refused(&target, refusal))?;
        let chosen = self.typer.answer_in_words(&claimed, &keys).await;
        self.typer.release(claimed).await;
        let chosen = chosen.map_err(|refusal| refused(&target, refusal))?;
        Ok((chosen, target.name, target.pane))
    }

    /// Makes a member's program run a shell command, outside its sandbox and permissions. Returns the command as it was
    /// typed, and the member's name and pane.
    ///
    /// # Errors
    /// As [`Members::capture`], `Refused`, and a command that may not be typed.
    pub async fn exec(&self, fleet: FleetId, agent: AgentId, command: &str) -> Result<(String, Pane), BrokerError> {
        let keys = Keystroke::shell(command)?;
        let target = self.target(fleet, agent, "exec").await?;
        self.typer.tell(&target, &keys).await.map_err(|refusal| refused(&target, refusal))?;
        Ok((target.name, target.pane))
    }

    /// Makes a member look into its inbox. Returns its name and pane.
    ///
    /// # Errors
    /// As [`Members::capture`], and `PingFailed`.
    pub async fn ping(&self, fleet: FleetId, agent: AgentId) -> Result<(String, Pane), BrokerError> {
        let target = self.target(fleet, agent, "ping").await?;
        match self.typer.tell(&target, &Keystroke::poll(fleet, agent)).await {
            Ok(()) => Ok((target.name, target.pane)),
            Err(refusal @ (Refusal::Multiplexer(_) | Refusal::NoEcho | Refusal::StillInComposer)) => {
                Err(BrokerError::PingFailed { pane: target.pane.id, refusal })
            }
            Err(refusal) => Err(refused(&target, refusal)),
        }
    }

    /// Returns the name of an agent and the pane in which it lives.
    ///
    /// # Errors
    /// `AgentNotFound`, `NoPlacement`, `PendingPlacement`, and as the store says.
    pub async fn pane_of(&self, fleet: FleetId, agent: AgentId) -> Result<(String, Pane), BrokerError> {
        let target = self.target(fleet, agent, "attach").await?;
        Ok((target.name, target.pane))
    }
}
