//! Bringing a text into a composer, and seeing it there.

use tracing::debug;

use crate::id::TaskId;
use crate::keystroke::{Keystroke, Manner};
use crate::ports::{EnterCondition, PaneView, TypingCondition};
use crate::profile::{MidTurn, ShellMode};
use crate::screen::{Reading, Screen, ScreenState};

use super::claiming::Claimed;
use super::entering::attempts;
use super::finishing::shows_submitted;
use super::gate::{admit_text, standing, whose};
use super::looking::ECHO_LIMIT;
use super::{PaneTyper, Refusal, Target, echo};

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
pub(crate) struct Admitted {
    /// What is typed: what another process has begun to type is known by its own mark.
    pub(crate) keys: Keystroke,
    reading: Reading,
    view: PaneView,
    standing: Standing,
}

/// Why a text does not stand in a composer.
#[derive(Debug)]
pub(crate) struct Uncomposed {
    pub(crate) refusal: Refusal,
    /// Nothing of it was typed.
    pub(crate) is_untyped: bool,
}

impl From<Uncomposed> for Refusal {
    fn from(uncomposed: Uncomposed) -> Self {
        uncomposed.refusal
    }
}

impl PaneTyper {
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
            Manner::Paste => self.panes.paste(pane, &front, condition, text).await,
            Manner::Keys => self.panes.type_keys(pane, &front, condition, text).await,
        }?;
        debug!(agent = %claimed.target.agent, bytes = text.len(), ?manner, is_typed, "text");
        Ok(is_typed)
    }

    /// As [`PaneTyper::admitted`], for previews, the first of which is of `task`, that were begun: all of it may be on its way to the
    /// composer still, and is waited for. `None` if somebody else has submitted them.
    pub(crate) async fn admitted_late(
        &self,
        claimed: &Claimed<'_>,
        keys: &Keystroke,
        task: TaskId,
    ) -> Result<Option<Admitted>, Refusal> {
        if self.was_submitted(claimed, keys, task).await? {
            return Ok(None);
        }
        let admitted = self.admitted(claimed, keys).await?;
        if admitted.standing == Standing::Whole {
            return Ok(Some(admitted));
        }
        let is_over = |reading: &Reading, _: &PaneView| {
            reading.state == ScreenState::Asking || echo::holds_only(reading, &standing(keys, reading))
        };
        self.wait_until(claimed.target, ECHO_LIMIT, is_over).await?;
        let admitted = self.admitted(claimed, keys).await?;
        // it may have been submitted while it was waited for
        let is_gone = shows_submitted(claimed, keys, task, &admitted.reading, &admitted.view);
        Ok(Some(admitted).filter(|_| !is_gone))
    }

    /// Looks whether the text may be typed, or stands in the composer already.
    pub(crate) async fn admitted(&self, claimed: &Claimed<'_>, keys: &Keystroke) -> Result<Admitted, Refusal> {
        let mut seen = self.read_screen(claimed.target).await?;
        if self.profile(claimed.target).mid_turn == MidTurn::Harmful {
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
            admit_text(self.profile(claimed.target).mid_turn, reading.state)
                .map_err(|refusal| whose(refusal, claimed, &keys, &reading))?;
        } else {
            self.leaves_turn_alone(claimed.target, &reading)?;
        }
        Ok(Admitted { keys, reading, view, standing })
    }

    /// Brings the text into the composer and sees it there, alone: nothing is typed when it stands there already. Returns
    /// the condition for Enter. Where the screen is not as it was seen when the text would be typed, or somebody has just pressed a
    /// key there, it is looked at again: what changed may be a dialog or a draft, which refuses the text, or the program drew just
    /// then.
    pub(crate) async fn compose(
        &self,
        claimed: &Claimed<'_>,
        admitted: Admitted,
    ) -> Result<EnterCondition, Uncomposed> {
        let mut is_untyped = admitted.standing == Standing::Nothing;
        let composed = self.compose_patiently(claimed, admitted, &mut is_untyped).await;
        composed.map_err(|refusal| Uncomposed { refusal, is_untyped })
    }

    async fn compose_patiently(
        &self,
        claimed: &Claimed<'_>,
        admitted: Admitted,
        is_untyped: &mut bool,
    ) -> Result<EnterCondition, Refusal> {
        let (keys, mut admitted) = (admitted.keys.clone(), admitted);
        for pause in attempts() {
            match (self.try_to_compose(claimed, admitted, is_untyped).await, pause) {
                (Err(Refusal::ScreenChanged), Some(pause)) => self.clock.sleep(pause).await,
                (composed, _) => return composed,
            }
            admitted = self.admitted(claimed, &keys).await?;
        }
        Err(Refusal::ScreenChanged)
    }

    /// Of a text of several lines the first one is pasted by itself and seen before the rest follows. Agents show a
    /// stand-in for a long paste, by which nobody could know it; behind a line that is theirs to see, it can be known.
    async fn try_to_compose(
        &self,
        claimed: &Claimed<'_>,
        admitted: Admitted,
        is_untyped: &mut bool,
    ) -> Result<EnterCondition, Refusal> {
        let Admitted { keys, reading, view, standing } = admitted;
        let mut seen = (reading, view);
        let keys = &keys;
        if standing == Standing::Whole {
            return Ok(self.enter_condition(claimed.target, &seen.0, &seen.1.screen, keys));
        }
        let (opening, rest) = keys.split();
        let profile = self.profile(claimed.target);
        let (first, rest) = match keys.command() {
            Some(command) if profile.shell_mode == ShellMode::OpenedByKey => {
                seen = self.open_shell(claimed, &seen).await?;
                *is_untyped = false;
                (command, "")
            }
            _ => {
                let feed = usize::from(profile.first_line_takes_feed && !rest.is_empty());
                keys.text.split_at(opening.text.len() + feed)
            }
        };
        if standing == Standing::Nothing {
            let typed = self.type_and_see(claimed, first, &opening, &seen).await;
            *is_untyped &= matches!(typed, Err(Refusal::ScreenChanged));
            seen = typed?;
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
        echo::condition(self.patterns(target), reading, screen, keys)
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
        let condition = echo::typing_condition(self.patterns(claimed.target), reading, &view.screen);
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
}
