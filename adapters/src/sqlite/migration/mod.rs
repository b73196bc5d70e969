//! The migrations, oldest first. One that has landed is never edited, and none uses today's entities: each names its
//! tables and columns itself, so that it still does tomorrow what it does today.

use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait};

mod m20261120_000001_create_tables;
mod m20261120_000002_record_changes;
mod m20261125_000003_note_typing;
mod m20261125_000004_remember_attention;
mod m20261127_000010_count_unrecognised;
mod m20261127_000030_know_the_agent;
mod m20261127_000070_key_fleets;
mod m20261127_000080_note_notices_and_sightings;
mod m20261127_000085_remember_the_start;
mod m20261128_000090_constrain_values;

/// Lists the migrations. The schema number of a database is how many of them it has seen.
#[derive(Debug)]
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_create_tables::Migration),
            Box::new(m20261120_000002_record_changes::Migration),
            Box::new(m20261125_000003_note_typing::Migration),
            Box::new(m20261125_000004_remember_attention::Migration),
            Box::new(m20261127_000010_count_unrecognised::Migration),
            Box::new(m20261127_000030_know_the_agent::Migration),
            Box::new(m20261127_000070_key_fleets::Migration),
            Box::new(m20261127_000080_note_notices_and_sightings::Migration),
            Box::new(m20261127_000085_remember_the_start::Migration),
            Box::new(m20261128_000090_constrain_values::Migration),
        ]
    }
}

/// Returns what is asked of a database before a migration: each row that a statement names, in words, does not fit what the
/// migration brings.
pub(crate) fn questions_before(migration: &dyn MigrationTrait) -> Vec<String> {
    if migration.name() == m20261128_000090_constrain_values::Migration.name() {
        m20261128_000090_constrain_values::questions()
    } else {
        Vec::new()
    }
}
