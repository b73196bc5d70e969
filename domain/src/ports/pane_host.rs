//! Opening and closing panes.

use std::path::PathBuf;

use async_trait::async_trait;

use super::MultiplexerError;
use crate::placement::{MultiplexerKind, Pane};
use crate::process::LeftBehind;

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
    /// A mark by which [`PaneHost::list`] knows the pane again: letters, digits and `-`. It is on the pane from the
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
    /// The mark; none on a pane that was not spawned by [`PaneHost::spawn`].
    pub tag: Option<String>,
}

/// Opens, lists and closes panes; each method as [`Multiplexer`](super::Multiplexer) says.
#[async_trait]
pub trait PaneHost: Send + Sync {
    /// Returns which multiplexer [`PaneHost::start`] opens panes in.
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
    /// [`PaneHost::spawn`].
    ///
    /// # Errors
    /// `Missing`, `Timeout`, and `Failed`, also when this multiplexer opens panes only beside others.
    async fn start(&self, request: &StartRequest) -> Result<Pane, MultiplexerError>;

    /// Ends the pane's program with SIGTERM, and closes the pane if it is still there after a second.
    ///
    /// # Errors
    /// `Gone` when there was nothing to close, and as the others.
    async fn kill(&self, pane: &Pane) -> Result<(), MultiplexerError>;

    /// Returns `true` if the pane's own program is known to have outlived its pane and the server; [`PaneHost::kill`] ends it.
    async fn is_outlived(&self, _pane: &Pane) -> bool {
        false
    }

    /// Returns what was started in a pane that is closed and goes on without it, as far as that can be seen. Waits a second at
    /// most for what is ending.
    async fn left_behind(&self, _pane: &Pane) -> Vec<LeftBehind> {
        Vec::new()
    }

    /// Shows a pane to whoever looks at the pane of the calling process.
    ///
    /// # Errors
    /// `Gone`, `Failed` when nobody looks there or this multiplexer shows no pane so, and as the others.
    async fn show(&self, _pane: &Pane) -> Result<(), MultiplexerError> {
        Err(MultiplexerError::Failed("it shows no pane in the place of another".to_owned()))
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
