//! Terminal multiplexers: the panes that agents live in.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use crate::death::DeathProof;
use crate::id::PaneId;
use crate::placement::{MultiplexerKind, Pane};
use crate::process::{Foreground, LeftBehind};
use crate::screen::Screen;

/// Why a multiplexer did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MultiplexerError {
    /// Its program is not installed.
    #[error("{0} is not installed or not on PATH")]
    Missing(String),
    /// Its version lacks what is needed.
    #[error("{program} {found} is too old; {needed} or newer is needed")]
    TooOld {
        /// The program.
        program: String,
        /// The version that is installed.
        found: String,
        /// The oldest version that will do.
        needed: String,
    },
    /// It did not answer within the limit of 5 s; whether it did what it was asked is unknown.
    #[error("{0} did not answer within 5 s")]
    Timeout(String),
    /// There is proof that the pane is not there any more, or that its name now belongs to another one. Nothing was done
    /// to it.
    #[error("pane {0} is gone")]
    Gone(PaneId),
    /// Its server does not answer, and there is no proof that it has ended; with what is known and what brings it back.
    /// Nothing was done.
    #[error("{0}")]
    Unreachable(String),
    /// The pane's program does not read what it is given. The text may have arrived in part; a paste is closed as soon as
    /// the program reads on.
    #[error("the program in pane {0} does not read its input")]
    NotReading(PaneId),
    /// It refused or failed, for the reason given.
    #[error("{0}")]
    Failed(String),
}

/// What to open a pane with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpawnRequest {
    /// The pane beside which the new one opens: in the same window, or in a new window of the same session when the
    /// window has no room.
    pub beside: Pane,
    /// The program, as an absolute path, and its arguments; up to 2 MiB in all, each up to what the kernel takes.
    pub argv: Vec<String>,
    /// The directory in which the program starts; must exist.
    pub directory: PathBuf,
    /// A mark by which [`Multiplexer::list`] knows the pane again: letters, digits and `-`. It is on the pane from the
    /// moment the pane exists.
    pub tag: String,
}

/// What to open a pane with that is beside no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartRequest {
    /// As [`SpawnRequest::argv`].
    pub argv: Vec<String>,
    /// As [`SpawnRequest::directory`].
    pub directory: PathBuf,
    /// As [`SpawnRequest::tag`].
    pub tag: String,
}

/// A pane with the mark that it was spawned with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedPane {
    /// The pane.
    pub pane: Pane,
    /// The mark; none on a pane that was not spawned by [`Multiplexer::spawn`].
    pub tag: Option<String>,
}

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

/// Which program had a pane at a [look](Multiplexer::look): what is meant for it is given to no other.
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

/// The answer of [`Multiplexer::look`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// The pane is not there any more, or its name now belongs to another one.
    Gone(DeathProof),
    /// The pane is still ours.
    Seen(PaneView),
}

/// Opens, watches, types into and closes panes.
///
/// Every method that takes a [`Pane`] talks to the server that the pane belongs to, whatever the environment of the
/// caller, and touches the pane only if server run, pane name and pane process are all still the same; else it does
/// nothing and says `Gone`, with proof, or `Unreachable`. Every method answers within 5 s or says `Timeout`.
#[async_trait]
pub trait Multiplexer: Send + Sync {
    /// Returns which multiplexer [`Multiplexer::start`] opens panes in.
    fn kind(&self) -> MultiplexerKind;

    /// Returns the version of the installed multiplexer, for people.
    ///
    /// # Errors
    /// `Missing`, `TooOld`, `Timeout`, `Failed`.
    async fn version(&self) -> Result<String, MultiplexerError>;

    /// Returns the pane in which the calling process runs; none when it runs outside the multiplexer.
    ///
    /// # Errors
    /// When it seems to run inside, but the multiplexer does not answer: `Missing`, `TooOld`, `Timeout`, `Failed`.
    async fn caller(&self) -> Result<Option<Pane>, MultiplexerError>;

    /// Opens a pane and returns it. The focus stays where it is, no other pane is closed, and the new pane is never
    /// smaller than 40 columns by 10 rows where the terminal allows it. The arguments arrive byte for byte: no
    /// shell reads them. When the program cannot be started, there is no pane left and the answer is an error.
    ///
    /// # Errors
    /// `Gone` for the pane beside which to open, and as the others.
    async fn spawn(&self, request: &SpawnRequest) -> Result<Pane, MultiplexerError>;

    /// Opens a pane beside no other and returns it; starts a server where none runs. All else is as with
    /// [`Multiplexer::spawn`].
    ///
    /// # Errors
    /// `Missing`, `Timeout`, and `Failed`, also when this multiplexer opens panes only beside others.
    async fn start(&self, request: &StartRequest) -> Result<Pane, MultiplexerError>;

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

    /// Types `text` character by character, as a person would, under the conditions of [`Multiplexer::paste`]; presses no other
    /// key. Returns whether it was typed. For short texts that a program ignores when they are pasted, and for [`crate::keystroke::NEXT`] and
    /// [`crate::keystroke::TAB`] by themselves; fails for any other control character.
    ///
    /// # Errors
    /// As [`Multiplexer::paste`].
    async fn type_keys(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError>;

    /// Ends the pane's program with SIGTERM, and closes the pane if it is still there after a second.
    ///
    /// # Errors
    /// `Gone` when there was nothing to close, and as the others.
    async fn kill(&self, pane: &Pane) -> Result<(), MultiplexerError>;

    /// Returns `true` if the pane's own program is known to have outlived its pane and the server; [`Multiplexer::kill`] ends it.
    async fn is_outlived(&self, _pane: &Pane) -> bool {
        false
    }

    /// Returns what was started in a pane that is closed and goes on without it, as far as that can be seen. Waits a second at
    /// most for what is ending.
    async fn left_behind(&self, _pane: &Pane) -> Vec<LeftBehind> {
        Vec::new()
    }

    /// Returns the panes of the server run that `pane` belongs to; empty when it is proven that that run has ended.
    ///
    /// # Errors
    /// `Unreachable`, `Missing`, `Timeout`, `Failed`.
    async fn list(&self, pane: &Pane) -> Result<Vec<TaggedPane>, MultiplexerError>;

    /// Lays out the window of `pane` again: the first pane large, the others beside it.
    ///
    /// # Errors
    /// `Gone`, and as the others.
    async fn rebalance(&self, pane: &Pane) -> Result<(), MultiplexerError>;
}
