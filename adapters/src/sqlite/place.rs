//! One database file: where it is, and how it is opened, whatever is in it.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cafleet_domain::ports::StorageError;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_migration::MigrationTrait;

use super::Synchronous;
use super::error::{io_error, storage_error};
use super::session::{Session, Single, StatementObserver};

/// How long a statement waits for its turn.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Every migration, oldest first.
pub(super) type Migrations = fn() -> Vec<Box<dyn MigrationTrait>>;

/// A database file, and what this program knows of its schema.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) synchronous: Synchronous,
    pub(super) migrations: Migrations,
    pub(super) observer: Option<StatementObserver>,
}

impl Place {
    /// Returns the number of the newest schema.
    pub(super) fn newest_schema(&self) -> u32 {
        u32::try_from((self.migrations)().len()).unwrap_or(u32::MAX)
    }

    /// Creates an empty file, readable by its owner alone, and the directories above it, where there is none.
    pub(super) fn create_file(&self) -> Result<(), StorageError> {
        let path = &self.path;
        match path.metadata() {
            Ok(found) if found.is_dir() => Err(StorageError::Unavailable(format!(
                "database {} is a directory; set CAFLEET_DATABASE_URL to a file",
                path.display()
            ))),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => create_missing(path),
            Err(error) => Err(io_error("open database", path, &error)),
        }
    }

    /// Wraps a raw connection.
    pub(super) fn session(&self, connection: &DatabaseConnection) -> Single<'_> {
        Session { connection: connection.clone(), path: &self.path, observer: self.observer.as_ref() }
    }

    pub(super) async fn close_raw(&self, connection: &DatabaseConnection) -> Result<(), StorageError> {
        connection.close_by_ref().await.map_err(|error| storage_error(&self.path, &error))
    }

    /// Opens the file, whatever is in it.
    pub(super) async fn open_unchecked(&self) -> Result<DatabaseConnection, StorageError> {
        self.create_file()?;
        self.connect(false).await
    }

    /// Opens a file that is there, to read it, whatever is in it.
    pub(super) async fn open_to_read(&self) -> Result<DatabaseConnection, StorageError> {
        self.connect(true).await
    }

    async fn connect(&self, read_only: bool) -> Result<DatabaseConnection, StorageError> {
        let path = self.path.clone();
        let synchronous = self.synchronous.as_str();
        let mut options = ConnectOptions::new("sqlite:");
        options
            .max_connections(1)
            .connect_lazy(true)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(2 * BUSY_TIMEOUT)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(move |options| {
                options
                    .filename(&path)
                    .create_if_missing(false)
                    .read_only(read_only)
                    .foreign_keys(true)
                    .busy_timeout(BUSY_TIMEOUT)
                    .pragma("synchronous", synchronous)
            });
        Database::connect(options).await.map_err(|error| storage_error(&self.path, &error))
    }
}

fn create_missing(path: &Path) -> Result<(), StorageError> {
    if let Some(directory) = path.parent() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        made.map_err(|error| io_error("create directory", directory, &error))?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(io_error("create database", path, &error)),
        _ => Ok(()),
    }
}
