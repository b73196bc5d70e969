//! Fleets: groups of agents, isolated from each other.

use crate::agent::Agent;
use crate::id::{AgentId, FleetId};
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
