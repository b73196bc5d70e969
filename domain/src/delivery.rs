//! Deliveries: how far the doorbell for a task has come. The row of the task is the message; this is only the bell.

use std::fmt;
use std::str::FromStr;

use crate::id::{AgentId, TaskId};
use crate::timestamp::Timestamp;

/// How far the preview of a task has come; forward only, but `held` may return to `pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// No doorbell: the recipient has no pane, or is the sender.
    None,
    /// Owed, not tried yet.
    Pending,
    /// Owed, tried, and put off for a reason.
    Held,
    /// In the composer, not seen to leave it.
    Typed,
    /// Left the composer.
    Submitted,
    /// Given up for a reason.
    Failed,
}

impl DeliveryState {
    const ALL: [Self; 6] = [Self::None, Self::Pending, Self::Held, Self::Typed, Self::Submitted, Self::Failed];

    /// Returns the name that the command line, the database and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Typed => "typed",
            Self::Submitted => "submitted",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeliveryState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("'{text}' is not a delivery state"))
    }
}

/// The state of a doorbell with the reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryStatus {
    /// How far it has come.
    pub state: DeliveryState,
    /// Why it is held, only typed, or failed.
    pub reason: Option<String>,
}

impl DeliveryStatus {
    /// Makes a status that needs no reason.
    #[must_use]
    pub fn plain(state: DeliveryState) -> Self {
        Self { state, reason: None }
    }

    /// Makes a status with its reason.
    #[must_use]
    pub fn because(state: DeliveryState, reason: impl fmt::Display) -> Self {
        Self { state, reason: Some(reason.to_string()) }
    }

    /// Tells whether the recipient was rung: the preview was seen to leave the composer.
    #[must_use]
    pub fn is_submitted(&self) -> bool {
        self.state == DeliveryState::Submitted
    }
}

/// The record of a doorbell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The task it announces.
    pub task: TaskId,
    /// The recipient.
    pub agent: AgentId,
    /// How far it has come, and why.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: u32,
    /// When it came so far.
    pub updated_at: Timestamp,
}
