//! Which program the scripted agent stands in for.

use std::fmt;
use std::str::FromStr;

/// A program that the scripted agent draws and behaves like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Claude Code.
    Claude,
    /// Codex CLI.
    Codex,
    /// opencode.
    Opencode,
}

impl Style {
    /// Every style.
    pub const ALL: [Self; 3] = [Self::Claude, Self::Codex, Self::Opencode];

    /// Returns the name of the program's file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Opencode => "opencode",
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Style {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let style = Self::ALL.into_iter().find(|style| style.as_str() == text);
        style.ok_or_else(|| format!("'{text}' is no style of the scripted agent"))
    }
}
