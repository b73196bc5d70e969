//! Upgrades: one transaction, a backup before, the old schema or the new one whatever happens.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cafleet_adapters::sqlite::{Initialized, SqliteStorage};
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{FleetStore, TaskStore};
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

fn schema(path: &std::path::Path) -> BTreeSet<(String, String, String, Option<String>)> {
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
    let expected = Initialized::Upgraded { from: head(), to: head() + 1, backup: first_backup(&upgraded) };
    assert_eq!(store.init().await, Ok(expected));
    assert_eq!(store.init().await, Ok(Initialized::AtHead));
    assert_eq!(store.find_fleet(1.try_into().unwrap()).await.unwrap(), before);
    assert_eq!(store.check().await, Ok(Vec::new()));
    store.close().await.unwrap();

    let fresh = TempDatabase::new();
    let store = with(&fresh, SUCCEEDS);
    assert_eq!(store.init().await, Ok(Initialized::Created));
    store.close().await.unwrap();
    assert_eq!(schema(&upgraded.path()), schema(&fresh.path()));
}

#[tokio::test]
async fn the_backup_is_the_database_before_the_upgrade() {
    let database = old_database().await;
    let old_schema = schema(&database.path());
    let store = with(&database, SUCCEEDS);
    store.init().await.unwrap();
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
    let failed = with(&database, FAILS).init().await.unwrap_err();
    assert!(failed.to_string().contains("power lost"), "{failed}");
    assert_eq!(schema(&database.path()), old_schema);
    assert!(first_backup(&database).exists());
    let store = database.storage();
    assert_eq!(store.list_fleets().await.unwrap().len(), 1);
    store.close().await.unwrap();

    let backup = database.directory().join(format!("cafleet.db.schema-{}-2.bak", head()));
    let second_try = with(&database, SUCCEEDS).init().await;
    assert_eq!(second_try, Ok(Initialized::Upgraded { from: head(), to: head() + 1, backup }));
    assert!(first_backup(&database).exists(), "the first backup is kept");
}

#[tokio::test]
async fn an_upgrade_that_is_cut_off_leaves_the_old_schema() {
    let database = old_database().await;
    let old_schema = schema(&database.path());
    let store = with(&database, HANGS);
    let cut_off = tokio::time::timeout(Duration::from_millis(500), store.init()).await;
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
                runtime.block_on(with(&database, SUCCEEDS).init())
            })
        })
        .collect();
    let done: Vec<Initialized> = running.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect();
    assert_eq!(done.iter().filter(|done| **done == Initialized::AtHead).count(), 7, "{done:?}");
    assert!(done.contains(&Initialized::Upgraded { from: head(), to: head() + 1, backup: first_backup(&database) }));
}

#[tokio::test]
async fn other_commands_refuse_an_older_or_newer_schema_and_change_nothing() {
    let database = old_database().await;
    let before = std::fs::read(database.path()).unwrap();
    let refused = with(&database, SUCCEEDS).list_fleets().await.unwrap_err();
    assert_eq!(refused, StorageError::SchemaTooOld { found: head(), needed: head() + 1 });
    assert_eq!(std::fs::read(database.path()).unwrap(), before);

    with(&database, SUCCEEDS).init().await.unwrap();
    let before = std::fs::read(database.path()).unwrap();
    let newer = StorageError::SchemaTooNew { found: head() + 1, needed: head() };
    assert_eq!(database.storage().list_fleets().await, Err(newer.clone()));
    assert_eq!(database.storage().init().await, Err(newer));
    assert_eq!(std::fs::read(database.path()).unwrap(), before);
}

#[tokio::test]
async fn every_older_schema_comes_to_be_like_a_fresh_one() {
    let fresh = TempDatabase::new();
    fresh.storage().init().await.unwrap();
    let first: Migrations = || SqliteStorage::migrations().into_iter().take(1).collect();
    let old = TempDatabase::new();
    let store = with(&old, first);
    let created = fleet(&store).await;
    let sent = send(&store, created.fleet.id, created.director.id, created.administrator, "kept", 1).await;
    store.close().await.unwrap();
    let done = old.storage().init().await.unwrap();
    assert!(matches!(done, Initialized::Upgraded { from: 1, to, .. } if to == head()), "{done:?}");
    assert_eq!(schema(&old.path()), schema(&fresh.path()));
    let store = old.storage();
    assert_eq!(store.find_task(created.fleet.id, sent.id).await.unwrap(), Some(sent));
    assert_eq!(store.check().await, Ok(Vec::new()));
    store.close().await.unwrap();
}
