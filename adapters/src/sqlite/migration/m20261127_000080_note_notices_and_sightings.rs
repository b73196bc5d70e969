//! Which messages CAFleet wrote itself, and since when agents are seen in their states.

use sea_orm_migration::prelude::*;

/// Adds the column and the table. Of older messages nobody knows; they stay their senders'.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("notice").boolean().not_null().default(false).take();
        manager.alter_table(Table::alter().table("tasks").add_column(column).take()).await?;
        // what was seen in a pane is of no use without it
        let mut of_placement = ForeignKey::create();
        of_placement
            .from("sightings", "agent_id")
            .to("agent_placements", "agent_id")
            .on_delete(ForeignKeyAction::Cascade);
        let table = Table::create()
            .table("sightings")
            .col(ColumnDef::new("agent_id").big_integer().not_null().primary_key().take())
            .col(ColumnDef::new("state").text().not_null())
            .col(ColumnDef::new("since").text().not_null())
            .col(ColumnDef::new("seen_at").text().not_null())
            .foreign_key(&mut of_placement)
            .take();
        manager.create_table(table).await
    }
}
