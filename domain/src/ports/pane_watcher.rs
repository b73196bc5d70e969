//! Watching a pane as it is drawn, and typing into it: for people who attach to it, here or in a browser.
//!
//! What agents are told never goes this way, but through [`super::Multiplexer`] and its gate.

use async_trait::async_trait;

use super::multiplexer::MultiplexerError;
use crate::placement::Pane;

/// What a viewer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatchMode {
    /// Look.
    ReadOnly,
    /// Look and type. The pane keeps its size.
    Typing,
    /// Look and type. The pane takes the viewer's size, as far as agents can work in it, until somebody else is
    /// attached in this way.
    Writable {
        /// The viewer's width.
        columns: u16,
        /// The viewer's height.
        rows: u16,
    },
}

/// What a viewer is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaneEvent {
    /// Everything that is shown now; what came before means nothing any more. It comes first, after each change of size,
    /// and when the viewer was too slow to follow.
    Snapshot {
        /// The pane's width.
        columns: u16,
        /// The pane's height.
        rows: u16,
        /// What makes an empty terminal of this size have above its screen what the pane has, up to 2,000 rows, when it is
        /// written before the drawing; empty when there is nothing, or nobody knows.
        history: Vec<u8>,
        /// What makes a terminal of this size, whatever it showed, show what the pane does, in the same modes.
        drawing: Vec<u8>,
    },
    /// What changes that into what the pane shows now. It draws cells, scrolls, and sets modes of cursor, keys and mouse: it
    /// asks the terminal nothing, and changes neither its title nor its clipboard.
    Output(Vec<u8>),
    /// The title that the program gave itself, as text of at most 200 characters without controls.
    Title(String),
    /// The pane is gone; how its program ended, in words. Nothing follows.
    Ended(String),
}

/// The events of one pane.
#[async_trait]
pub trait PaneEvents: Send + Sync {
    /// Waits for the next event; none when the multiplexer has ended or the pane was watched to its end. May be dropped
    /// while it waits: nothing is lost.
    ///
    /// # Errors
    /// `Failed`.
    async fn next(&mut self) -> Result<Option<PaneEvent>, MultiplexerError>;
}

/// The keys of one viewer.
#[async_trait]
pub trait PaneInput: Send + Sync {
    /// Gives the program bytes as a terminal sends them. Of a read-only viewer they are ignored.
    ///
    /// # Errors
    /// `Failed` when the multiplexer has ended.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), MultiplexerError>;

    /// Tells the size of the viewer's terminal; see [`WatchMode::Writable`].
    ///
    /// # Errors
    /// As [`PaneInput::write`].
    async fn resize(&mut self, columns: u16, rows: u16) -> Result<(), MultiplexerError>;
}

/// A pane that is watched, until this is dropped.
pub struct WatchedPane {
    /// What it shows.
    pub events: Box<dyn PaneEvents>,
    /// What the viewer types.
    pub input: Box<dyn PaneInput>,
}

/// Shows panes to viewers. However slow one is, the program in the pane and the other viewers notice nothing.
#[async_trait]
pub trait PaneWatcher: Send + Sync {
    /// Begins to watch a pane.
    ///
    /// # Errors
    /// `Gone`, `Timeout`, `Failed`.
    async fn watch(&self, pane: &Pane, mode: WatchMode) -> Result<WatchedPane, MultiplexerError>;
}
