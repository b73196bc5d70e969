//! The statements of a command from opening the file to closing it, as SQLite receives them.

/// Sets up a connection; the driver runs these by itself.
pub const PRAGMAS: &str = "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; ";

/// Asks which schema the file has.
pub const INSPECTION: [&str; 4] =
    ["PRAGMA user_version", "PRAGMA application_id", "PRAGMA data_version", "PRAGMA journal_mode"];

/// Takes the write lock.
pub const BEGIN: &str = "BEGIN IMMEDIATE";

/// Stores a task if both its ends are active: every column but its id; sender, fleet, state; recipient, fleet, state.
pub const INSERT_TASK: &str = r#"INSERT INTO "tasks" ("context_id", "from_agent_id", "to_agent_id", "type", "created_at", "status_state", "status_timestamp", "origin_task_id", "text", "notice") SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS(SELECT "agent_id" FROM "agents" WHERE "agents"."agent_id" = ? AND "agents"."fleet_id" = ? AND "agents"."status" = ?) AND EXISTS(SELECT "agent_id" FROM "agents" WHERE "agents"."agent_id" = ? AND "agents"."fleet_id" = ? AND "agents"."status" = ?)"#;

/// Stores a delivery if the recipient is placed: state, attempts, error, typing, task.
pub const INSERT_DELIVERY: &str = r#"INSERT INTO "deliveries" ("task_id", "agent_id", "state", "attempts", "last_error", "updated_at", "typing") SELECT "tasks"."task_id", "tasks"."to_agent_id", ?, ?, ?, "tasks"."created_at", ? FROM "tasks" INNER JOIN "agent_placements" ON "agent_placements"."agent_id" = "tasks"."to_agent_id" WHERE "tasks"."task_id" = ?"#;

/// Lists what waits for an agent: agent, agent, fleet.
pub const INBOX: &str = r#"SELECT "tasks"."task_id", "tasks"."context_id", "tasks"."from_agent_id", "tasks"."to_agent_id", "tasks"."type", "tasks"."created_at", "tasks"."status_state", "tasks"."status_timestamp", "tasks"."origin_task_id", "tasks"."text", "tasks"."notice" FROM "agents" LEFT JOIN "tasks" ON "tasks"."to_agent_id" = ? AND "tasks"."status_state" = 'input_required' WHERE "agents"."agent_id" = ? AND "agents"."fleet_id" = ? ORDER BY "tasks"."task_id" ASC"#;

/// Acknowledges a task that waits for an agent of the fleet: state, time, task, recipient, agent, fleet.
pub const ACKNOWLEDGE: &str = r#"UPDATE "tasks" SET "status_state" = ?, "status_timestamp" = ? WHERE "tasks"."task_id" = ? AND "tasks"."to_agent_id" = ? AND "tasks"."status_state" = 'input_required' AND EXISTS(SELECT "agent_id" FROM "agents" WHERE "agents"."agent_id" = ? AND "agents"."fleet_id" = ?)"#;

/// Finds a task as its acknowledgement left it: task, 1, fleet, agent, fleet.
pub const FIND_TASK: &str = r#"SELECT "tasks"."task_id", "tasks"."context_id", "tasks"."from_agent_id", "tasks"."to_agent_id", "tasks"."type", "tasks"."created_at", "tasks"."status_state", "tasks"."status_timestamp", "tasks"."origin_task_id", "tasks"."text", "tasks"."notice" FROM "agents" LEFT JOIN "tasks" ON "tasks"."task_id" = ? AND EXISTS(SELECT ? FROM "agents" AS "party" WHERE "party"."agent_id" IN ("tasks"."from_agent_id", "tasks"."to_agent_id") AND "party"."fleet_id" = ?) WHERE "agents"."agent_id" = ? AND "agents"."fleet_id" = ? ORDER BY "tasks"."task_id" ASC"#;

/// Makes it durable.
pub const COMMIT: &str = "COMMIT";
