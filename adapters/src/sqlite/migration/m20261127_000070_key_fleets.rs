//! A key for each fleet: the number alone is that of other fleets in other databases.

use sea_orm_migration::prelude::*;

/// Adds the column, and gives each fleet that is there a key.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("fleet_key").text().null().take();
        manager.alter_table(Table::alter().table("fleets").add_column(column).take()).await?;
        let keys = "UPDATE fleets SET fleet_key = lower(hex(randomblob(3)))";
        manager.get_connection().execute_unprepared(keys).await.map(drop)
    }
}
