//! Why a keystroke was not made.

use thiserror::Error;

use crate::agent_in_front::NotInFront;
use crate::backend::Backend;
use crate::loop_guard::Loop;
use crate::ports::MultiplexerError;

/// Why a keystroke was not made. Reads on after the name of the agent, and names no command, as the texts of [`BrokerError`](super::BrokerError).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The pane is not there any more.
    #[error("has no pane any more")]
    Gone,
    /// The pane is not there yet.
    #[error("is being started; it is notified of its messages once it has a pane")]
    Starting,
    /// The program has ended and left its last screen.
    #[error("has ended; only its last screen is left")]
    Ended,
    /// Somebody reads back in the pane.
    #[error("is in copy mode; leave it with 'q' in that pane")]
    CopyMode,
    /// Another mode of the multiplexer takes the keys.
    #[error("is in tmux's {0}; leave it with 'q' in that pane")]
    OtherMode(String),
    /// The pane's input is switched off.
    #[error(
        "has a pane whose input is switched off (tmux select-pane -d); nothing is typed until it is switched on again"
    )]
    InputOff,
    /// The keys would go to other panes too.
    #[error(
        "has a pane that shares its keys with the others of its window (tmux option synchronize-panes); \
         nothing is typed until that is off"
    )]
    Synchronized,
    /// What reads the keys of the pane is not known to be the agent.
    #[error("{0}")]
    NotInFront(NotInFront),
    /// Another agent than the one on record is in front.
    #[error("now runs {0}, not the coding agent on record; the next attempt takes that into account")]
    OtherAgent(Backend),
    /// A dialog is open.
    #[error("is asking a question")]
    Asking,
    /// Somebody's draft stands in the composer.
    #[error("has an unsent draft in its composer; send or clear it in that pane")]
    Composing,
    /// A preview that is not this one's to submit stands in the composer: another ledger may know it.
    #[error(
        "has an unsubmitted message of another fleet, or an old one, in its composer; the next notification of that fleet \
         submits it, or send or clear it in that pane"
    )]
    OtherPreview {
        /// The other store whose process typed last, if it was one.
        left_by: Option<String>,
    },
    /// A turn runs, and typing could do harm.
    #[error("is in a turn during which typing could do harm; try again when it is at rest")]
    Working,
    /// Nothing says that a turn runs, but one could.
    #[error("may be in a turn that its screen does not show")]
    RestUnproven,
    /// What the screen shows is none of the states that we know: the program is starting, or looks other than it did.
    #[error("has a screen that is not recognised")]
    Unrecognised,
    /// An answer was to be typed, but nothing is asked.
    #[error("is not asking anything")]
    NotAsking,
    /// The question has no answer of that number or with these words.
    #[error("shows no such answer")]
    NoSuchChoice,
    /// Several answers hold the words.
    #[error("shows several answers that contain this text; give a whole label, or a number")]
    AmbiguousAnswer,
    /// The answer changes what the agent may do from here on, and was chosen by its number.
    #[error("would change its mode with this answer; choose it by its label")]
    NeedsLabel(String),
    /// The answer is one in words.
    #[error("expects free text for this answer")]
    TakesText,
    /// The question has no answer in words.
    #[error("accepts no free text as an answer")]
    NoTextAnswer,
    /// A dialog is open whose answers cannot be read.
    #[error("is asking something whose answers cannot be read; answer it in its pane")]
    UnreadQuestion,
    /// Another question stands there than a moment before.
    #[error("has just asked a different question; nothing was answered")]
    QuestionChanged,
    /// A choice was typed, and the question is still there.
    #[error("still shows its question")]
    StillAsking,
    /// Whenever the text was to be typed, the screen had changed since the look, or a person had just pressed a key.
    #[error("has a screen that changed, or a person typed, before each attempt to type; nothing was typed")]
    ScreenChanged,
    /// The text did not appear.
    #[error("did not show the text in its composer; no Enter was pressed")]
    NoEcho,
    /// Whenever Enter was due, the text was gone, or a person had just pressed a key.
    #[error("no longer showed the text, or a person typed, before each attempt to press Enter; no Enter was pressed")]
    EnterWithheld,
    /// Enter was pressed, but the text is still in the composer.
    #[error("still has the text in its composer after Enter")]
    StillInComposer,
    /// The two agents of a message talk in a loop; the doorbell between them rings seldom.
    #[error("is in a loop with the sender ({0}); notifications between them are limited to one per 30 s")]
    Looping(Loop),
    /// Another process types into the pane.
    #[error("has a pane that another process is typing into; try again")]
    Claimed,
    /// The multiplexer did not answer or refused.
    #[error("cannot be reached: {0}")]
    Multiplexer(MultiplexerError),
    /// The record of who types could not be read or written.
    #[error("cannot be notified now: {0}")]
    Storage(String),
}

impl Refusal {
    /// Tells whether trying again later is of no use.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Gone | Self::Ended)
    }

    /// Tells whether the agent is not there to be looked at any more: its pane has closed, or others have it.
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.is_final() || matches!(self, Self::NotInFront(why) if why.is_another())
    }
}

impl From<MultiplexerError> for Refusal {
    fn from(error: MultiplexerError) -> Self {
        match error {
            MultiplexerError::Gone(_) => Self::Gone,
            error => Self::Multiplexer(error),
        }
    }
}
