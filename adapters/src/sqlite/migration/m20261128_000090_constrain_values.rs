//! What rows may hold, as constraints of the tables: states, kinds and types, one active Director and one active
//! Administrator for each fleet, and every reference.
//!
//! The definitions of the tables are completed in place, as <https://www.sqlite.org/lang_altertable.html#otheralter>
//! describes it: constraints change nothing about how rows are stored, so no row is copied, and indexes, triggers and
//! numbers stay as they are. SQLite does not look at the rows then; [`questions`] does.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// Adds the constraints. Every row fits them: [`questions`] were answered with nothing.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("PRAGMA writable_schema = ON").await?;
        for table in TABLES {
            // what stands last in a definition is its closing parenthesis
            let complete = "UPDATE sqlite_schema SET sql = substr(sql, 1, length(sql) - 1) || ? || ')'
                            WHERE type = 'table' AND name = ?";
            let values = [constraints(table).into(), table.into()];
            connection.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, complete, values)).await?;
        }
        // reads the definitions again; that of the indexes makes other connections do so
        connection.execute_unprepared("PRAGMA writable_schema = RESET").await?;
        for index in INDEXES {
            connection.execute_unprepared(index).await?;
        }
        Ok(())
    }
}

const TABLES: [&str; 5] = ["agents", "agent_placements", "tasks", "deliveries", "changes"];

/// What each row of a table must fulfil.
struct Rule {
    table: &'static str,
    name: &'static str,
    holds: &'static str,
    /// What is said of a row that does not fulfil it: an expression.
    words: &'static str,
}

/// Programs, states of their screens and what is told of agents are not among these: they grow with each release.
const RULES: [Rule; 12] = [
    Rule {
        table: "agents",
        name: "agent_kind",
        holds: "kind IN ('director', 'administrator', 'member', 'user')",
        words: "format('agent %d has the kind ''%s''', agent_id, kind)",
    },
    Rule {
        table: "agents",
        name: "agent_status",
        holds: "status IN ('active', 'deregistered')",
        words: "format('agent %d has the status ''%s''', agent_id, status)",
    },
    Rule {
        table: "agents",
        name: "agent_left_at_a_time",
        holds: "status <> 'deregistered' OR deregistered_at IS NOT NULL",
        words: "format('agent %d has left, yet not at any time', agent_id)",
    },
    Rule {
        table: "agent_placements",
        name: "placement_multiplexer",
        holds: "multiplexer IN ('tmux', 'pty')",
        words: "format('agent %d is placed in the multiplexer ''%s''', agent_id, multiplexer)",
    },
    Rule {
        table: "agent_placements",
        name: "placement_whole",
        holds: "tmux_pane_id IS NULL OR (server IS NOT NULL AND pane_pid IS NOT NULL AND tmux_session IS NOT NULL \
                AND tmux_window_id IS NOT NULL)",
        words: "format('agent %d has a pane of which not everything is known', agent_id)",
    },
    Rule {
        table: "tasks",
        name: "task_type",
        holds: "type IN ('unicast', 'broadcast_summary')",
        words: "format('task %d has the type ''%s''', task_id, type)",
    },
    Rule {
        table: "tasks",
        name: "task_state",
        holds: "status_state IN ('input_required', 'completed', 'canceled')",
        words: "format('task %d has the state ''%s''', task_id, status_state)",
    },
    Rule {
        table: "tasks",
        name: "task_changes_once",
        holds: "status_state <> 'input_required' OR status_timestamp = created_at",
        words: "format('task %d waits, yet its status is not from the time it was sent', task_id)",
    },
    // with this the reference of the context is that of the recipient too
    Rule {
        table: "tasks",
        name: "task_recipient",
        holds: "type <> 'unicast' OR to_agent_id = context_id",
        words: "format('task %d goes to agent %d, yet stands in the context of agent %d', task_id, to_agent_id, context_id)",
    },
    // for a moment it has no origin: its own number is not known before it is stored
    Rule {
        table: "tasks",
        name: "task_summary",
        holds: "type <> 'broadcast_summary' OR (to_agent_id = 0 AND context_id = from_agent_id \
                AND status_state = 'completed' AND coalesce(origin_task_id, task_id) = task_id)",
        words: "format('task %d is not what the summary of a broadcast must be', task_id)",
    },
    Rule {
        table: "deliveries",
        name: "delivery_state",
        holds: "state IN ('pending', 'held', 'typed', 'submitted', 'failed')",
        words: "format('the delivery of task %d has the state ''%s''', task_id, state)",
    },
    Rule {
        table: "changes",
        name: "change_kind",
        holds: "kind IN ('message', 'status', 'delivery', 'agent', 'monitor')",
        words: "format('change %d has the kind ''%s''', change_id, kind)",
    },
];

