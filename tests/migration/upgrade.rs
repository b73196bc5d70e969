//! Upgrades: one transaction, a backup before, the old schema or the new one whatever happens.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cafleet_adapters::sqlite::SqliteStorage;
use cafleet_domain::ports::storage::{DeliveryStore, FleetStore, TaskStore};
use cafleet_domain::ports::{Maintenance, Prepared, StorageError};
use cafleet_tests::storage_fixtures::{fleet, send};
use cafleet_tests::temp_database::TempDatabase;
use sea_orm_migration::prelude::*;

type Migrations = fn() -> Vec<Box<dyn MigrationTrait>>;

/// What one more migration may do.
enum Next {
    /// Adds a column and an index.
    Succeeds,
    /// The same, and then fails.
    Fails,
    /// The same, and then never ends, as when the process is killed.
    Hangs,
}

impl MigrationName for Next {
    fn name(&self) -> &str {
        "m20991231_000001_test"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Next {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new("note").text().take();
        manager.alter_table(Table::alter().table("fleets").add_column(column).take()).await?;
        manager.create_index(Index::create().name("fleets_by_note").table("fleets").col("note").take()).await?;
        match self {
            Self::Succeeds => Ok(()),
            Self::Fails => Err(DbErr::Migration("power lost".to_owned())),
            Self::Hangs => std::future::pending().await,
        }
    }
}

fn and(next: Next) -> Vec<Box<dyn MigrationTrait>> {
    let mut migrations = SqliteStorage::migrations();
    migrations.push(Box::new(next));
    migrations
}

const SUCCEEDS: Migrations = || and(Next::Succeeds);
const FAILS: Migrations = || and(Next::Fails);
const HANGS: Migrations = || and(Next::Hangs);

fn with(database: &TempDatabase, migrations: Migrations) -> SqliteStorage {
    SqliteStorage::with_migrations(&database.options(), migrations).unwrap()
}

/// The number of today's schema, which is the old one here.
fn head() -> u32 {
    SqliteStorage::migrations().len() as u32
}

fn first_backup(database: &TempDatabase) -> PathBuf {
    database.directory().join(format!("cafleet.db.schema-{}.bak", head()))
}

pub(crate) fn schema(path: &std::path::Path) -> BTreeSet<(String, String, String, Option<String>)> {
    let raw = rusqlite::Connection::open(path).unwrap();
    let mut rows = raw.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Makes a database of today's schema with a fleet and a message in it.
async fn old_database() -> TempDatabase {
    let database = TempDatabase::new();
    let store = database.storage();
    let created = fleet(&store).await;
    send(&store, created.fleet.id, created.director.id, created.administrator, "kept", 1).await;
    store.close().await.unwrap();
    database
}

#[tokio::test]
async fn an_upgraded_database_is_like_a_fresh_one_and_keeps_its_rows() {
    let upgraded = old_database().await;
    let before = upgraded.storage().find_fleet(1.try_into().unwrap()).await.unwrap();
    let store = with(&upgraded, SUCCEEDS);
    let expected = Prepared::Upgraded { from: head(), to: head() + 1, backup: first_backup(&upgraded) };
    assert_eq!(store.prepare().await, Ok(expected));
    assert_eq!(store.prepare().await, Ok(Prepared::AtHead));
    assert_eq!(store.find_fleet(1.try_into().unwrap()).await.unwrap(), before);
    assert_eq!(store.check().await, Ok(Vec::new()));
    store.close().await.unwrap();

    let fresh = TempDatabase::new();
    let store = with(&fresh, SUCCEEDS);
    assert_eq!(store.prepare().await, Ok(Prepared::Created));
    store.close().await.unwrap();
    assert_eq!(schema(&upgraded.path()), schema(&fresh.path()));
}

#[tokio::test]
async fn the_backup_is_the_database_before_the_upgrade() {
    let database = old_database().await;
    let old_schema = schema(&database.path());
    let store = with(&database, SUCCEEDS);
    store.prepare().await.unwrap();
    store.close().await.unwrap();
    let backup = first_backup(&database);
    assert_eq!(schema(&backup), old_schema);
    // Put back in its place it works as before.
    std::fs::rename(&backup, database.path()).unwrap();
    let store = database.storage();
    assert_eq!(store.list_fleets().await.unwrap().len(), 1);
    assert_eq!(store.check().await, Ok(Vec::new()));
    store.close().await.unwrap();
}

#[tokio::test]
async fn an_upgrade_that_fails_leaves_the_old_schema_and_the_backup() {
    let database = old_database().await;
    let old_schema = schema(&database.path());
    let failed = with(&database, FAILS).prepare().await.unwrap_err();
    assert!(failed.to_string().contains("power lost"), "{failed}");
    assert_eq!(schema(&database.path()), old_schema);
    assert!(first_backup(&database).exists());
    let store = database.storage();
    assert_eq!(store.list_fleets().await.unwrap().len(), 1);
    store.close().await.unwrap();

    let backup = database.directory().join(format!("cafleet.db.schema-{}-2.bak", head()));
    let second_try = with(&database, SUCCEEDS).prepare().await;
    assert_eq!(second_try, Ok(Prepared::Upgraded { from: head(), to: head() + 1, backup }));
    assert!(first_backup(&database).exists(), "the first backup is kept");
}

#[tokio::test]
async fn an_upgrade_that_is_cut_off_leaves_the_old_schema() {
    let database = old_database().await;
    let old_schema = schema(&database.path());
    let store = with(&database, HANGS);
    let cut_off = tokio::time::timeout(Duration::from_millis(500), store.prepare()).await;
    assert!(cut_off.is_err(), "it hangs inside the transaction");
    drop(store);
    assert_eq!(schema(&database.path()), old_schema);
    let store = database.storage();
    assert_eq!(store.list_fleets().await.unwrap().len(), 1);
    fleet(&store).await;
    store.close().await.unwrap();
}

#[tokio::test]
async fn eight_upgrades_at_once_make_one() {
    let database = Arc::new(old_database().await);
    let running: Vec<_> = (0..8)
        .map(|_| {
            let database = Arc::clone(&database);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(with(&database, SUCCEEDS).prepare())
            })
        })
        .collect();
    let done: Vec<Prepared> = running.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect();
    assert_eq!(done.iter().filter(|done| **done == Prepared::AtHead).count(), 7, "{done:?}");
    assert!(done.contains(&Prepared::Upgraded { from: head(), to: head() + 1, backup: first_backup(&database) }));
}

