//! Going on with what another process has begun to type.

use crate::id::TaskId;
use crate::keystroke::Keystroke;
use crate::ports::PaneView;
use crate::screen::{Reading, ScreenState};

use super::gate::standing;
use super::looking::ECHO_LIMIT;
use super::{Claimed, PaneTyper, Refusal, echo};

impl PaneTyper {
    /// Returns `true` if, for as long as a text may be on its way to the composer, each look shows a composer with nothing of it.
    /// Behind a question, and on a screen that is not recognised, it may stand there unseen.
    pub(crate) async fn shows_nothing_of(&self, claimed: &Claimed<'_>, keys: &Keystroke) -> bool {
        let may_stand = |reading: &Reading, _: &PaneView| {
            reading.composer.is_none()
                || matches!(reading.state, ScreenState::Asking | ScreenState::Unknown)
                || echo::stands(reading, &standing(keys, reading))
        };
        matches!(self.wait_until(claimed.target, ECHO_LIMIT, may_stand).await, Ok(None))
    }

    /// Returns `true` if these previews, the first of which is of `task`, have stood in the composer as a whole, and were submitted by
    /// somebody else: a person who added to them, say.
    pub(crate) async fn was_submitted(
        &self,
        claimed: &Claimed<'_>,
        keys: &Keystroke,
        task: TaskId,
    ) -> Result<bool, Refusal> {
        if claimed.stood(task).is_none() {
            return Ok(false);
        }
        let (reading, view) = self.read_screen(claimed.target).await?;
        Ok(shows_submitted(claimed, keys, task, &reading, &view))
    }

    /// Continues with a text whose Enter may or may not have been pressed. It is pressed again only where the composer is
    /// seen to hold the text, and nothing is pasted: so no text is ever submitted twice.
    pub(crate) async fn finish(&self, claimed: &Claimed<'_>, keys: &Keystroke) -> Result<(), Refusal> {
        let (reading, view) = self.read_screen(claimed.target).await?;
        let keys = &standing(keys, &reading);
        let shown = echo::stands(&reading, keys);
        match reading.state {
            ScreenState::Asking => Err(Refusal::Asking),
            // The screen may be one that is being drawn.
            ScreenState::Unknown => Err(Refusal::Unrecognised),
            ScreenState::Composing if shown && echo::stands_alone(&reading, keys) => {
                self.leaves_turn_alone(claimed.target, &reading)?;
                let condition = self.enter_condition(claimed.target, &reading, &view.screen, keys);
                match self.press_enter(claimed, keys, condition).await {
                    Err(Refusal::EnterWithheld) => Err(Refusal::StillInComposer),
                    pressed => pressed,
                }
            }
            ScreenState::Composing if shown => Err(Refusal::Composing),
            _ => Ok(()),
        }
    }
}

/// Returns `true` if the program that had these previews in its composer shows their mark elsewhere. The mark is no other's.
pub(super) fn shows_submitted(
    claimed: &Claimed<'_>,
    keys: &Keystroke,
    task: TaskId,
    reading: &Reading,
    view: &PaneView,
) -> bool {
    claimed.stood(task).is_some_and(|stood| {
        let is_same_program = stood.group != 0 && stood.group == view.front.group;
        is_same_program && echo::was_submitted(reading, &view.screen, &keys.marked(&stood.mark))
    })
}
