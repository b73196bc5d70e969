//! What a member was started with, so that it can be started again.

use sea_orm_migration::prelude::*;

/// Adds directory and model to the placements.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["directory", "model"] {
            let column = ColumnDef::new(name).text().null().take();
            manager.alter_table(Table::alter().table("agent_placements").add_column(column).take()).await?;
        }
        Ok(())
    }
}
