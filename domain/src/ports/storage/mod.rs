//! The store: everything that an agent sees comes from here.
//!
//! Each method is one atomic step of a use case: it happens as a whole or not at all, and what it answered is durable.
//! Many processes call at once; a method waits for its turn up to 10 s. Every lookup of an agent or a task takes the
//! fleet, and finds nothing of another one.
//!
//! What a method requires before it writes (both agents are active, the task waits, nobody else owns the run) is a condition of
//! the statement that writes, and the reason of a refusal is read afterwards. So it holds too where writers are not let in one
//! after another, as in PostgreSQL at READ COMMITTED. Where that is not enough the method says so.

mod agent_store;
mod claim_store;
mod delivery_store;
mod fleet_store;
mod monitor_store;
mod task_store;
mod view_store;

use std::path::PathBuf;

use thiserror::Error;

pub use agent_store::{AgentStore, Deregistered, MemberRequest, Registered, Registration};
pub use claim_store::ClaimStore;
pub use delivery_store::{DeliveryStore, Exchanged, PendingDeliveries, PendingDelivery};
pub use fleet_store::{FleetRequest, FleetStore};
pub use monitor_store::{
    Enrolment, Heartbeat, MonitorChange, MonitorClaimed, MonitorConfig, MonitorStore, Unrecognised,
};
pub use task_store::{
    Acknowledged, BroadcastRequest, BroadcastStored, Canceled, SendRequest, Sent, TaskStore, TaskStored,
};
pub use view_store::{OverviewedAgent, ViewStore};

/// Why the store did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StorageError {
    /// The database cannot be opened, for the reason given; the text says what to do.
    #[error("{0}")]
    Unavailable(String),
    /// What is in the database contradicts itself, or it was overwritten; what to do is in the text.
    #[error("{0}")]
    Damaged(String),
    /// The schema is older than this program.
    #[error("database schema is at {found}, this cafleet needs {needed}; run 'cafleet db init'")]
    SchemaTooOld {
        /// What the database has.
        found: u32,
        /// What the program needs.
        needed: u32,
    },
    /// The schema cannot become the one that this program needs.
    #[error("database schema stays at {found}: {} does not fit schema {needed}", rows(.misfits.len()))]
    UpgradeRefused {
        /// What the database has.
        found: u32,
        /// What the program needs.
        needed: u32,
        /// What does not fit, row by row, in words.
        misfits: Vec<String>,
        /// The copy that was made before.
        backup: PathBuf,
    },
    /// The schema is newer than this program.
    #[error("database schema is at {found}, this cafleet needs {needed}; install a cafleet that knows schema {found}")]
    SchemaTooNew {
        /// What the database has.
        found: u32,
        /// What the program knows.
        needed: u32,
    },
    /// Other processes kept the database locked for the whole 10 s.
    #[error("database is busy: other processes kept it locked for 10 s; nothing was written, try again")]
    Busy,
    /// A stored value is not what it must be.
    #[error("corrupt database: {table}.{column} of row {row}: {detail}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The primary key of the row.
        row: i64,
        /// What is wrong with the value.
        detail: String,
    },
    /// The database refused or failed, for the reason given.
    #[error("database error: {0}")]
    Failed(String),
}

fn rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("what is in {count} rows") }
}

/// The whole store.
pub trait Storage: FleetStore + AgentStore + TaskStore + ClaimStore + DeliveryStore + MonitorStore {}

impl<T: FleetStore + AgentStore + TaskStore + ClaimStore + DeliveryStore + MonitorStore> Storage for T {}
