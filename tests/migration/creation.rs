//! Creation: silent, at the first use, whole.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use cafleet_domain::ports::storage::FleetStore;
use cafleet_domain::ports::{Maintenance, Prepared};
use cafleet_tests::storage_fixtures::fleet;
use cafleet_tests::temp_database::TempDatabase;

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn nothing_is_touched_before_the_first_use() {
    let database = TempDatabase::new();
    let store = database.storage();
    assert_eq!(store.path(), database.path());
    store.close().await.unwrap();
    assert_eq!(std::fs::read_dir(database.directory()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_first_use_creates_the_file_for_its_owner_alone() {
    let database = TempDatabase::new();
    let path = database.directory().join("data/cafleet/cafleet.db");
    for synchronous in [Synchronous::Normal, Synchronous::Full] {
        let options = SqliteOptions { database: path.display().to_string(), synchronous };
        let store = SqliteStorage::new(&options).unwrap();
        store.list_fleets().await.unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&database.directory().join("data/cafleet/cafleet.db-wal")), 0o600);
        for directory in ["data", "data/cafleet"] {
            assert_eq!(mode(&database.directory().join(directory)), 0o700);
        }
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn init_says_what_it_did() {
    let database = TempDatabase::new();
    let store = database.storage();
    assert_eq!(store.prepare().await, Ok(Prepared::Created));
    assert_eq!(store.prepare().await, Ok(Prepared::AtHead));
    assert_eq!(store.list_fleets().await, Ok(Vec::new()));
    store.close().await.unwrap();
    assert_eq!(database.storage().prepare().await, Ok(Prepared::AtHead));
    let names: Vec<_> =
        std::fs::read_dir(database.directory()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["cafleet.db"], "no backup without an upgrade");
}

/// What a process leaves that dies before its transaction: an empty file, or one that only knows its journal mode.
#[tokio::test]
async fn a_creation_that_was_interrupted_is_finished_by_the_next_process() {
    for switch_to_wal in [false, true] {
        let database = TempDatabase::new();
        std::fs::write(database.path(), "").unwrap();
        if switch_to_wal {
            database.raw().pragma_update(None, "journal_mode", "wal").unwrap();
            assert_ne!(database.path().metadata().unwrap().len(), 0);
        }
        let store = database.storage();
        fleet(&store).await;
        assert_eq!(store.check().await, Ok(Vec::new()));
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn every_connection_has_the_settings_that_the_data_model_promises() {
    let database = TempDatabase::new();
    let store = database.storage();
    fleet(&store).await;
    store.close().await.unwrap();
    let raw = database.raw();
    let text = |sql: &str| raw.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let number = |sql: &str| raw.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("PRAGMA journal_mode"), "wal");
    assert_eq!(number("PRAGMA application_id"), 0x4341_466c);
    assert_eq!(number("PRAGMA user_version"), SqliteStorage::migrations().len() as i64);
}
