//! The names of coding agent programs.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The longest name, in bytes.
const LONGEST: usize = 24;

/// The name of a coding agent program: letters a to z, digits and hyphens.
///
/// A name says nothing else: what is known of a program is looked up in [`Programs`](crate::program::Programs). So what a store
/// has of a program that this process does not know can be read, listed and written back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Backend {
    /// The characters, then zeros.
    name: [u8; LONGEST],
}

/// Says that a text is not the name of a coding agent program.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is not the name of a coding agent (1 to {LONGEST} of a-z, 0-9 and '-')")]
pub struct InvalidBackend(String);

impl Backend {
    /// Claude Code.
    pub const CLAUDE: Self = Self::named("claude");
    /// Codex CLI.
    pub const CODEX: Self = Self::named("codex");
    /// opencode.
    pub const OPENCODE: Self = Self::named("opencode");

    /// The programs that CAFleet knows by itself, in the order in which they are listed.
    pub const BUILT_IN: [Self; 3] = [Self::CLAUDE, Self::CODEX, Self::OPENCODE];

    /// Returns the backend of a name that stands in the source.
    ///
    /// # Panics
    /// When it is no name; in a constant, the source does not compile then.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        match Self::checked(name) {
            Some(backend) => backend,
            None => panic!("not the name of a coding agent"),
        }
    }

    const fn checked(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        let mut name = [0; LONGEST];
        let mut at = 0;
        // a constant function has no iterators
        while at < text.len() {
            if !matches!(text[at], b'a'..=b'z' | b'0'..=b'9' | b'-') {
                return None;
            }
            name[at] = text[at];
            at += 1;
        }
        Some(Self { name })
    }

    /// Returns the name that the command line, the database and the API use.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.name.iter().position(|byte| *byte == 0).unwrap_or(LONGEST);
        str::from_utf8(&self.name[..length]).unwrap_or_default()
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backend({})", self.as_str())
    }
}

impl FromStr for Backend {
    type Err = InvalidBackend;

    fn from_str(text: &str) -> Result<Self, InvalidBackend> {
        Self::checked(text).ok_or_else(|| InvalidBackend(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_it_was_read_from_and_nothing_else_is_one() {
        for name in ["claude", "a", "qwen-code2", "abcdefghijklmnopqrstuvwx"] {
            assert_eq!(name.parse::<Backend>().map(|backend| backend.to_string()).as_deref(), Ok(name));
        }
        assert_eq!("codex".parse(), Ok(Backend::CODEX));
        for text in ["", "Claude", "a b", "a/b", "ä", "abcdefghijklmnopqrstuvwxy", "a\0"] {
            assert_eq!(text.parse::<Backend>(), Err(InvalidBackend(text.to_owned())));
        }
        assert_eq!(format!("{:>7}|{:?}", Backend::CODEX, Backend::CODEX), "  codex|Backend(codex)");
    }
}
