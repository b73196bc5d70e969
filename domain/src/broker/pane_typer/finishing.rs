//! Going on with what another process has begun to type.

use crate::keystroke::Keystroke;
use crate::screen::ScreenState;

use super::gate::{leaves_turn_alone, standing};
use super::{Claimed, PaneTyper, Refusal, echo};

impl PaneTyper {
    /// Returns `true` if a composer is seen, and for as long as a text may be on its way there, nothing of that. Behind a question
    /// it may stand there unseen.
    pub(crate) async fn shows_nothing_of(&self, claimed: &Claimed<'_>, keys: &Keystroke) -> bool {
        let seen = self.read_with(claimed, keys).await;
        seen.is_ok_and(|(reading, _)| {
            let shows_composer =
                reading.composer.is_some() && !matches!(reading.state, ScreenState::Asking | ScreenState::Unknown);
            shows_composer && !echo::stands(&reading, &standing(keys, &reading))
        })
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
                leaves_turn_alone(claimed.target, &reading)?;
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
