//! When a pane counts as gone: only with proof.
//!
//! A server that does not answer says nothing about its panes: its socket may have been removed, it may have as many
//! clients as it takes, or the asking process may be in a sandbox. A message to such a pane is held, never given up.

use std::fmt;

/// What proves that a pane is not there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeathProof {
    /// The process of the server that had it does not exist any more.
    ServerEnded {
        /// The process.
        pid: u32,
    },
    /// The server that had it answers that it has no such pane, or that another process has its name.
    NoSuchPane,
}

impl fmt::Display for DeathProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServerEnded { pid } => write!(f, "the server that had it (process {pid}) has ended"),
            Self::NoSuchPane => f.write_str("its server says that it has no such pane"),
        }
    }
}
