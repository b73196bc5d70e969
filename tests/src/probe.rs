//! What a test asks and does past the port of a store: what is in its rows, what it refuses, what another process changes.

use std::path::PathBuf;
use std::time::Duration;

use cafleet_domain::id::{AgentId, TaskId};
use rusqlite::{Connection, Params};

use crate::temp_database::TempDatabase;

/// A kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// One for each fleet.
    Fleets,
    /// One for each agent that was ever registered.
    Agents,
    /// One for each agent that has a pane, or is about to get one.
    Placements,
    /// When each agent is woken.
    Schedules,
    /// One for each message.
    Tasks,
    /// How far each message has come on its way into a pane.
    Deliveries,
    /// One for each monitor that runs or ran last.
    Monitors,
}

impl Table {
    const ALL: [Self; 7] =
        [Self::Fleets, Self::Agents, Self::Placements, Self::Tasks, Self::Deliveries, Self::Schedules, Self::Monitors];

    fn name(self) -> &'static str {
        match self {
            Self::Fleets => "fleets",
            Self::Agents => "agents",
            Self::Placements => "agent_placements",
            Self::Schedules => "monitor_config",
            Self::Tasks => "tasks",
            Self::Deliveries => "deliveries",
            Self::Monitors => "monitor_runtime",
        }
    }
}

/// A change of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A row is added.
    Insert,
    /// A row changes.
    Update,
    /// A row is removed.
    Delete,
}

/// Looks into the file of a store as nobody else does.
#[derive(Debug, Clone)]
pub struct Probe(PathBuf);

/// # Panics
/// Every method, when there is no such file or it cannot be read or written.
impl Probe {
    /// Returns the probe of a database.
    #[must_use]
    pub fn of(database: &TempDatabase) -> Self {
        Self(database.path())
    }

    /// Returns how many rows there are.
    #[must_use]
    pub fn rows(&self, table: Table) -> usize {
        self.count(&format!("SELECT count(*) FROM {}", table.name()))
    }

    /// Returns how many members were ever registered and not withdrawn without a trace.
    #[must_use]
    pub fn members(&self) -> usize {
        self.count("SELECT count(*) FROM agents WHERE kind = 'member'")
    }

    /// Returns how many members are active.
    #[must_use]
    pub fn active_members(&self) -> usize {
        self.count("SELECT count(*) FROM agents WHERE kind = 'member' AND status = 'active'")
    }

    /// Returns how many agents have left.
    #[must_use]
    pub fn deregistered(&self) -> usize {
        self.count("SELECT count(*) FROM agents WHERE status = 'deregistered'")
    }

    /// Returns how many panes are claimed.
    #[must_use]
    pub fn claims(&self) -> usize {
        self.count("SELECT count(*) FROM agent_placements WHERE typing_until IS NOT NULL")
    }

    /// Returns of how many messages it is on record that they are being typed.
    #[must_use]
    pub fn being_typed(&self) -> usize {
        self.count("SELECT count(*) FROM deliveries WHERE typing")
    }

    /// Returns how many deliveries have not come to their end.
    #[must_use]
    pub fn not_submitted(&self) -> usize {
        self.count("SELECT count(*) FROM deliveries WHERE state <> 'submitted'")
    }

    /// Returns the bodies of all messages.
    #[must_use]
    pub fn bodies(&self) -> Vec<String> {
        let raw = self.open();
        let mut statement = raw.prepare("SELECT text FROM tasks ORDER BY task_id").expect("the messages");
        let bodies = statement.query_map([], |row| row.get(0)).expect("the messages");
        bodies.collect::<Result<_, _>>().expect("a body")
    }

    /// Returns everything that is stored, a row each.
    #[must_use]
    pub fn everything(&self) -> Vec<String> {
        let raw = self.open();
        let dump = |table: Table| {
            let name = table.name();
            let mut statement = raw.prepare(&format!("SELECT * FROM {name}")).expect("a table");
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                (0..columns).map(|column| Ok(format!("{:?}", row.get_ref(column)?))).collect::<Result<Vec<_>, _>>()
            });
            rows.expect("rows").map(|row| format!("{name}: {}", row.expect("a row").join(" "))).collect::<Vec<_>>()
        };
        Table::ALL.into_iter().flat_map(dump).collect()
    }

    /// Makes the store refuse a change, for the reason `no room`.
    pub fn refuse(&self, change: Change, table: Table) {
        let event = match change {
            Change::Insert => "INSERT",
            Change::Update => "UPDATE",
            Change::Delete => "DELETE",
        };
        let on = table.name();
        self.run(&format!("CREATE TRIGGER refusal BEFORE {event} ON {on} BEGIN SELECT RAISE(ABORT, 'no room'); END"));
    }

    /// Lets the store take everything again.
    pub fn relent(&self) {
        self.run("DROP TRIGGER refusal");
    }

    /// Writes, and fails where somebody holds the write lock.
    pub fn write_at_once(&self) {
        let raw = self.open();
        raw.busy_timeout(Duration::ZERO).expect("a timeout");
        raw.execute_batch("BEGIN IMMEDIATE; UPDATE fleets SET label = 'written'; COMMIT").expect("nobody writes");
    }

    /// Submits a message and gives all claims back, as another process does.
    pub fn submit(&self, task: TaskId) {
        self.change("UPDATE deliveries SET state = 'submitted' WHERE task_id = ?1", [task.get()]);
        self.run("UPDATE agent_placements SET typing_until = NULL");
    }

    /// Records for an agent that has no pane yet that it lives in `%1` of the fake multiplexer, in another window.
    pub fn place_elsewhere(&self, agent: AgentId) {
        let sql = "UPDATE agent_placements SET (server, pane_pid, tmux_session, tmux_window_id, tmux_pane_id) = \
                   ('100:1700000000:/fake/socket', 100001, 'elsewhere', '@9', '%1') WHERE agent_id = ?1";
        self.change(sql, [agent.get()]);
    }

    /// Takes an agent out of its fleet, as another process does.
    pub fn deregister(&self, agent: AgentId) {
        self.change("DELETE FROM agent_placements WHERE agent_id = ?1", [agent.get()]);
        self.change("DELETE FROM monitor_config WHERE agent_id = ?1", [agent.get()]);
        let sql = "UPDATE agents SET status = 'deregistered', deregistered_at = registered_at WHERE agent_id = ?1";
        self.change(sql, [agent.get()]);
    }

    fn count(&self, sql: &str) -> usize {
        let count: i64 = self.open().query_row(sql, [], |row| row.get(0)).expect("a count");
        usize::try_from(count).expect("a count")
    }

    fn run(&self, sql: &str) {
        self.open().execute_batch(sql).expect("a change");
    }

    fn change(&self, sql: &str, parameters: impl Params) {
        assert_eq!(self.open().execute(sql, parameters).expect("a change"), 1);
    }

    fn open(&self) -> Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
        Connection::open_with_flags(&self.0, flags).expect("a database")
    }
}
