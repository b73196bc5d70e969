//! Looking at a pane into which something is to be typed.

use std::time::Duration;

use tracing::{debug, trace};

use crate::agent_in_front::AgentInFront;
use crate::backend::Backend;
use crate::broker::recognising::read;
use crate::id::AgentId;
use crate::ports::{Look, PaneView};
use crate::process::AgentProcess;
use crate::screen::{Reading, ScreenState};

use super::gate::{admit_answer, hears};
use super::{PaneTyper, Refusal, Target};

/// The first wait for an echo; each further one is twice as long.
const FIRST_ECHO_WAIT: Duration = Duration::from_millis(10);
/// How long an echo may take: 10–60 ms as measured at rest, and more than 1 s where a dozen processes want the processor.
/// A paste that is thought lost comes twice, so it is worth a wait.
pub(super) const ECHO_LIMIT: Duration = Duration::from_secs(5);
/// How long a submitted text may take to leave the composer: opencode shows a blank screen for 2.9 s, as measured, when
/// it leaves its first one.
pub(super) const SUBMIT_LIMIT: Duration = Duration::from_secs(5);

impl PaneTyper {
    /// Returns what the pane shows, if it can take keys and the agent is what reads them.
    pub(crate) async fn read_screen(&self, target: &Target) -> Result<(Reading, PaneView), Refusal> {
        match self.panes.look(&target.pane).await? {
            Look::Gone(_) => Err(Refusal::Gone),
            Look::Seen(view) => {
                hears(&view)?;
                let process = self.require_in_front(target, &view).await?;
                let reading = read(&self.programs, target.backend, &view.screen);
                trace!(agent = %target.agent, state = reading.state.as_str(), rule = reading.rule, "screen");
                if target.meet(&view.front)
                    && reading.state != ScreenState::Unknown
                    && target.known.as_ref() != Some(&process)
                {
                    self.remember_agent(target.agent, target.backend, &process).await;
                }
                Ok((reading, view))
            }
        }
    }

    /// Returns the process that is the agent; fails when it is not proven to be in front. An agent of another kind is put on
    /// record as what it is.
    async fn require_in_front(&self, target: &Target, view: &PaneView) -> Result<AgentProcess, Refusal> {
        match AgentInFront::classify(&self.programs, &view.foreground, target.pane.pid, target.known.as_ref()) {
            AgentInFront::NotProven(why) => Err(Refusal::NotInFront(why)),
            AgentInFront::Proven { backend: Some(other), process } if other != target.backend => {
                self.remember_agent(target.agent, other, &process).await;
                Err(Refusal::OtherAgent(other))
            }
            AgentInFront::Proven { process, .. } => Ok(process),
        }
    }

    /// Puts on record which process is the agent. One that is not on record is recognised anew.
    pub(crate) async fn remember_agent(&self, agent: AgentId, backend: Backend, process: &AgentProcess) {
        if let Err(error) = self.agents.record_agent_process(agent, backend, process).await {
            debug!(%agent, %error, "the agent's process could not be recorded and will be recognised anew");
        }
    }

    /// Returns what the pane shows, if that is a question.
    pub(super) async fn read_question(&self, target: &Target) -> Result<(Reading, PaneView), Refusal> {
        let (reading, view) = self.read_screen(target).await?;
        admit_answer(reading.state)?;
        Ok((reading, view))
    }

    /// Looks again and again, ever less often, until `seen` holds, and returns that look; none when it does not within
    /// `limit`, the time of the looks included.
    pub(super) async fn wait_until(
        &self,
        target: &Target,
        limit: Duration,
        seen: impl Fn(&Reading, &PaneView) -> bool + Send,
    ) -> Result<Option<(Reading, PaneView)>, Refusal> {
        let begin = self.clock.now();
        let mut waited = Duration::ZERO;
        let mut pause = FIRST_ECHO_WAIT;
        while waited < limit {
            self.clock.sleep(pause).await;
            // The pauses count too, lest a clock that is set back makes this endless.
            waited = (waited + pause).max(self.clock.now().since(begin));
            pause = (pause * 2).min(limit.saturating_sub(waited)).max(FIRST_ECHO_WAIT);
            let (reading, view) = self.read_screen(target).await?;
            if seen(&reading, &view) {
                return Ok(Some((reading, view)));
            }
        }
        Ok(None)
    }
}
