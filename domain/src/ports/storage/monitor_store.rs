//! The monitor's records.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;

use super::StorageError;
use crate::agent::{Activity, Agent};
use crate::alert::Alert;
use crate::backend::Backend;
use crate::id::{AgentId, FleetId};
use crate::pane_status::PaneStatus;
use crate::placement::Placement;
use crate::screen::ScreenState;
use crate::timestamp::Timestamp;

/// The run of a fleet's monitor, with its last sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The fleet.
    pub fleet: FleetId,
    /// Process id of the monitor.
    pub pid: i64,
    /// When it started. With the process id, it names the run.
    pub started_at: Timestamp,
    /// When it last ticked.
    pub last_tick_at: Timestamp,
    /// Seconds between two ticks.
    pub tick_seconds: i64,
}

/// A heartbeat this young is a sign of life whatever the tick.
const LEAST_HEARTBEAT_LIFE: Duration = Duration::from_secs(15);

/// How many ticks a heartbeat lasts.
const HEARTBEAT_TICKS: u32 = 3;

impl Heartbeat {
    /// Tells whether the heartbeat is young enough to be a sign of life: three ticks, at least 15 s.
    #[must_use]
    pub fn beats(&self, now: Timestamp) -> bool {
        let ticks = Duration::from_secs(u64::try_from(self.tick_seconds).unwrap_or(0)) * HEARTBEAT_TICKS;
        now.since(self.last_tick_at) < ticks.max(LEAST_HEARTBEAT_LIFE)
    }
}

/// When an agent is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonitorConfig {
    /// The agent.
    pub agent: AgentId,
    /// Seconds between two wakes; at least 1.
    pub interval_seconds: i64,
    /// When it was last woken.
    pub last_ping_at: Option<Timestamp>,
    /// Whether it is woken at all.
    pub enabled: bool,
}

/// What is to change in a [`MonitorConfig`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MonitorChange {
    /// The new interval in seconds.
    pub interval_seconds: Option<i64>,
    /// Whether to wake it.
    pub enabled: Option<bool>,
}

/// An agent that is enrolled in monitoring, with all that its schedule depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The agent.
    pub agent: Agent,
    /// Where it lives.
    pub placement: Placement,
    /// When it is woken.
    pub config: MonitorConfig,
    /// How many messages wait for its acknowledgement.
    pub pending: u64,
    /// Whether it is owed a doorbell, or the outcome of what it was typed is not recorded.
    pub owed: bool,
    /// When it last did something.
    pub activity: Activity,
    /// The alert that was last reported to the Director; none when that is over.
    pub reported: Option<Alert>,
}

/// How often the Director was told of screens of a program that were not recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrecognised {
    /// The program.
    pub backend: Backend,
    /// What it says about its version.
    pub version: String,
    /// How often.
    pub times: u64,
    /// When last.
    pub last_at: Timestamp,
}

/// The outcome of a claim on a fleet's monitoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonitorClaimed {
    /// The claimer owns it.
    Owner,
    /// Another run owns it.
    Taken,
    /// The fleet is deleted, or there never was one.
    NoFleet,
}

/// Stores what the monitor needs and leaves behind.
#[async_trait]
pub trait MonitorStore: Send + Sync {
    /// Returns the heartbeat of each fleet that has a monitor, by fleet.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn heartbeats(&self) -> Result<Vec<Heartbeat>, StorageError>;

    /// Returns the heartbeat of a fleet's monitor; none when it has none.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn find_heartbeat(&self, fleet: FleetId) -> Result<Option<Heartbeat>, StorageError>;

    /// Makes `run` the owner of its fleet's monitoring if the present owner is still `previous`: none, or a run that the
    /// caller knows to be dead.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn claim_monitor(&self, run: &Heartbeat, previous: Option<Heartbeat>)
    -> Result<MonitorClaimed, StorageError>;

    /// Joins what was just seen of agents to what is known of them, so that it is known since when they are in these
    /// states whoever looked; writes no more than it has to. Of an agent that has no place nothing is kept. What somebody else
    /// writes in between is known too: it is never overwritten unseen.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn note_pane_statuses(
        &self,
        seen: &[(AgentId, Option<ScreenState>)],
        now: Timestamp,
    ) -> Result<HashMap<AgentId, PaneStatus>, StorageError>;

    /// Returns what is known of these agents.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn pane_statuses(&self, agents: &[AgentId]) -> Result<HashMap<AgentId, PaneStatus>, StorageError>;

    /// Records a tick of `run`. Returns false, and writes nothing, when it is not the owner any more or its fleet is
    /// deleted.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn beat(&self, run: &Heartbeat, now: Timestamp) -> Result<bool, StorageError>;

    /// Gives the ownership of `run` up. Does nothing when it is not the owner any more.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn release_monitor(&self, run: &Heartbeat) -> Result<(), StorageError>;

    /// Returns the enrolled agents of a fleet by id; none of a deleted fleet or one that never was.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn enrolments(&self, fleet: FleetId) -> Result<Vec<Enrolment>, StorageError>;

    /// Changes when an agent is woken and returns what holds now; none when it is not enrolled. With nothing to
    /// change, only returns it.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn configure_monitor(
        &self,
        fleet: FleetId,
        agent: AgentId,
        change: MonitorChange,
    ) -> Result<Option<MonitorConfig>, StorageError>;

    /// Records the alert about an agent that was reported to the Director; none when that is over. Does nothing when the agent
    /// is not enrolled any more.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn remember_reported(&self, agent: AgentId, reported: Option<Alert>) -> Result<(), StorageError>;

    /// Counts one more screen of a program that was not recognised.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn count_unrecognised(&self, backend: Backend, version: &str, now: Timestamp) -> Result<(), StorageError>;

    /// Returns what was counted, by program, newest first.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn unrecognised(&self) -> Result<Vec<Unrecognised>, StorageError>;

    /// Records that an agent was woken. Does nothing when it is not enrolled any more.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn stamp_ping(&self, agent: AgentId, now: Timestamp) -> Result<(), StorageError>;
}
