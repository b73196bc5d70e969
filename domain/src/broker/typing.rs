//! The one routine by which anything is typed into a pane: gate, paste, echo, conditional Enter, verification.
//!
//! No step sleeps for a fixed time; each waits for something that it sees. Escape is never sent: it aborts turns.

use std::time::Duration;

use tracing::{debug, trace};

use crate::agent_in_front::AgentInFront;
use crate::backend::Backend;
use crate::id::AgentId;
use crate::keystroke::{Keystroke, Manner};
use crate::ports::{Deaf, EnterCondition, Look, PaneView, TypingCondition};
use crate::preview;
use crate::process::AgentProcess;
use crate::profile::{MidTurn, ShellMode};
use crate::screen::{self, Reading, Screen, ScreenState};

use super::claiming::Claimed;
use super::entering::PAUSES;
use super::refusal::Refusal;
use super::target::Target;
use super::{Broker, echo};

/// The first wait for an echo; each further one is twice as long.
const FIRST_ECHO_WAIT: Duration = Duration::from_millis(10);
/// How long an echo may take: 10–60 ms as measured at rest, and more than 1 s where a dozen processes want the processor.
/// A paste that is thought lost comes twice, so it is worth a wait.
pub(super) const ECHO_LIMIT: Duration = Duration::from_secs(5);
/// How long a submitted text may take to leave the composer: opencode shows a blank screen for 2.9 s, as measured, when
/// it leaves its first one.
pub(super) const SUBMIT_LIMIT: Duration = Duration::from_secs(5);
/// What a keystroke is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Starts or queues a turn.
    Tell,
    /// Answers an open question.
    Answer,
}

/// How much of a text stands in a composer, with nothing beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Nothing,
    /// Its first line.
    Opening,
    Whole,
}

/// A screen on which a text may be typed, or goes on to be.
#[derive(Debug)]
pub(super) struct Admitted {
    /// What is typed: what another process has begun to type is known by its own mark.
    pub(super) keys: Keystroke,
    reading: Reading,
    view: PaneView,
    standing: Standing,
}

impl Admitted {
    /// Returns `true` if nothing of the text is seen in the composer.
    pub(super) fn is_untyped(&self) -> bool {
        self.standing == Standing::Nothing
    }
}

/// Decides whether the screen's state admits a keystroke.
fn admit(purpose: Purpose, mid_turn: MidTurn, state: ScreenState) -> Result<(), Refusal> {
    use Purpose::{Answer, Tell};
    use ScreenState::{Asking, AtRest, Composing, Unknown, Working};
    match (purpose, state) {
        (Tell, AtRest) | (Answer, Asking) => Ok(()),
        (Tell, Working) if mid_turn == MidTurn::Harmful => Err(Refusal::Working),
        (Tell, Working) => Ok(()),
        (Tell, Asking) => Err(Refusal::Asking),
        (Tell, Composing) => Err(Refusal::Composing),
        (Tell | Answer, Unknown) => Err(Refusal::Unrecognised),
        (Answer, AtRest | Working | Composing) => Err(Refusal::NotAsking),
    }
}

/// Fails where a turn runs in which Enter may not be pressed, though the text stands in the composer already.
pub(super) fn leaves_turn_alone(target: &Target, reading: &Reading) -> Result<(), Refusal> {
    if reading.working && target.profile().mid_turn == MidTurn::Harmful { Err(Refusal::Working) } else { Ok(()) }
}

/// Returns a text as it stands in the composer, if it does.
pub(super) fn standing(keys: &Keystroke, reading: &Reading) -> Keystroke {
    keys.as_it_stands(reading.composer.as_deref().unwrap_or_default())
}

/// Decides whether a pane can take keys at all.
fn hears(view: &PaneView) -> Result<(), Refusal> {
    if view.dead {
        Err(Refusal::Ended)
    } else {
        match &view.deaf {
            Some(Deaf::CopyMode) => Err(Refusal::CopyMode),
            Some(Deaf::OtherMode(name)) => Err(Refusal::OtherMode(name.clone())),
            Some(Deaf::InputOff) => Err(Refusal::InputOff),
            Some(Deaf::Synchronized) => Err(Refusal::Synchronized),
            None => Ok(()),
        }
    }
}

