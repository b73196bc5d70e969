//! Agents: the parties that send and receive.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::id::{AgentId, FleetId};
use crate::placement::Placement;
use crate::timestamp::Timestamp;

/// What an agent is to its fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgentKind {
    /// The root Director, who owns the members.
    Director,
    /// The built-in agent through which people take part.
    Administrator,
    /// Spawned into a pane by the Director.
    Member,
    /// Registered by hand, with no pane.
    User,
}

impl AgentKind {
    const ALL: [Self; 4] = [Self::Director, Self::Administrator, Self::Member, Self::User];

    /// Returns the name that the database uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Director => "director",
            Self::Administrator => "administrator",
            Self::Member => "member",
            Self::User => "user",
        }
    }
}

impl fmt::Display for AgentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AgentKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| format!("'{text}' is not an agent kind"))
    }
}

/// Whether an agent still takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgentStatus {
    /// Sends and receives.
    Active,
    /// Has left since the given time; what it sent and received stays.
    Deregistered(Timestamp),
}

impl AgentStatus {
    /// Returns the name that the command line, the database and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deregistered(_) => "deregistered",
        }
    }
}

/// A party that sends and receives messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its identifier.
    pub id: AgentId,
    /// The fleet it belongs to.
    pub fleet: FleetId,
    /// What people call it; not unique.
    pub name: String,
    /// Description of its role.
    pub description: String,
    /// What it is to its fleet.
    pub kind: AgentKind,
    /// Whether it still takes part.
    pub status: AgentStatus,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// What it can do: the text of a JSON array.
    pub skills: String,
}

impl Agent {
    /// Tells whether the agent still takes part.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == AgentStatus::Active
    }
}

/// An agent together with where it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedAgent {
    /// The agent.
    pub agent: Agent,
    /// Its placement; none for an Administrator, a user, and whoever has left.
    pub placement: Option<Placement>,
}

/// When an agent last did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// When it last sent a message.
    pub last_sent: Option<Timestamp>,
    /// When a message was last sent to it.
    pub last_received: Option<Timestamp>,
    /// When it last acknowledged a message.
    pub last_acknowledged: Option<Timestamp>,
}

impl Activity {
    /// Returns how long ago the agent last sent or acknowledged; none when it never did.
    #[must_use]
    pub fn idle(&self, now: Timestamp) -> Option<Duration> {
        self.last_sent.max(self.last_acknowledged).map(|last| now.since(last))
    }
}

/// A member in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The agent.
    pub agent: Agent,
    /// Where it lives.
    pub placement: Placement,
    /// When it last did something.
    pub activity: Activity,
}

impl From<Member> for PlacedAgent {
    fn from(Member { agent, placement, .. }: Member) -> Self {
        Self { agent, placement: Some(placement) }
    }
}