#[tokio::test]
async fn other_commands_refuse_an_older_or_newer_schema_and_change_nothing() {
    let database = old_database().await;
    let before = std::fs::read(database.path()).unwrap();
    let refused = with(&database, SUCCEEDS).list_fleets().await.unwrap_err();
    assert_eq!(refused, StorageError::SchemaTooOld { found: head(), needed: head() + 1 });
    assert_eq!(std::fs::read(database.path()).unwrap(), before);

    with(&database, SUCCEEDS).prepare().await.unwrap();
    let before = std::fs::read(database.path()).unwrap();
    let newer = StorageError::SchemaTooNew { found: head() + 1, needed: head() };
    assert_eq!(database.storage().list_fleets().await, Err(newer.clone()));
    assert_eq!(database.storage().prepare().await, Err(newer));
    assert_eq!(std::fs::read(database.path()).unwrap(), before);
}

/// A fleet with its Director, its Administrator and a message whose preview stands in a composer, as the first schema
/// knows them.
pub(crate) const OLD_ROWS: &str = "
    INSERT INTO fleets (fleet_id, created_at) VALUES (1, '2026-04-15T10:00:00.000000+00:00');
    INSERT INTO agents (agent_id, fleet_id, name, description, kind, status, registered_at, agent_card_json) VALUES
        (1, 1, 'Director', 'Root Director for this fleet', 'director', 'active', '2026-04-15T10:00:00.000000+00:00', '{}'),
        (2, 1, 'Administrator', '', 'administrator', 'active', '2026-04-15T10:00:00.000000+00:00', '{}');
    UPDATE fleets SET director_agent_id = 1;
    INSERT INTO agent_placements (agent_id, multiplexer, coding_agent, created_at)
        VALUES (1, 'tmux', 'claude', '2026-04-15T10:00:00.000000+00:00');
    INSERT INTO monitor_config (agent_id, interval_seconds, enabled) VALUES (1, 60, TRUE);
    INSERT INTO tasks (task_id, context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp, text)
        VALUES (1, 1, 2, 1, 'unicast', '2026-04-15T10:00:00.000000+00:00', 'input_required',
                '2026-04-15T10:00:00.000000+00:00', 'kept');
    INSERT INTO deliveries (task_id, agent_id, state, attempts, updated_at)
        VALUES (1, 1, 'typed', 1, '2026-04-15T10:00:00.000000+00:00');";

/// The first `N` migrations.
fn first<const N: usize>() -> Vec<Box<dyn MigrationTrait>> {
    SqliteStorage::migrations().into_iter().take(N).collect()
}

#[tokio::test]
async fn every_older_schema_comes_to_be_like_a_fresh_one() {
    let fresh = TempDatabase::new();
    fresh.storage().prepare().await.unwrap();
    let older: [Migrations; 12] = [
        first::<1>,
        first::<2>,
        first::<3>,
        first::<4>,
        first::<5>,
        first::<6>,
        first::<7>,
        first::<8>,
        first::<9>,
        first::<10>,
        first::<11>,
        first::<12>,
    ];
    assert!(older.len() as u32 >= head() - 1, "each older schema is tried");
    for (older, number) in older.into_iter().zip(1..head()) {
        let old = TempDatabase::new();
        let store = with(&old, older);
        store.prepare().await.unwrap();
        old.raw().execute_batch(OLD_ROWS).unwrap();
        store.close().await.unwrap();
        let done = old.storage().prepare().await.unwrap();
        assert!(matches!(done, Prepared::Upgraded { from, to, .. } if (from, to) == (number, head())), "{done:?}");
        assert_eq!(schema(&old.path()), schema(&fresh.path()), "{number}");
        let store = old.storage();
        let (fleet, director) = (1.try_into().unwrap(), 1.try_into().unwrap());
        let inbox = store.inbox(fleet, director).await.unwrap().unwrap();
        assert_eq!(inbox.iter().map(|task| task.text.as_str()).collect::<Vec<_>>(), ["kept"], "{number}");
        let owed = store.pending_deliveries(fleet, director).await.unwrap();
        let owed = (owed.begun.len(), owed.fresh.len());
        assert_eq!(owed, if number < 3 { (1, 0) } else { (0, 1) }, "what stands in a composer counts as begun");
        assert_eq!(store.check().await, Ok(Vec::new()), "{number}");
        store.close().await.unwrap();
    }
}
