//! The note of what is being typed: should the process that types die, the next one knows which previews may stand in
//! the composer as one text.

use sea_orm_migration::prelude::*;

/// Adds the note to the deliveries.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("typing").boolean().not_null().default(false).take();
        manager.alter_table(Table::alter().table("deliveries").add_column(column).take()).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared("UPDATE deliveries SET typing = TRUE WHERE state = 'typed'").await?;
        // of all the history only what is being typed: it stays tiny
        let index = "CREATE INDEX deliveries_typing ON deliveries (agent_id) WHERE typing";
        connection.execute_unprepared(index).await.map(drop)
    }
}
