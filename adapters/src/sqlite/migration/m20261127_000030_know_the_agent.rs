//! Which process of a pane was recognised as the agent.

use sea_orm_migration::prelude::*;

/// Adds it to the placements.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("agent_process").text().null().take();
        manager.alter_table(Table::alter().table("agent_placements").add_column(column).take()).await
    }
}
