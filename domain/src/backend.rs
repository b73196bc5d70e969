//! The coding agents that CAFleet knows.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A coding agent program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Backend {
    /// Claude Code; what a Director is taken for where nothing tells.
    #[default]
    Claude,
    /// Codex CLI.
    Codex,
    /// opencode.
    Opencode,
}

/// Says that a text names no backend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is not a coding agent (expected claude, codex or opencode)")]
pub struct UnknownBackend(String);

impl Backend {
    /// Every backend, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Claude, Self::Codex, Self::Opencode];

    /// Returns the name that the command line, the database and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Opencode => "opencode",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(text: &str) -> Result<Self, UnknownBackend> {
        Self::ALL.into_iter().find(|backend| backend.as_str() == text).ok_or_else(|| UnknownBackend(text.to_owned()))
    }
}
