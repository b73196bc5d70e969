//! The first schema: all tables and their indexes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, boolean, text, text_null};

/// Creates all tables.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [fleets(), agents(), placements(), tasks(), deliveries(), monitor_config(), monitor_runtime()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// SQLite reuses the ids of deleted rows unless told not to.
fn id_never_reused(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().auto_increment().primary_key().take()
}

fn id_of_another(name: &'static str) -> ColumnDef {
    big_integer(name).primary_key().take()
}

fn reference(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    key: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to(to, key).on_delete(ForeignKeyAction::Restrict).take()
}

fn fleets() -> TableCreateStatement {
    Table::create()
        .table("fleets")
        .col(id_never_reused("fleet_id"))
        .col(text_null("label"))
        .col(text("created_at"))
        .col(text_null("deleted_at"))
        .col(big_integer_null("director_agent_id"))
        .foreign_key(&mut reference("fleets", "director_agent_id", "agents", "agent_id"))
        .take()
}

fn agents() -> TableCreateStatement {
    Table::create()
        .table("agents")
        .col(id_never_reused("agent_id"))
        .col(big_integer("fleet_id"))
        .col(text("name"))
        .col(text("description"))
        .col(text("kind"))
        .col(text("status"))
        .col(text("registered_at"))
        .col(text_null("deregistered_at"))
        .col(text("agent_card_json"))
        .foreign_key(&mut reference("agents", "fleet_id", "fleets", "fleet_id"))
        .take()
}

fn placements() -> TableCreateStatement {
    Table::create()
        .table("agent_placements")
        .col(id_of_another("agent_id"))
        .col(big_integer_null("director_agent_id"))
        .col(text("multiplexer"))
        .col(text_null("server"))
        .col(big_integer_null("pane_pid"))
        .col(text_null("tmux_session"))
        .col(text_null("tmux_window_id"))
        .col(text_null("tmux_pane_id"))
        .col(text("coding_agent"))
        .col(text_null("typing_until"))
        .col(text("created_at"))
        .foreign_key(
            reference("agent_placements", "agent_id", "agents", "agent_id").on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(&mut reference("agent_placements", "director_agent_id", "agents", "agent_id"))
        .take()
}

fn tasks() -> TableCreateStatement {
    Table::create()
        .table("tasks")
        .col(id_never_reused("task_id"))
        .col(big_integer("context_id"))
        .col(big_integer("from_agent_id"))
        .col(big_integer("to_agent_id"))
        .col(text("type"))
        .col(text("created_at"))
        .col(text("status_state"))
        .col(text("status_timestamp"))
        .col(big_integer_null("origin_task_id"))
        .col(text("text"))
        .foreign_key(&mut reference("tasks", "context_id", "agents", "agent_id"))
        .take()
}

fn deliveries() -> TableCreateStatement {
    Table::create()
        .table("deliveries")
        .col(id_of_another("task_id"))
        .col(big_integer("agent_id"))
        .col(text("state"))
        .col(big_integer("attempts"))
        .col(text_null("last_error"))
        .col(text("updated_at"))
        .foreign_key(&mut reference("deliveries", "task_id", "tasks", "task_id"))
        .take()
}

fn monitor_config() -> TableCreateStatement {
    Table::create()
        .table("monitor_config")
        .col(id_of_another("agent_id"))
        .col(big_integer("interval_seconds"))
        .col(text_null("last_ping_at"))
        .col(boolean("enabled"))
        .foreign_key(reference("monitor_config", "agent_id", "agents", "agent_id").on_delete(ForeignKeyAction::Cascade))
        .take()
}

fn monitor_runtime() -> TableCreateStatement {
    Table::create()
        .table("monitor_runtime")
        .col(id_of_another("fleet_id"))
        .col(big_integer("pid"))
        .col(text("started_at"))
        .col(text("last_tick_at"))
        .col(big_integer("tick_seconds"))
        .foreign_key(&mut reference("monitor_runtime", "fleet_id", "fleets", "fleet_id"))
        .take()
}

/// Few, for each costs every command at open and every send at commit. A row id follows in each of them by itself, so
/// all of them also answer "newest first".
fn indexes() -> Vec<IndexCreateStatement> {
    let state_is = |state: &'static str| Expr::col("status_state").eq(Expr::Constant(state.into()));
    vec![
        // the agents of a fleet
        Index::create().name("agents_of_fleet").table("agents").col("fleet_id").col("status").take(),
        // an inbox: only what waits, so it does not grow with history
        Index::create()
            .name("tasks_waiting")
            .table("tasks")
            .col("to_agent_id")
            .cond_where(state_is("input_required"))
            .take(),
        // what an agent received, newest first; a fleet's timeline, agent by agent; the foreign key
        Index::create().name("tasks_of_context").table("tasks").col("context_id").col("to_agent_id").take(),
        // what an agent sent, newest first
        Index::create().name("tasks_by_sender").table("tasks").col("from_agent_id").take(),
        // an agent's last acknowledgement
        Index::create()
            .name("tasks_acknowledged")
            .table("tasks")
            .col("to_agent_id")
            .col("status_timestamp")
            .cond_where(state_is("completed"))
            .take(),
        // the deliveries of a broadcast
        Index::create()
            .name("tasks_of_broadcast")
            .table("tasks")
            .col("origin_task_id")
            .cond_where(Expr::col("origin_task_id").is_not_null())
            .take(),
    ]
}
