//! A database with one fleet, and commands on it.

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use tempfile::TempDir;

use crate::{Outcome, Plan};

/// The fleet.
pub(crate) const FLEET: i64 = 1;
/// Who sends.
pub(crate) const SENDER: i64 = 1;
/// Who is sent to and never reads.
pub(crate) const RECIPIENT: i64 = 2;
/// Whose inbox holds one message.
pub(crate) const READER: i64 = 3;
/// Who acknowledges.
pub(crate) const ACKNOWLEDGER: i64 = 4;
/// The first of those who wait.
pub(crate) const FIRST_WAITER: i64 = 10;

const AT: &str = "2026-04-15T10:00:00.123456+00:00";
const TEXT: &str = "please look at the failing test in the storage adapter and tell me what you find";

/// A private directory with a database.
pub(crate) struct Fixture {
    home: TempDir,
    cafleet: PathBuf,
    floor: PathBuf,
}

impl Fixture {
    /// Creates a database with `agents` agents, the first of which is the Director; no other has a pane.
    pub(crate) fn new(plan: &Plan, agents: i64) -> Outcome<Self> {
        let fixture = Self { home: TempDir::new()?, cafleet: plan.cafleet.clone(), floor: plan.floor.clone() };
        let status = fixture.cafleet(&["db", "init"]).stdout(std::process::Stdio::null()).status()?;
        if !status.success() {
            return Err("cafleet db init failed".into());
        }
        let mut file = fixture.connect()?;
        let transaction = file.transaction()?;
        transaction.execute("INSERT INTO fleets (fleet_id, created_at) VALUES (?, ?)", (FLEET, AT))?;
        for agent in 1..=agents {
            add_agent(&transaction, agent, "user")?;
        }
        // The rules of the data model: a Director with a pane, and an Administrator.
        add_agent(&transaction, agents + 1, "administrator")?;
        transaction.execute("UPDATE agents SET kind = 'director' WHERE agent_id = ?", (SENDER,))?;
        transaction.execute(
            "INSERT INTO agent_placements (agent_id, multiplexer, server, pane_pid, tmux_session, tmux_window_id, \
             tmux_pane_id, coding_agent, created_at) VALUES (?, 'tmux', '1:1:/nowhere', 1, 's', '@1', '%1', 'claude', ?)",
            (SENDER, AT),
        )?;
        transaction.execute("UPDATE fleets SET director_agent_id = ?", (SENDER,))?;
        transaction.commit()?;
        fixture.store(READER, 1, false)?;
        Ok(fixture)
    }

    /// Opens the file.
    pub(crate) fn connect(&self) -> Outcome<Connection> {
        let file = Connection::open(self.database())?;
        file.busy_timeout(std::time::Duration::from_secs(10))?;
        file.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(file)
    }

    /// Returns the file.
    pub(crate) fn database(&self) -> PathBuf {
        self.home.path().join("cafleet.db")
    }

    /// Stores so many messages for an agent in one transaction and returns the id of the first.
    pub(crate) fn store(&self, to: i64, count: usize, acknowledged: bool) -> Outcome<i64> {
        let mut file = self.connect()?;
        let transaction = file.transaction()?;
        for _ in 0..count {
            insert(&transaction, to, if acknowledged { "completed" } else { "input_required" })?;
        }
        let first = transaction.last_insert_rowid() + 1 - i64::try_from(count)?;
        transaction.commit()?;
        Ok(first)
    }

    /// Makes a `cafleet` command on this database.
    pub(crate) fn cafleet(&self, arguments: &[&str]) -> Command {
        let mut command = self.hermetic(&self.cafleet);
        command.env("CAFLEET_DATABASE_URL", self.database()).args(["--fleet-id", "1"]).args(arguments);
        command
    }

    /// Makes a command of the floor on this database.
    pub(crate) fn floor(&self, arguments: &[&str]) -> Command {
        let mut command = self.hermetic(&self.floor);
        command.arg(self.database()).args(arguments);
        command
    }

    /// Makes a command that sends a message.
    pub(crate) fn send(&self) -> Command {
        let (from, to) = (SENDER.to_string(), RECIPIENT.to_string());
        self.cafleet(&["message", "send", "--agent-id", &from, "--to", &to, "--text", TEXT])
    }

    /// Makes the floor's side of it.
    pub(crate) fn send_floor(&self) -> Command {
        self.floor(&["send", &SENDER.to_string(), &RECIPIENT.to_string(), TEXT])
    }

    fn hermetic(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("HOME", self.home.path()).env("PATH", "/usr/bin:/bin");
        command
    }
}

fn add_agent(file: &Connection, agent: i64, kind: &str) -> Outcome<()> {
    file.execute(
        "INSERT INTO agents (agent_id, fleet_id, name, description, kind, status, registered_at, agent_card_json) \
         VALUES (?, ?, 'someone', 'does something', ?, 'active', ?, \
         '{\"name\":\"someone\",\"description\":\"does something\",\"skills\":[]}')",
        (agent, FLEET, kind, AT),
    )?;
    Ok(())
}

/// Stores one message.
pub(crate) fn insert(file: &Connection, to: i64, state: &str) -> Outcome<()> {
    let mut statement = file.prepare_cached(
        "INSERT INTO tasks (context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp, \
         text, notice) VALUES (?, ?, ?, 'unicast', ?, ?, ?, ?, FALSE)",
    )?;
    statement.execute((to, SENDER, to, AT, state, AT, TEXT))?;
    Ok(())
}
