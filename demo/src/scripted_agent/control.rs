//! What the screen tells a turn.

/// What the screen tells a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Control {
    /// The open question was answered so.
    Answer(String),
    /// The turn is to end now.
    Stop,
}

/// Says that a turn was told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped;
