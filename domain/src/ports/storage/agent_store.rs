//! Agents and their placements.

use std::path::PathBuf;

use async_trait::async_trait;

use super::StorageError;
use crate::agent::{Agent, Member, PlacedAgent};
use crate::backend::Backend;
use crate::id::{AgentId, FleetId};
use crate::placement::{MultiplexerKind, Pane};
use crate::process::AgentProcess;
use crate::timestamp::Timestamp;

/// Who is to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The fleet to join.
    pub fleet: FleetId,
    /// What people call the agent.
    pub name: String,
    /// Description of its role.
    pub description: String,
    /// What it can do: the text of a JSON array.
    pub skills: String,
    /// The time of the request.
    pub now: Timestamp,
}

/// Who is to be registered as a member, before its pane exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRequest {
    /// The agent.
    pub registration: Registration,
    /// The root Director that owns the member.
    pub director: AgentId,
    /// What will run in the pane.
    pub coding_agent: Backend,
    /// The multiplexer that will own the pane.
    pub multiplexer: MultiplexerKind,
    /// The directory in which it starts.
    pub directory: PathBuf,
    /// The model to run; the program's default when none.
    pub model: Option<String>,
}

/// The outcome of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// Done.
    Agent(Agent),
    /// There is no such fleet.
    UnknownFleet,
    /// The fleet is deleted.
    DeletedFleet,
    /// Only for members: the given Director is not the fleet's root Director.
    NotRootDirector,
    /// An active agent of the fleet has another name that looks like this one.
    LooksLike {
        /// The agent.
        agent: AgentId,
        /// Its name.
        name: String,
    },
}

/// The outcome of a deregistration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deregistered {
    /// The agent has left, now or earlier.
    Done,
    /// The fleet has no such agent.
    Unknown,
    /// The agent is the root Director, which only leaves with its fleet.
    RootDirector,
    /// The agent is the Administrator, which only leaves with its fleet.
    Administrator,
}

/// Stores agents and their placements.
#[async_trait]
pub trait AgentStore: Send + Sync {
    /// Registers an agent of kind `user`: active, neither placed nor enrolled.
    ///
    /// Names are compared with those of all agents of the fleet, which no condition of one statement does: of two
    /// registrations in a fleet one is over before the other compares. A store that lets several writers in locks the row of
    /// the fleet first.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn register_agent(&self, request: &Registration) -> Result<Registered, StorageError>;

    /// Registers an agent of kind `member` with a placement that has no pane yet, and enrols it in monitoring. Names are
    /// compared as for [`register_agent`](Self::register_agent).
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn register_member(&self, request: &MemberRequest) -> Result<Registered, StorageError>;

    /// Records the pane of a member whose placement has none yet. Returns false, and writes nothing, when there is
    /// no such placement any more or it has a pane already.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn record_pane(&self, fleet: FleetId, agent: AgentId, pane: &Pane) -> Result<bool, StorageError>;

    /// Records that an agent lives in another pane than before; who reads its keys is not known then. Returns false, and
    /// writes nothing, when `old` is not its pane.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn replace_pane(&self, fleet: FleetId, agent: AgentId, old: &Pane, new: &Pane) -> Result<bool, StorageError>;

    /// Records which process was recognised as the agent, and which program it is. Does nothing when the agent has no
    /// placement.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn record_agent_process(
        &self,
        agent: AgentId,
        backend: Backend,
        process: &AgentProcess,
    ) -> Result<(), StorageError>;

    /// Takes a member's registration back after a failed spawn: no trace is left of it, unless somebody wrote to it in
    /// the meantime; then it is deregistered. Does nothing when there is no such member. A message that comes at the same time
    /// counts: the reference of its task keeps the agent.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn withdraw_member(&self, fleet: FleetId, agent: AgentId, now: Timestamp) -> Result<(), StorageError>;

    /// Returns the active agents of a fleet by id; none when there never was such a fleet.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn list_agents(&self, fleet: FleetId) -> Result<Option<Vec<Agent>>, StorageError>;

    /// Returns an agent of the fleet, active or not, with its placement; none when the fleet has no such agent.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn find_agent(&self, fleet: FleetId, agent: AgentId) -> Result<Option<PlacedAgent>, StorageError>;

    /// Returns the active agents of all fleets whose pane this is, by id: several fleets can have their Director in one.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn agents_in_pane(&self, pane: &Pane) -> Result<Vec<PlacedAgent>, StorageError>;

    /// Returns the active members of a fleet by id, pending ones included; none when there never was such a fleet.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn list_members(&self, fleet: FleetId) -> Result<Option<Vec<Member>>, StorageError>;

    /// Deregisters an agent: status, placement and monitor configuration in one step. The first time stands.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn deregister_agent(
        &self,
        fleet: FleetId,
        agent: AgentId,
        now: Timestamp,
    ) -> Result<Deregistered, StorageError>;
}
