//! Pressing Enter: under a condition, and looked after.

use std::time::Duration;

use tracing::debug;

use crate::keystroke::Keystroke;
use crate::ports::EnterCondition;
use crate::screen::ScreenState;

use super::looking::SUBMIT_LIMIT;
use super::{Claimed, PaneTyper, Refusal, Target, echo};

/// How long is waited before a key is tried again, whose condition did not hold: the program draws, or somebody has just pressed
/// one. All together are longer than a key counts as just pressed.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(10),
    Duration::from_millis(30),
    Duration::from_millis(90),
    Duration::from_millis(270),
    Duration::from_millis(810),
    Duration::from_millis(2430),
];

/// Returns for each attempt at a key how long is waited after it; `None` after the last one.
pub(super) fn attempts() -> impl Iterator<Item = Option<Duration>> {
    PAUSES.into_iter().map(Some).chain([None])
}

impl PaneTyper {
    /// Presses Enter under a condition, and sees the text leave the composer; tries once more when it stays.
    ///
    /// `EnterWithheld` and `Claimed` say that Enter was not pressed; after any other refusal it may have been.
    pub(crate) async fn press_enter(
        &self,
        claimed: &Claimed<'_>,
        keys: &Keystroke,
        condition: EnterCondition,
    ) -> Result<(), Refusal> {
        self.press_first(claimed, keys, condition).await?;
        if self.has_left(claimed.target, keys).await? {
            return Ok(());
        }
        let (reading, view) = self.read_screen(claimed.target).await?;
        if reading.state == ScreenState::Unknown {
            return Err(Refusal::Unrecognised);
        }
        if !echo::stands(&reading, keys) {
            return Ok(());
        }
        if self.leaves_turn_alone(claimed.target, &reading).is_ok()
            && self.still_claimed(claimed).is_ok()
            && self.submit_if(claimed, &self.enter_condition(claimed.target, &reading, &view.screen, keys)).await?
            && self.has_left(claimed.target, keys).await?
        {
            return Ok(());
        }
        Err(Refusal::StillInComposer)
    }

    /// Presses Enter, again where the condition did not hold because the program was just drawing or somebody had just pressed a
    /// key, which has not changed the text; or sees that somebody has pressed it.
    async fn press_first(
        &self,
        claimed: &Claimed<'_>,
        keys: &Keystroke,
        mut condition: EnterCondition,
    ) -> Result<(), Refusal> {
        for pause in attempts() {
            if self.submit_if(claimed, &condition).await? {
                return Ok(());
            }
            let Some(pause) = pause else { break };
            self.clock.sleep(pause).await;
            let Ok((reading, view)) = self.read_screen(claimed.target).await else {
                return Err(Refusal::EnterWithheld);
            };
            if echo::was_submitted(&reading, &view.screen, keys) {
                return Ok(());
            }
            if !echo::stands_alone(&reading, keys) || self.leaves_turn_alone(claimed.target, &reading).is_err() {
                return Err(Refusal::EnterWithheld);
            }
            condition = self.enter_condition(claimed.target, &reading, &view.screen, keys);
        }
        Err(Refusal::EnterWithheld)
    }

    /// Presses Enter if a condition holds; returns whether it was pressed.
    pub(super) async fn submit_if(&self, claimed: &Claimed<'_>, condition: &EnterCondition) -> Result<bool, Refusal> {
        self.still_claimed(claimed)?;
        let (pane, front) = (&claimed.target.pane, claimed.target.front());
        let is_pressed = self.panes.submit_if_shown(pane, &front, condition).await?;
        debug!(agent = %claimed.target.agent, is_pressed, "Enter");
        Ok(is_pressed)
    }

    /// Waits until the text has left the composer. A screen that is not recognised says nothing: it may be one that is
    /// being drawn. Nor does a question: the text may still stand in the composer behind it.
    async fn has_left(&self, target: &Target, keys: &Keystroke) -> Result<bool, Refusal> {
        let left = self.wait_until(target, SUBMIT_LIMIT, |reading, _| {
            reading.state != ScreenState::Unknown && !echo::stands(reading, keys)
        });
        match left.await {
            // It took the text and is not there to be looked at any more.
            Err(refusal) if refusal.has_left() => Ok(true),
            Ok(Some((reading, _))) if reading.state == ScreenState::Asking => Err(Refusal::Asking),
            left => Ok(left?.is_some()),
        }
    }
}
