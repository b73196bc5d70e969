//! What the Director was told about an agent: a monitor that starts again does not tell it twice.

use sea_orm_migration::prelude::*;

/// Adds the memory to the schedules.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("told").text().null().take();
        manager.alter_table(Table::alter().table("monitor_config").add_column(column).take()).await
    }
}
