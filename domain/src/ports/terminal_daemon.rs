//! The process that owns the embedded terminals.

use async_trait::async_trait;

use super::MultiplexerError;
use crate::placement::Pane;

/// A daemon that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonStatus {
    /// Its process.
    pub pid: u32,
    /// The version of its program.
    pub build: String,
    /// It understands this program.
    pub same_protocol: bool,
    /// How often it was upgraded.
    pub generation: u32,
    /// Its socket.
    pub socket: String,
    /// Its panes; empty when it does not understand this program.
    pub panes: Vec<PaneSummary>,
}

/// A pane in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaneSummary {
    /// The pane.
    pub pane: Pane,
    /// The mark that it was opened with.
    pub tag: String,
    /// The program that it was opened with.
    pub program: String,
    /// Its width.
    pub columns: u16,
    /// Its height.
    pub rows: u16,
    /// How many watch it.
    pub viewers: usize,
}

/// Looks after the daemon of the embedded terminals.
#[async_trait]
pub trait TerminalDaemon: Send + Sync {
    /// Returns what the daemon says of itself; none when none runs.
    ///
    /// # Errors
    /// `Unreachable` when one runs that cannot be reached, and as the multiplexer says.
    async fn status(&self) -> Result<Option<DaemonStatus>, MultiplexerError>;

    /// Ends the daemon and all its panes, and waits for it; returns its process, none when none ran.
    ///
    /// # Errors
    /// `Unreachable` when one runs that cannot be reached, and as the multiplexer says.
    async fn stop(&self) -> Result<Option<u32>, MultiplexerError>;

    /// Makes the daemon go on as the program of this process, with all its panes, and waits for it; none when none runs.
    ///
    /// # Errors
    /// When the daemon refuses or does not come back, and as the multiplexer says.
    async fn upgrade(&self) -> Result<Option<DaemonStatus>, MultiplexerError>;
}