/// A column that names a row of another table, or of its own.
struct Reference {
    table: &'static str,
    column: &'static str,
    to: &'static str,
    key: &'static str,
    action: &'static str,
}

const REFERENCES: [Reference; 3] = [
    Reference { table: "tasks", column: "from_agent_id", to: "agents", key: "agent_id", action: "RESTRICT" },
    // a summary names itself, which RESTRICT would take for a reason to keep it
    Reference { table: "tasks", column: "origin_task_id", to: "tasks", key: "task_id", action: "NO ACTION" },
    Reference { table: "deliveries", column: "agent_id", to: "agents", key: "agent_id", action: "RESTRICT" },
];

/// The index of deliveries had only what is being typed. To find what refers to an agent, SQLite needs all of them in it.
const INDEXES: [&str; 4] = [
    "CREATE UNIQUE INDEX one_director ON agents (fleet_id) WHERE kind = 'director' AND status = 'active'",
    "CREATE UNIQUE INDEX one_administrator ON agents (fleet_id) WHERE kind = 'administrator' AND status = 'active'",
    "DROP INDEX deliveries_typing",
    "CREATE INDEX deliveries_typing ON deliveries (agent_id, typing)",
];

/// Who is active in a role that another one has in the same fleet. The Director that the fleet names is the first one.
const SECOND_DIRECTORS: &str = "SELECT format('agent %d is a second root Director of fleet %d', agent_id, fleet_id)
     FROM agents JOIN fleets USING (fleet_id)
     WHERE kind = 'director' AND status = 'active' AND director_agent_id IS NOT agent_id
     AND 1 < (SELECT count(*) FROM agents AS other WHERE other.fleet_id = agents.fleet_id
       AND other.kind = 'director' AND other.status = 'active')";

const SECOND_ADMINISTRATORS: &str =
    "SELECT format('agent %d is a second Administrator of fleet %d', agent_id, fleet_id)
     FROM agents WHERE kind = 'administrator' AND status = 'active'
     AND agent_id > (SELECT min(agent_id) FROM agents AS other WHERE other.fleet_id = agents.fleet_id
       AND other.kind = 'administrator' AND other.status = 'active')";

/// What was a reference before.
const DANGLING: &str =
    "SELECT format('row %s of %s refers to a row of %s that does not exist', rowid, \"table\", parent)
     FROM pragma_foreign_key_check";

/// Returns the statements that name in words each row that does not fit.
pub(crate) fn questions() -> Vec<String> {
    let broken =
        RULES.iter().map(|Rule { table, holds, words, .. }| format!("SELECT {words} FROM {table} WHERE NOT ({holds})"));
    let dangling = REFERENCES.iter().map(|Reference { table, column, to, key, .. }| {
        format!(
            "SELECT format('row %d of {table} refers to a row of {to} that does not exist', rowid) FROM {table}
             WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {to})"
        )
    });
    let others = [SECOND_DIRECTORS, SECOND_ADMINISTRATORS, DANGLING].map(str::to_owned);
    broken.chain(dangling).chain(others).collect()
}

/// Returns what is added to the definition of a table.
fn constraints(table: &str) -> String {
    let rules = RULES.iter().filter(|rule| rule.table == table);
    let rules = rules.map(|Rule { name, holds, .. }| format!(", CONSTRAINT {name} CHECK ({holds})"));
    let references = REFERENCES.iter().filter(|reference| reference.table == table);
    let references = references.map(|Reference { column, to, key, action, .. }| {
        format!(", FOREIGN KEY ({column}) REFERENCES {to} ({key}) ON DELETE {action}")
    });
    rules.chain(references).collect()
}
