//! The statements of a command from opening the file to closing it, as SQLite receives them.

/// Sets up a connection; the driver runs these by itself.
pub const PRAGMAS: &str = "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; ";

/// Asks which schema the file has.
pub const INSPECTION: [&str; 4] =
    ["PRAGMA user_version", "PRAGMA application_id", "PRAGMA data_version", "PRAGMA journal_mode"];

/// Takes the write lock.
pub const BEGIN: &str = "BEGIN IMMEDIATE";

/// Looks up sender and recipient: fleet, sender, recipient.
pub const PARTIES: &str = r#"SELECT "agents"."agent_id", "agents"."status", "agents"."deregistered_at", "agent_placements"."agent_id" IS NOT NULL AS "is_placed" FROM "agents" LEFT JOIN "agent_placements" ON "agents"."agent_id" = "agent_placements"."agent_id" WHERE "agents"."fleet_id" = ? AND "agents"."agent_id" IN (?, ?)"#;

/// Stores a task: every column but its id.
pub const INSERT_TASK: &str = r#"INSERT INTO "tasks" ("context_id", "from_agent_id", "to_agent_id", "type", "created_at", "status_state", "status_timestamp", "origin_task_id", "text", "notice") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"#;

/// Lists what waits for an agent: agent, agent, fleet.
pub const INBOX: &str = r#"SELECT "tasks"."task_id", "tasks"."context_id", "tasks"."from_agent_id", "tasks"."to_agent_id", "tasks"."type", "tasks"."created_at", "tasks"."status_state", "tasks"."status_timestamp", "tasks"."origin_task_id", "tasks"."text", "tasks"."notice" FROM "agents" LEFT JOIN "tasks" ON "tasks"."to_agent_id" = ? AND "tasks"."status_state" = 'input_required' WHERE "agents"."agent_id" = ? AND "agents"."fleet_id" = ? ORDER BY "tasks"."task_id" ASC"#;

/// Finds a task for its acknowledgement: task, 1, fleet, agent, fleet.
pub const FIND_TASK: &str = r#"SELECT "tasks"."task_id", "tasks"."context_id", "tasks"."from_agent_id", "tasks"."to_agent_id", "tasks"."type", "tasks"."created_at", "tasks"."status_state", "tasks"."status_timestamp", "tasks"."origin_task_id", "tasks"."text", "tasks"."notice" FROM "agents" LEFT JOIN "tasks" ON "tasks"."task_id" = ? AND EXISTS(SELECT ? FROM "agents" AS "party" WHERE "party"."agent_id" IN ("tasks"."from_agent_id", "tasks"."to_agent_id") AND "party"."fleet_id" = ?) WHERE "agents"."agent_id" = ? AND "agents"."fleet_id" = ? ORDER BY "tasks"."task_id" ASC"#;

/// Acknowledges a task: state, time, task.
pub const ACKNOWLEDGE: &str =
    r#"UPDATE "tasks" SET "status_state" = ?, "status_timestamp" = ? WHERE "tasks"."task_id" = ?"#;

/// Makes it durable.
pub const COMMIT: &str = "COMMIT";
