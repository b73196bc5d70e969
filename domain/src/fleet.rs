//! Fleets: groups of agents, isolated from each other.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::agent::Agent;
use crate::id::{AgentId, FleetId, InvalidId};
use crate::placement::Placement;
use crate::timestamp::Timestamp;

/// Name of every root Director.
pub const DIRECTOR_NAME: &str = "Director";

/// Description of every root Director.
pub const DIRECTOR_DESCRIPTION: &str = "Root Director for this fleet";

/// Name of every built-in Administrator.
pub const ADMINISTRATOR_NAME: &str = "Administrator";

/// Description of every built-in Administrator.
pub const ADMINISTRATOR_DESCRIPTION: &str = "Built-in administrator agent for this fleet";

/// Seconds between two wakes of a newly placed agent.
pub const DEFAULT_MONITOR_INTERVAL_SECONDS: i64 = 60;

/// Tells a fleet from those that have its number in other databases: six hexadecimal digits. It is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FleetKey(u32);

impl FleetKey {
    const DIGITS: usize = 6;

    /// Makes a key of the low 24 bits of a number.
    #[must_use]
    pub fn of(bits: u32) -> Self {
        Self(bits & 0xff_ffff)
    }
}

impl fmt::Display for FleetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06x}", self.0)
    }
}

impl FromStr for FleetKey {
    type Err = InvalidFleetRef;

    fn from_str(text: &str) -> Result<Self, InvalidFleetRef> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        if text.len() != Self::DIGITS || !text.bytes().all(is_digit) {
            return Err(InvalidFleetRef::Key);
        }
        u32::from_str_radix(text, 16).map(Self).map_err(|_| InvalidFleetRef::Key)
    }
}

/// Says why a text does not name a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidFleetRef {
    /// The number is none.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// What follows the number is no key.
    #[error("the number of a fleet may be followed by '-' and its key, which has six digits of 0-9 and a-f")]
    Key,
}

/// How a command names a fleet: by its number (`7`), or by number and key (`7-3fa9c2`), which no other database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetRef {
    /// The fleet's number.
    pub id: FleetId,
    /// Its key; none where the number is to do.
    pub key: Option<FleetKey>,
}

impl From<FleetId> for FleetRef {
    fn from(id: FleetId) -> Self {
        Self { id, key: None }
    }
}

impl FromStr for FleetRef {
    type Err = InvalidFleetRef;

    fn from_str(text: &str) -> Result<Self, InvalidFleetRef> {
        match text.split_once('-') {
            Some((id, key)) if !id.is_empty() => Ok(Self { id: id.parse()?, key: Some(key.parse()?) }),
            _ => Ok(Self { id: text.parse()?, key: None }),
        }
    }
}

impl fmt::Display for FleetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            Some(key) => write!(f, "{}-{key}", self.id),
            None => self.id.fmt(f),
        }
    }
}

/// A group of agents under one root Director.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    /// Its identifier.
    pub id: FleetId,
    /// What people call it.
    pub label: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was deleted; none while it lives.
    pub deleted_at: Option<Timestamp>,
    /// Its root Director.
    pub director: AgentId,
    /// What tells it from fleets of other databases; none where another program wrote the row.
    pub key: Option<FleetKey>,
}

impl Fleet {
    /// Returns how commands that are written for somebody else name the fleet.
    #[must_use]
    pub fn reference(&self) -> FleetRef {
        FleetRef { id: self.id, key: self.key }
    }
}

/// A fleet in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetSummary {
    /// The fleet.
    pub fleet: Fleet,
    /// How many active agents it has, Director and Administrator included.
    pub agent_count: u64,
}

/// A fleet with its two built-in agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetDetail {
    /// The fleet.
    pub fleet: Fleet,
    /// Its root Director.
    pub director: Agent,
    /// The Director's placement; none once the fleet is deleted.
    pub placement: Option<Placement>,
    /// Its built-in Administrator.
    pub administrator: AgentId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_is_named_by_its_number_or_by_number_and_key() {
        let id = FleetId::try_from(7).expect("a positive id");
        let keyed = FleetRef { id, key: Some(FleetKey::of(0xff03_fa92)) };
        assert_eq!((keyed.to_string().as_str(), "7-03fa92".parse()), ("7-03fa92", Ok(keyed)));
        assert_eq!((FleetRef::from(id).to_string().as_str(), "7".parse()), ("7", Ok(FleetRef::from(id))));
        for bad in ["", "0", "-1", "x", "7 ", "-", "0-03fa92", "x-03fa92"] {
            assert_eq!(bad.parse::<FleetRef>(), Err(InvalidFleetRef::Id(InvalidId)), "{bad:?}");
        }
        for bad in ["7-", "7-03fa9", "7-03fa921", "7-03FA92", "7-+3fa92", "7-03fa9\u{e9}", "7-1-2"] {
            assert_eq!(bad.parse::<FleetRef>(), Err(InvalidFleetRef::Key), "{bad:?}");
        }
    }
}
