//! The key that detaches.

use std::fmt;
use std::str::FromStr;

/// A key with Ctrl that a terminal sends as one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DetachKey(char);

impl DetachKey {
    /// Ctrl-], as in telnet.
    pub(crate) const DEFAULT: &str = "ctrl-]";

    /// Returns what a terminal sends.
    pub(super) fn byte(self) -> u8 {
        // all of them are ASCII
        u8::try_from(self.0.to_ascii_uppercase()).unwrap_or_default() & 0x1f
    }
}

impl FromStr for DetachKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sign = text.to_ascii_lowercase().strip_prefix("ctrl-").and_then(|rest| rest.parse::<char>().ok());
        match sign {
            Some('c' | 'h' | 'i' | 'j' | 'm' | '[') => {
                Err("programs need this key; choose another, such as ctrl-g or ctrl-]".to_owned())
            }
            Some(sign @ ('a'..='z' | '\\' | ']' | '^' | '_')) => Ok(Self(sign)),
            _ => Err("must be ctrl- and a letter or one of \\ ] ^ _, as in ctrl-g".to_owned()),
        }
    }
}

impl fmt::Display for DetachKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ctrl-{}", self.0.to_ascii_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_character() {
        for (text, byte, shown) in [("ctrl-]", 0x1d, "Ctrl-]"), ("Ctrl-G", 7, "Ctrl-G"), ("ctrl-\\", 0x1c, "Ctrl-\\")] {
            let key: DetachKey = text.parse().expect("a key");
            assert_eq!((key.byte(), key.to_string().as_str()), (byte, shown));
        }
    }

    #[test]
    fn keys_that_programs_need_are_refused() {
        for text in ["ctrl-c", "ctrl-m", "ctrl-i", "ctrl-[", "ctrl-", "ctrl-ü", "ctrl-ab", "]", ""] {
            assert!(text.parse::<DetachKey>().is_err(), "{text}");
        }
    }
}
