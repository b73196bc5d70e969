//! Files that are no database of ours: refused in one line that says what to do, and not touched.

use std::path::Path;

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use cafleet_domain::ports::storage::FleetStore;
use cafleet_domain::ports::{Maintenance, StorageError};
use cafleet_tests::temp_database::TempDatabase;

/// Opens `path` by a use and by `init`, and returns the complaint, which must be the same.
async fn refusal(path: &Path) -> String {
    let options = SqliteOptions { database: path.display().to_string(), synchronous: Synchronous::Normal };
    let store = SqliteStorage::new(&options).unwrap();
    let by_use = store.list_fleets().await.unwrap_err();
    let by_init = store.prepare().await.unwrap_err();
    assert_eq!(by_use, by_init);
    store.close().await.unwrap();
    let StorageError::Unavailable(text) = by_use else { panic!("{by_use:?}") };
    assert!(!text.contains('\n') && text.contains(path.to_str().unwrap()), "{text}");
    text
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_not_touched() {
    for (what, script) in [
        ("no marks", "CREATE TABLE notes (text)"),
        ("our number by chance", "CREATE TABLE notes (text); PRAGMA user_version = 1"),
        ("empty, yet marked", "PRAGMA application_id = 7"),
        ("empty, yet numbered", "PRAGMA user_version = 1"),
        ("a log of its own", "PRAGMA journal_mode = WAL; CREATE TABLE notes (text)"),
    ] {
        let database = TempDatabase::new();
        let raw = rusqlite::Connection::open(database.path()).unwrap();
        raw.execute_batch(script).unwrap();
        raw.close().unwrap();
        let before = std::fs::read(database.path()).unwrap();
        let text = refusal(&database.path()).await;
        assert!(text.contains("of another program; set CAFLEET_DATABASE_URL to another file"), "{what}: {text}");
        assert_eq!(std::fs::read(database.path()).unwrap(), before, "{what}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_not_touched() {
    let database = TempDatabase::new();
    let text = "dear diary, ".repeat(1_000);
    std::fs::write(database.path(), &text).unwrap();
    let refused = refusal(&database.path()).await;
    assert!(refused.contains("is not a database of cafleet"), "{refused}");
    assert_eq!(std::fs::read_to_string(database.path()).unwrap(), text);
    assert_eq!(std::fs::read_dir(database.directory()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_directory_is_refused() {
    let database = TempDatabase::new();
    let refused = refusal(database.directory()).await;
    assert!(refused.contains("is a directory; set CAFLEET_DATABASE_URL to a file"), "{refused}");
}

#[tokio::test]
async fn a_place_where_nothing_can_be_created_is_refused() {
    let database = TempDatabase::new();
    std::fs::write(database.directory().join("file"), "").unwrap();
    let refused = refusal(&database.directory().join("file/cafleet.db")).await;
    assert!(refused.contains("Not a directory"), "{refused}");
    // A file system that takes no files from anybody, root included.
    let refused = refusal(Path::new("/proc/cafleet.db")).await;
    assert!(refused.starts_with("cannot create database /proc/cafleet.db"), "{refused}");
}

#[tokio::test]
async fn a_database_cut_short_is_an_error_not_a_fresh_start() {
    let database = TempDatabase::new();
    let store = database.storage();
    store.prepare().await.unwrap();
    store.close().await.unwrap();
    let whole = std::fs::read(database.path()).unwrap();
    std::fs::write(database.path(), &whole[..whole.len() / 2]).unwrap();
    let store = database.storage();
    let failed = store.create_fleet(&cafleet_tests::storage_fixtures::fleet_request(1)).await;
    let Err(StorageError::Damaged(text)) = failed else { panic!("{failed:?}") };
    assert!(text.contains("is damaged") && text.contains("restore a backup"), "{text}");
    store.close().await.unwrap();
}
