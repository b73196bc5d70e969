//! Identifiers: integers that the database assigns, and the multiplexer's own names for panes.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Says why a text or a number is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("must be an integer between 1 and {}", i64::MAX)]
pub struct InvalidId;

macro_rules! database_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// Returns the number as the database stores it; always at least 1.
            #[must_use]
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = InvalidId;

            fn try_from(value: i64) -> Result<Self, InvalidId> {
                if value >= 1 { Ok(Self(value)) } else { Err(InvalidId) }
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(InvalidId);
                }
                text.parse::<i64>().map_err(|_| InvalidId)?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

database_id! {
    /// Identifies a fleet.
    FleetId
}
database_id! {
    /// Identifies an agent. Unique in the whole database, yet only ever looked up together with its fleet.
    AgentId
}
database_id! {
    /// Identifies a task: one message to one recipient, or the summary of a broadcast.
    TaskId
}
database_id! {
    /// Numbers a change of the store. Later commits have greater numbers, and every number is given once.
    ChangeId
}

/// Names a pane as its multiplexer does (`%7` in tmux). Unique only within one run of one server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PaneId(String);

impl PaneId {
    /// Wraps the multiplexer's name for a pane.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_positive_integers_only() {
        assert_eq!("1".parse::<FleetId>().map(FleetId::get), Ok(1));
        assert_eq!(i64::MAX.to_string().parse::<TaskId>().map(TaskId::get), Ok(i64::MAX));
        for text in ["0", "-1", "+1", "", " 1", "1.0", "one", "9223372036854775808", "0x1", "１"] {
            assert_eq!(text.parse::<AgentId>(), Err(InvalidId), "{text:?}");
        }
    }
}
