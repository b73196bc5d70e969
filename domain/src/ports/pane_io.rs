//! Looking at panes, and typing into them.

use std::time::Duration;

use async_trait::async_trait;

use super::MultiplexerError;
use crate::death::DeathProof;
use crate::placement::Pane;
use crate::process::Foreground;
use crate::screen::Screen;

/// What a pane shows and whether it can hear.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaneView {
    /// The visible screen with its looks.
    pub screen: Screen,
    /// The program has ended and only its last screen is left.
    pub dead: bool,
    /// Why the program would not get what is typed, or others would too; none when it alone would.
    pub deaf: Option<Deaf>,
    /// Which program had the pane.
    pub front: Front,
    /// The pane's processes.
    pub foreground: Foreground,
}

/// Why what is typed into a pane does not reach its program, and it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deaf {
    /// Somebody reads back in it: copy mode takes the keys.
    CopyMode,
    /// Another mode of the multiplexer takes the keys; its name consists of ASCII letters, digits and hyphens.
    OtherMode(String),
    /// The pane's input is switched off.
    InputOff,
    /// The keys go to the other panes of the window too.
    Synchronized,
}

/// Which program had a pane at a [look](PaneIo::look): what is meant for it is given to no other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Front {
    /// The foreground process group of the pane's terminal; 0 when the system does not tell.
    pub group: u32,
    /// The name of that program.
    pub command: String,
}

/// How long the program of a pane may take to show a key that a person has pressed: until then the screen does not prove that
/// nothing stands before what is typed next.
pub const KEY_SHOWS_WITHIN: Duration = Duration::from_secs(2);

/// What must hold at the moment at which Enter is pressed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnterCondition {
    /// What stands on one row of the visible screen: letters, digits, blanks and the characters `/`, `!`, `-`, `.`.
    pub mark: String,
    /// How many rows below the first row with the mark the cursor stands; none where that does not count.
    pub cursor_below: Option<i32>,
    /// The column in which the cursor stands; none where that does not count.
    pub cursor_column: Option<usize>,
    /// What stands on some row of the visible screen: as [`EnterCondition::mark`], any number of them.
    pub present: Vec<String>,
    /// What stands on no row: as [`EnterCondition::mark`], any number of them.
    pub absent: Vec<String>,
    /// Whether it counts that no person has pressed a key in the pane for [`KEY_SHOWS_WITHIN`].
    pub untouched: bool,
}

/// What must hold at the moment at which a text is typed; nothing by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypingCondition {
    /// The column and the row in which the cursor stands; none where that does not count.
    pub cursor: Option<(usize, usize)>,
    /// As [`EnterCondition::present`].
    pub present: Vec<String>,
    /// As [`EnterCondition::absent`].
    pub absent: Vec<String>,
    /// As [`EnterCondition::untouched`].
    pub untouched: bool,
}

impl EnterCondition {
    /// Makes the condition that a mark shows, wherever that is.
    #[must_use]
    pub fn shows(mark: impl Into<String>) -> Self {
        Self { mark: mark.into(), ..Self::default() }
    }
}

/// The answer of [`PaneIo::look`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// The pane is not there any more, or its name now belongs to another one.
    Gone(DeathProof),
    /// The pane is still ours.
    Seen(PaneView),
}

/// Looks at panes and types into them; each method as [`Multiplexer`](super::Multiplexer) says.
#[async_trait]
pub trait PaneIo: Send + Sync {
    /// Looks at a pane: identity, modes and screen in one step, so that they belong together.
    ///
    /// # Errors
    /// `Unreachable`, `Missing`, `Timeout`, `Failed`. A server that has ended is no error but `Look::Gone`.
    async fn look(&self, pane: &Pane) -> Result<Look, MultiplexerError>;

    /// Returns the last `lines` rows of the pane's history and screen, oldest first, without trailing blank rows;
    /// with escape sequences for colours when `ansi`.
    ///
    /// # Errors
    /// `Gone`, and as the others.
    async fn capture(&self, pane: &Pane, lines: u32, ansi: bool) -> Result<String, MultiplexerError>;

    /// Pastes `text` into the pane as one bracketed paste where the program asked for it, byte for byte, whatever it
    /// starts or ends with, if `front` still has the pane and `condition` holds at that moment. Look and paste are one step
    /// inside the server; of a text that the terminal takes in pieces, the first. Presses no key. Returns whether the text
    /// was pasted.
    ///
    /// # Errors
    /// `Gone`; `Failed` when the pane does not hear or another program has it, and for a condition of other characters than
    /// it may have; and as the others.
    async fn paste(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError>;

    /// Presses Enter if, at that moment, `condition` holds, the pane hears, and `front` still has it. Look and key are one
    /// step inside the server. Returns whether the key was pressed.
    ///
    /// # Errors
    /// `Gone`; `Failed` for a condition of other characters than it may have; and as the others.
    async fn submit_if_shown(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &EnterCondition,
    ) -> Result<bool, MultiplexerError>;

    /// Types `text` character by character, as a person would, under the conditions of [`PaneIo::paste`]; presses no other
    /// key. Returns whether it was typed. For short texts that a program ignores when they are pasted, and for [`crate::keystroke::NEXT`] and
    /// [`crate::keystroke::TAB`] by themselves; fails for any other control character.
    ///
    /// # Errors
    /// As [`PaneIo::paste`].
    async fn type_keys(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError>;
}
