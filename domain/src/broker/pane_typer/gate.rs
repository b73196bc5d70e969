//! What may be typed when. Pure.
//!
//! | The screen is | a text | an answer |
//! |---|---|---|
//! | at rest | is typed | is refused |
//! | working | is typed where the program queues it, else refused | is refused |
//! | asking | is refused | is typed |
//! | composing | is refused, unless the draft is that text | is refused |
//! | unknown | is refused | is refused |
//!
//! Before that, the pane must hear ([`hears`]), and the agent must be proven to be in front of it; and a text for a program in which
//! it would harm a turn waits until the agent is proven to rest.

use crate::keystroke::Keystroke;
use crate::ports::{Deaf, PaneView};
use crate::preview;
use crate::profile::MidTurn;
use crate::screen::{Reading, ScreenState};

use super::{Claimed, Refusal, echo};

/// Decides whether a screen in this state takes a text, of which `mid_turn` says what it does to a turn.
pub(super) fn admit_text(mid_turn: MidTurn, state: ScreenState) -> Result<(), Refusal> {
    match state {
        ScreenState::AtRest => Ok(()),
        ScreenState::Working if mid_turn == MidTurn::Harmful => Err(Refusal::Working),
        ScreenState::Working => Ok(()),
        ScreenState::Asking => Err(Refusal::Asking),
        ScreenState::Composing => Err(Refusal::Composing),
        ScreenState::Unknown => Err(Refusal::Unrecognised),
    }
}

/// Decides whether a screen in this state takes an answer.
pub(super) fn admit_answer(state: ScreenState) -> Result<(), Refusal> {
    match state {
        ScreenState::Asking => Ok(()),
        ScreenState::AtRest | ScreenState::Working | ScreenState::Composing => Err(Refusal::NotAsking),
        ScreenState::Unknown => Err(Refusal::Unrecognised),
    }
}

/// Fails where a turn runs in which Enter may not be pressed, though the text stands in the composer already.
pub(super) fn leaves_turn_alone(mid_turn: MidTurn, reading: &Reading) -> Result<(), Refusal> {
    if reading.working && mid_turn == MidTurn::Harmful { Err(Refusal::Working) } else { Ok(()) }
}

/// Returns a text as it stands in the composer, if it does.
pub(crate) fn standing(keys: &Keystroke, reading: &Reading) -> Keystroke {
    keys.as_it_stands(reading.composer.as_deref().unwrap_or_default())
}

/// Decides whether a pane can take keys at all.
pub(super) fn hears(view: &PaneView) -> Result<(), Refusal> {
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
pub(super) fn whose(refusal: Refusal, claimed: &Claimed<'_>, keys: &Keystroke, reading: &Reading) -> Refusal {
    let draft = reading.composer.as_deref().unwrap_or_default();
    match refusal {
        Refusal::Composing if preview::opens(draft) && !echo::stands(reading, keys) => {
            Refusal::OtherPreview { left_by: claimed.lease.left_by().map(str::to_owned) }
        }
        refusal => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_a_draft_and_a_turn_that_would_be_aborted_admit_nothing() {
        use ScreenState::{Asking, AtRest, Composing, Unknown, Working};
        let tell = |mid_turn, state| admit_text(mid_turn, state);
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
            assert_eq!(admit_answer(state), Err(Refusal::NotAsking));
        }
        assert_eq!(admit_answer(ScreenState::Asking), Ok(()));
        assert_eq!(admit_answer(ScreenState::Unknown), Err(Refusal::Unrecognised));
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
