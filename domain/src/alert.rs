//! What the Director is alerted to: somebody has to look after an agent.

use std::str::FromStr;

/// Why somebody has to look after an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// A dialog waits for an answer.
    Asking,
    /// Its screen is not recognised.
    Unknown,
    /// It has never sent a message.
    Silent,
    /// Its pane is gone.
    Gone,
}

impl Alert {
    const ALL: [Self; 4] = [Self::Asking, Self::Unknown, Self::Silent, Self::Gone];

    /// Returns the name that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Unknown => "unknown",
            Self::Silent => "silent",
            Self::Gone => "gone",
        }
    }

    /// Returns it in words, to be read on after the agent's name.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Asking => "is asking a question and waits for an answer",
            Self::Unknown => "shows a screen that is not recognised",
            Self::Silent => "has sent nothing since it was spawned three minutes ago",
            Self::Gone => "has lost its pane",
        }
    }
}

impl FromStr for Alert {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|alert| alert.as_str() == name).ok_or_else(|| format!("'{name}' is not an alert"))
    }
}