/// Returns the refusal of a draft that is no person's: it begins with a preview, and with none of those that are to be typed.
fn whose(refusal: Refusal, claimed: &Claimed<'_>, keys: &Keystroke, reading: &Reading) -> Refusal {
    let draft = reading.composer.as_deref().unwrap_or_default();
    match refusal {
        Refusal::Composing if preview::opens(draft) && !echo::stands(reading, keys) => {
            Refusal::OtherPreview { left_by: claimed.lease.left_by().map(str::to_owned) }
        }
        refusal => refusal,
    }
}

impl Broker {
    /// Returns what the pane shows, if it can take keys and the agent is what reads them.
    pub(super) async fn read_screen(&self, target: &Target) -> Result<(Reading, PaneView), Refusal> {
        match self.multiplexer.look(&target.pane).await? {
            Look::Gone(_) => Err(Refusal::Gone),
            Look::Seen(view) => {
                hears(&view)?;
                let process = self.require_in_front(target, &view).await?;
                let reading = screen::read(self.patterns.of(target.backend), &view.screen);
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
        match AgentInFront::judge(&view.foreground, target.pane.pid, target.known.as_ref()) {
            AgentInFront::NotProven(why) => Err(Refusal::NotInFront(why)),
            AgentInFront::Proven { backend: Some(other), process } if other != target.backend => {
                self.remember_agent(target.agent, other, &process).await;
                Err(Refusal::OtherAgent(other))
            }
            AgentInFront::Proven { process, .. } => Ok(process),
        }
    }

    /// Puts on record which process is the agent. One that is not on record is recognised anew.
    pub(super) async fn remember_agent(&self, agent: AgentId, backend: Backend, process: &AgentProcess) {
        if let Err(error) = self.storage.record_agent_process(agent, backend, process).await {
            debug!(%agent, %error, "the agent's process could not be recorded and will be recognised anew");
        }
    }

    /// Types the text into the pane, without Enter, if a condition holds; returns whether it did.
    pub(super) async fn enter_text_if(
        &self,
        claimed: &Claimed<'_>,
        condition: &TypingCondition,
        text: &str,
        manner: Manner,
    ) -> Result<bool, Refusal> {
        self.still_claimed(claimed)?;
        let (pane, front) = (&claimed.target.pane, claimed.target.front());
        let is_typed = match manner {
            Manner::Paste => self.multiplexer.paste(pane, &front, condition, text).await,
            Manner::Keys => self.multiplexer.type_keys(pane, &front, condition, text).await,
        }?;
        debug!(agent = %claimed.target.agent, bytes = text.len(), ?manner, is_typed, "text");
        Ok(is_typed)
    }

    /// Returns what the pane shows, if it admits a keystroke of this purpose.
    pub(super) async fn gate(&self, target: &Target, purpose: Purpose) -> Result<(Reading, PaneView), Refusal> {
        let (reading, view) = self.read_screen(target).await?;
        admit(purpose, target.profile().mid_turn, reading.state)?;
        Ok((reading, view))
    }

    /// Looks whether the text may be typed, or stands in the composer already.
    pub(super) async fn admitted(
        &self,
        claimed: &Claimed<'_>,
        keys: &Keystroke,
        purpose: Purpose,
    ) -> Result<Admitted, Refusal> {
        let mut seen = self.read_screen(claimed.target).await?;
        if claimed.target.profile().mid_turn == MidTurn::Harmful {
            seen = self.require_rest(claimed.target, seen).await?;
        }
        let (reading, view) = seen;
        let keys = standing(keys, &reading);
        let (opening, rest) = keys.split();
        let standing = if echo::holds_only(&reading, &keys) {
            Standing::Whole
        } else if !rest.is_empty() && echo::holds_only(&reading, &opening) {
            // a process that died after the first paste left this
            Standing::Opening
        } else {
            Standing::Nothing
        };
        if standing == Standing::Nothing {
            admit(purpose, claimed.target.profile().mid_turn, reading.state)
                .map_err(|refusal| whose(refusal, claimed, &keys, &reading))?;
        } else {
            leaves_turn_alone(claimed.target, &reading)?;
        }
        Ok(Admitted { keys, reading, view, standing })
    }

    /// Brings the text into the composer and sees it there, alone: nothing is typed when it stands there already. Returns
    /// the condition for Enter. Where the screen is not as it was seen when the text would be typed, or somebody has just pressed a
    /// key there, it is looked at again: what changed may be a dialog or a draft, which refuses the text, or the program drew just
    /// then.
    pub(super) async fn compose(&self, claimed: &Claimed<'_>, admitted: Admitted) -> Result<EnterCondition, Refusal> {
        let (keys, mut admitted) = (admitted.keys.clone(), admitted);
        for pause in PAUSES {
            match self.try_to_compose(claimed, admitted).await {
                Err(Refusal::ScreenChanged) => self.clock.sleep(pause).await,
                composed => return composed,
            }
            admitted = self.admitted(claimed, &keys, Purpose::Tell).await?;
        }
        self.try_to_compose(claimed, admitted).await
    }

    /// Of a text of several lines the first one is pasted by itself and seen before the rest follows. Agents show a
    /// stand-in for a long paste, by which nobody could know it; behind a line that is theirs to see, it can be known.
    async fn try_to_compose(&self, claimed: &Claimed<'_>, admitted: Admitted) -> Result<EnterCondition, Refusal> {
        let Admitted { keys, reading, view, standing } = admitted;
        let mut seen = (reading, view);
        let keys = &keys;
        if standing == Standing::Whole {
            return Ok(self.enter_condition(claimed.target, &seen.0, &seen.1.screen, keys));
        }
        let (opening, rest) = keys.split();
        let profile = claimed.target.profile();
        let (first, rest) = match keys.command() {
            Some(command) if profile.shell_mode == ShellMode::OpenedByKey => {
                seen = self.open_shell(claimed, &seen).await?;
                (command, "")
            }
            _ => {
                let feed = usize::from(profile.first_line_takes_feed && !rest.is_empty());
                keys.text.split_at(opening.text.len() + feed)
            }
        };
        if standing == Standing::Nothing {
            seen = self.type_and_see(claimed, first, &opening, &seen).await?;
        }
        if !rest.is_empty() {
            seen = self.type_and_see(claimed, rest, keys, &seen).await?;
        }
        Ok(self.enter_condition(claimed.target, &seen.0, &seen.1.screen, keys))
    }

    /// Returns what must hold for Enter to submit what the composer is seen to hold, and to do nothing else.
    pub(super) fn enter_condition(
        &self,
        target: &Target,
        reading: &Reading,
        screen: &Screen,
        keys: &Keystroke,
    ) -> EnterCondition {
        echo::condition(self.patterns.of(target.backend), reading, screen, keys)
    }

    /// Makes the composer take a command: its mark is typed as a key.
    async fn open_shell(
        &self,
        claimed: &Claimed<'_>,
        seen: &(Reading, PaneView),
    ) -> Result<(Reading, PaneView), Refusal> {
        self.enter_where_seen(claimed, "!", Manner::Keys, seen).await?;
        let open = self.wait_until(claimed.target, ECHO_LIMIT, |reading, _| {
            reading.state == ScreenState::Composing && reading.composer.as_deref() == Some("")
        });
        open.await?.ok_or(Refusal::NoEcho)
    }

    /// Types a text, without Enter, if the screen still is as it was seen; fails with `ScreenChanged` if not.
    async fn enter_where_seen(
        &self,
        claimed: &Claimed<'_>,
        text: &str,
        manner: Manner,
        (reading, view): &(Reading, PaneView),
    ) -> Result<(), Refusal> {
        let condition = echo::typing_condition(self.patterns.of(claimed.target.backend), reading, &view.screen);
        let is_typed = self.enter_text_if(claimed, &condition, text, manner).await?;
        if is_typed { Ok(()) } else { Err(Refusal::ScreenChanged) }
    }

    /// Types a part of a text where the screen is as it was `seen`, and waits until everything up to its end stands in the
    /// composer, which looks other than it did then.
    async fn type_and_see(
        &self,
        claimed: &Claimed<'_>,
        part: &str,
        keys: &Keystroke,
        seen: &(Reading, PaneView),
    ) -> Result<(Reading, PaneView), Refusal> {
        self.enter_where_seen(claimed, part, keys.manner, seen).await?;
        let before = echo::Place::of(&seen.0, &seen.1.screen);
        let seen = self.wait_until(claimed.target, ECHO_LIMIT, |reading, view| {
            let changed = before != echo::Place::of(reading, &view.screen);
            changed && echo::stands(reading, keys)
        });
        match seen.await? {
            None => Err(Refusal::NoEcho),
            Some((reading, _)) if !echo::stands_alone(&reading, keys) => Err(Refusal::Composing),
            Some(seen) => Ok(seen),
        }
    }

    /// Returns what the pane shows, once it shows a text that may be on its way to the composer, or does not for as long as that
    /// may take.
    pub(super) async fn read_with(
        &self,
        claimed: &Claimed<'_>,
        keys: &Keystroke,
    ) -> Result<(Reading, PaneView), Refusal> {
        let shows = |reading: &Reading, _: &PaneView| echo::stands(reading, &standing(keys, reading));
        match self.wait_until(claimed.target, ECHO_LIMIT, shows).await? {
            Some(seen) => Ok(seen),
            None => self.read_screen(claimed.target).await,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_a_draft_and_a_turn_that_would_be_aborted_admit_nothing() {
        use ScreenState::{Asking, AtRest, Composing, Unknown, Working};
        let tell = |mid_turn, state| admit(Purpose::Tell, mid_turn, state);
        for mid_turn in [MidTurn::Queued, MidTurn::Harmful] {
            assert_eq!(tell(mid_turn, AtRest), Ok(()));
            assert_eq!(tell(mid_turn, Unknown), Err(Refusal::Unrecognised));
            assert_eq!(tell(mid_turn, Asking), Err(Refusal::Asking));
            assert_eq!(tell(mid_turn, Composing), Err(Refusal::Composing));
        }
        assert_eq!(tell(MidTurn::Queued, Working), Ok(()));
        assert_eq!(tell(MidTurn::Harmful, Working), Err(Refusal::Working));
    }

    #[test]
    fn only_an_open_question_is_answered() {
        for state in [ScreenState::AtRest, ScreenState::Working, ScreenState::Composing] {
            assert_eq!(admit(Purpose::Answer, MidTurn::Queued, state), Err(Refusal::NotAsking));
        }
        assert_eq!(admit(Purpose::Answer, MidTurn::Queued, ScreenState::Asking), Ok(()));
        assert_eq!(admit(Purpose::Answer, MidTurn::Queued, ScreenState::Unknown), Err(Refusal::Unrecognised));
    }

    #[test]
    fn a_pane_that_cannot_hear_is_told_apart() {
        assert_eq!(hears(&PaneView::default()), Ok(()));
        assert_eq!(hears(&PaneView { dead: true, ..PaneView::default() }), Err(Refusal::Ended));
        for (deaf, refusal) in [
            (Deaf::CopyMode, Refusal::CopyMode),
            (Deaf::OtherMode("clock-mode".to_owned()), Refusal::OtherMode("clock-mode".to_owned())),
            (Deaf::InputOff, Refusal::InputOff),
            (Deaf::Synchronized, Refusal::Synchronized),
        ] {
            assert_eq!(hears(&PaneView { deaf: Some(deaf), ..PaneView::default() }), Err(refusal));
        }
    }
}
