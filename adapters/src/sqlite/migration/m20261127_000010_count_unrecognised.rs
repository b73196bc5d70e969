//! How often screens of a version of a program were not recognised.

use sea_orm_migration::prelude::*;

/// Adds the table of counts.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut key = Index::create();
        key.col("coding_agent").col("version");
        let table = Table::create()
            .table("unrecognised_screens")
            .col(ColumnDef::new("coding_agent").text().not_null())
            .col(ColumnDef::new("version").text().not_null())
            .col(ColumnDef::new("times").integer().not_null())
            .col(ColumnDef::new("last_at").text().not_null())
            .primary_key(&mut key)
            .take();
        manager.create_table(table).await
    }
}
