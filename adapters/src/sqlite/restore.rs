//! `db restore`: a copy in the place of the database.
//!
//! The log of a database lies beside it under a name of its own, and SQLite takes whatever it finds there for the log of
//! the file: a copy that is put beside the log of another database is destroyed by it. So log and index go with their
//! database, and nobody may have it open meanwhile.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use cafleet_domain::ports::{Restored, StorageError};
use sea_orm::{DatabaseConnection, DbErr, FromQueryResult, QueryResult};

use super::error::io_error;
use super::files::{self, with_suffix};
use super::place::Place;
use super::session::{Single, sql};
use super::{backup, check, schema};

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Restores a database as [`Maintenance::restore`](cafleet_domain::ports::Maintenance::restore) says.
pub(super) async fn run(place: &Place, source: &Path) -> Result<Restored, StorageError> {
    let source = std::path::absolute(source).map_err(|error| io_error("read", source, &error))?;
    check_source(&place.path, &source)?;
    refuse_users(&place.path)?;
    if let Some(directory) = place.path.parent() {
        fs::create_dir_all(directory).map_err(|error| io_error("create directory", directory, &error))?;
    }
    let staged = with_suffix(&place.path, &format!(".{}.restore", std::process::id()));
    let restored = put(place, &source, &staged).await;
    // gone already, where it is the database now
    drop(fs::remove_file(&staged));
    restored
}

fn check_source(database: &Path, source: &Path) -> Result<(), StorageError> {
    let found = source.metadata().map_err(|error| io_error("read", source, &error))?;
    let wrong = |what: &str| Err(StorageError::Unavailable(format!("{} is {what}", source.display())));
    if !found.is_file() {
        return wrong("not a regular file");
    }
    if files::id(source) == files::id(database) {
        return wrong("the database itself; name a backup of it");
    }
    Ok(())
}

/// Copies the source to `staged`, and puts that in its place.
async fn put(place: &Place, source: &Path, staged: &Path) -> Result<Restored, StorageError> {
    let copied = Place { path: source.to_owned(), observer: None, ..place.clone() };
    let raw = copied.open_to_read().await?;
    let schema = copy(place, &copied, &raw, staged).await;
    copied.close_raw(&raw).await?;
    let schema = schema?;
    let newest = place.newest_schema();
    if files::id(&place.path).is_none() {
        // what is left of one that was removed would be taken for a part of this one
        let kept = free_name(&place.path);
        move_beside(&place.path, &kept)?;
        files::publish(staged, &place.path).map_err(|error| io_error("write database", &place.path, &error))?;
        return Ok(Restored { schema, newest, kept: None });
    }
    let held = hold(place).await?;
    let kept = replace(&place.path, staged);
    if let Some(held) = held {
        place.close_raw(&held).await?;
    }
    Ok(Restored { schema, newest, kept: Some(kept?) })
}

/// Checks the source and copies it; returns its schema.
async fn copy(place: &Place, copied: &Place, raw: &DatabaseConnection, staged: &Path) -> Result<u32, StorageError> {
    let session = copied.session(raw);
    let schema = schema::of_copy(place, &session).await?;
    let damage = check::of_file(&session).await?;
    if let Some(first) = damage.first() {
        let source = copied.path.display();
        return Err(StorageError::Unavailable(format!("{source} is damaged ({first}); restore another backup")));
    }
    backup::copy(&session, staged).await?;
    Ok(schema)
}

/// Folds the log of the database that is there back into it, and takes its exclusive lock, which the returned connection
/// holds. One that is damaged has none, and needs none.
async fn hold(place: &Place) -> Result<Option<DatabaseConnection>, StorageError> {
    let raw = match place.open_unchecked().await {
        Ok(raw) => raw,
        Err(StorageError::Busy) => return Err(in_use(&place.path, &[])),
        // not even its first page can be read
        Err(_) => return refuse_users(&place.path).map(|()| None),
    };
    let locked = lock(&place.session(&raw)).await;
    // who opened it before the lock was taken
    let alone = refuse_users(&place.path);
    match (alone, locked) {
        (Ok(()), Ok(true)) => Ok(Some(raw)),
        (Ok(()), Ok(false)) | (_, Err(StorageError::Busy)) => {
            place.close_raw(&raw).await?;
            Err(in_use(&place.path, &[]))
        }
        (alone, _) => {
            // a damaged one may not even close in order
            drop(place.close_raw(&raw).await);
            alone.map(|()| None)
        }
    }
}

/// Tells whether the lock could be taken.
async fn lock(session: &Single<'_>) -> Result<bool, StorageError> {
    let modes: Vec<Mode> = session.all_raw(sql("PRAGMA journal_mode = DELETE")).await?;
    if modes.iter().any(|Mode(mode)| mode == "wal") {
        return Ok(false);
    }
    // without a journal, whose name would be that of the new database's
    for statement in ["PRAGMA journal_mode = MEMORY", "BEGIN EXCLUSIVE"] {
        session.execute_raw(sql(statement)).await?;
    }
    Ok(true)
}

/// The answer of a pragma about the journal.
struct Mode(String);

impl FromQueryResult for Mode {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        row.try_get_by_index(0).map(Self)
    }
}

fn replace(database: &Path, staged: &Path) -> Result<PathBuf, StorageError> {
    let kept = free_name(database);
    move_beside(database, &kept)?;
    files::replace(database, staged, &kept).map_err(|error| io_error("replace database", database, &error))?;
    Ok(kept)
}

/// Moves what SQLite keeps beside a database to where it belongs once the database is called `kept`.
fn move_beside(database: &Path, kept: &Path) -> Result<(), StorageError> {
    for suffix in BESIDE {
        let file = with_suffix(database, suffix);
        match fs::rename(&file, with_suffix(kept, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(io_error("move", &file, &error)),
            _ => {}
        }
    }
    Ok(())
}

/// Returns a name beside the database that nothing has.
fn free_name(database: &Path) -> PathBuf {
    let is_free = |path: &PathBuf| path.symlink_metadata().is_err();
    let mut names = (1_u32..).map(|attempt| match attempt {
        1 => with_suffix(database, ".before-restore"),
        attempt => with_suffix(database, &format!(".before-restore-{attempt}")),
    });
    names.find(is_free).unwrap_or_else(|| with_suffix(database, ".before-restore"))
}

fn refuse_users(database: &Path) -> Result<(), StorageError> {
    let files: Vec<PathBuf> = [""].iter().chain(&BESIDE).map(|suffix| with_suffix(database, suffix)).collect();
    let users = files::users(&files);
    if users.is_empty() { Ok(()) } else { Err(in_use(database, &users)) }
}

fn in_use(database: &Path, users: &[String]) -> StorageError {
    let who = if users.is_empty() { "another process".to_owned() } else { users.join(", ") };
    StorageError::Unavailable(format!(
        "database {} is in use by {who}; end monitors, servers and commands that use it, and try again",
        database.display()
    ))
}
