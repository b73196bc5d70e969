//! The record of changes: what `GET /api/events` tells, in the order of the commits.
//!
//! Triggers write it, so that no writer can forget to, and a commit costs no further round trip. Only the newest part
//! is kept: whoever has been away for longer reads everything anew.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};

/// Creates the record and the triggers that write it.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(changes()).await?;
        for trigger in TRIGGERS {
            manager.get_connection().execute_unprepared(trigger).await?;
        }
        Ok(())
    }
}

/// Ids grow although they are not `AUTOINCREMENT`: only old rows are ever deleted, so the greatest one stays.
fn changes() -> TableCreateStatement {
    Table::create()
        .table("changes")
        .col(ColumnDef::new("change_id").big_integer().not_null().primary_key().take())
        .col(big_integer("fleet_id"))
        .col(text("kind"))
        .col(big_integer("subject_id"))
        .take()
}

/// Claims on panes (`typing_until`), counted attempts and the `UPDATE` that gives a summary its origin are no changes
/// that anybody is told of. A doorbell comes into being with its message, an enrolment with its agent.
const TRIGGERS: [&str; 12] = [
    "CREATE TRIGGER message_sent AFTER INSERT ON tasks WHEN NEW.to_agent_id <> 0 BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id)
       SELECT fleet_id, 'message', NEW.task_id FROM agents WHERE agent_id = NEW.context_id; END",
    "CREATE TRIGGER message_moved AFTER UPDATE OF status_state ON tasks
     WHEN NEW.to_agent_id <> 0 AND NEW.status_state <> OLD.status_state BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id)
       SELECT fleet_id, 'status', NEW.task_id FROM agents WHERE agent_id = NEW.context_id; END",
    "CREATE TRIGGER delivery_moved AFTER UPDATE OF state, last_error ON deliveries
     WHEN NEW.state <> OLD.state OR NEW.last_error IS NOT OLD.last_error BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id)
       SELECT fleet_id, 'delivery', NEW.task_id FROM agents WHERE agent_id = NEW.agent_id; END",
    "CREATE TRIGGER agent_came AFTER INSERT ON agents BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id) VALUES (NEW.fleet_id, 'agent', NEW.agent_id); END",
    "CREATE TRIGGER agent_left AFTER UPDATE OF status ON agents BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id) VALUES (NEW.fleet_id, 'agent', NEW.agent_id); END",
    "CREATE TRIGGER agent_withdrawn AFTER DELETE ON agents BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id) VALUES (OLD.fleet_id, 'agent', OLD.agent_id); END",
    "CREATE TRIGGER agent_placed AFTER UPDATE OF tmux_pane_id ON agent_placements BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id)
       SELECT fleet_id, 'agent', NEW.agent_id FROM agents WHERE agent_id = NEW.agent_id; END",
    "CREATE TRIGGER schedule_changed AFTER UPDATE ON monitor_config BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id)
       SELECT fleet_id, 'agent', NEW.agent_id FROM agents WHERE agent_id = NEW.agent_id; END",
    "CREATE TRIGGER monitor_started AFTER INSERT ON monitor_runtime BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id) VALUES (NEW.fleet_id, 'monitor', NEW.fleet_id); END",
    "CREATE TRIGGER monitor_ticked AFTER UPDATE ON monitor_runtime BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id) VALUES (NEW.fleet_id, 'monitor', NEW.fleet_id); END",
    "CREATE TRIGGER monitor_ended AFTER DELETE ON monitor_runtime BEGIN
       INSERT INTO changes (fleet_id, kind, subject_id) VALUES (OLD.fleet_id, 'monitor', OLD.fleet_id); END",
    "CREATE TRIGGER changes_trimmed AFTER INSERT ON changes WHEN NEW.change_id % 1024 = 0 BEGIN
       DELETE FROM changes WHERE change_id <= NEW.change_id - 65536; END",
];
