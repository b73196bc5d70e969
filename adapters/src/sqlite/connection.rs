//! The connection: opened at the first use, checked once, closed by name.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cafleet_domain::ports::StorageError;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_migration::MigrationTrait;
use tokio::sync::OnceCell;
use tracing::warn;

use super::error::{io_error, storage_error};
use super::files::{self, FileId};
use super::session::{Session, Single, StatementObserver, Transaction};
use super::{Synchronous, schema};

/// How long a statement waits for its turn.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause between two looks at the write-ahead log: half of it is the mean delay of `poll --wait`.
const PAUSE: Duration = Duration::from_millis(10);

/// Every migration, oldest first.
pub(super) type Migrations = fn() -> Vec<Box<dyn MigrationTrait>>;

/// The way to one database file.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) path: PathBuf,
    pub(super) synchronous: Synchronous,
    pub(super) migrations: Migrations,
    pub(super) observer: Option<StatementObserver>,
    /// Pause between two looks for a commit of somebody else.
    pub(super) pause: Duration,
    opened: OnceCell<(DatabaseConnection, Option<FileId>)>,
    /// `PRAGMA data_version` when the last wait ended (at first: when the file was opened).
    noticed: AtomicI64,
    /// The value of `noticed` when somebody last read.
    read_at: AtomicI64,
}

impl Connection {
    /// Prepares a connection. Touches nothing.
    pub(super) fn new(path: PathBuf, synchronous: Synchronous, migrations: Migrations) -> Self {
        Self {
            path,
            synchronous,
            migrations,
            observer: None,
            pause: PAUSE,
            opened: OnceCell::new(),
            noticed: AtomicI64::new(0),
            read_at: AtomicI64::new(0),
        }
    }

    /// Returns a session for reading. What other processes commit from here on ends a wait.
    pub(super) async fn read(&self) -> Result<Single<'_>, StorageError> {
        let session = self.single().await?;
        self.read_at.store(self.noticed.load(Ordering::Acquire), Ordering::Release);
        Ok(session)
    }

    /// Takes the write lock and begins a transaction.
    pub(super) async fn write(&self) -> Result<Transaction<'_>, StorageError> {
        let transaction = self.single().await?.begin().await?;
        // whoever replaces the file holds this lock meanwhile
        self.check_place()?;
        Ok(transaction)
    }

    /// Returns a session whose statements stand by themselves.
    pub(super) async fn single(&self) -> Result<Single<'_>, StorageError> {
        let (connection, _) = self.opened.get_or_try_init(|| self.open()).await?;
        Ok(self.session(connection))
    }

    /// Makes sure that the open file is still the one at the path.
    fn check_place(&self) -> Result<(), StorageError> {
        let Some((_, opened)) = self.opened.get() else { return Ok(()) };
        let path = self.path.display();
        match files::id(&self.path) {
            found if found == *opened => Ok(()),
            Some(_) => Err(StorageError::Unavailable(format!(
                "database {path} was replaced while this ran; nothing was written, start it again"
            ))),
            None => Err(StorageError::Unavailable(format!(
                "database {path} was removed while this ran; nothing was written; \
                 bring it back with 'cafleet db restore <backup>'"
            ))),
        }
    }

    /// Makes sure that the open file is still the one at the path, and its schema the one this program knows.
    pub(super) async fn verify(&self) -> Result<(), StorageError> {
        self.check_place()?;
        match self.opened.get() {
            Some(_) if !files::is_database(&self.path) => Err(StorageError::Damaged(format!(
                "database {} was overwritten while this ran; restore a backup with 'cafleet db restore <file>'",
                self.path.display()
            ))),
            Some((connection, _)) => schema::verify(self, &self.session(connection)).await,
            None => Ok(()),
        }
    }

    /// Returns the write-ahead log, which every commit changes.
    pub(super) fn log_path(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-wal");
        name.into()
    }

    /// Returns the data version that is older than every read.
    pub(super) fn version_before_reads(&self) -> i64 {
        self.read_at.load(Ordering::Acquire)
    }

    /// Records the data version that a wait has seen.
    pub(super) fn notice(&self, version: i64) {
        self.noticed.store(version, Ordering::Release);
    }

    /// Wraps a raw connection.
    pub(super) fn session(&self, connection: &DatabaseConnection) -> Single<'_> {
        Session { connection: connection.clone(), path: &self.path, observer: self.observer.as_ref() }
    }

    /// Closes the file; the last one to do so in the whole system moves the WAL into the database.
    pub(super) async fn close(&self) -> Result<(), StorageError> {
        match self.opened.get() {
            Some((connection, _)) => self.close_raw(connection).await,
            None => Ok(()),
        }
    }

    pub(super) async fn close_raw(&self, connection: &DatabaseConnection) -> Result<(), StorageError> {
        connection.close_by_ref().await.map_err(|error| storage_error(&self.path, &error))
    }

    /// Opens the file, creates it where there is none, and makes sure that its schema is the one this program knows.
    async fn open(&self) -> Result<(DatabaseConnection, Option<FileId>), StorageError> {
        loop {
            create_file(&self.path)?;
            let before = files::id(&self.path);
            let connection = self.open_checked().await?;
            // one that was replaced meanwhile is not the one to write to
            if before.is_some() && files::id(&self.path) == before {
                return Ok((connection, before));
            }
            warn!(path = %self.path.display(), "the database was replaced while it was opened, and is opened again");
            self.close_raw(&connection).await?;
        }
    }

    async fn open_checked(&self) -> Result<DatabaseConnection, StorageError> {
        let connection = self.open_unchecked().await?;
        match schema::check_or_create(self, &connection).await {
            Ok(version) => {
                self.notice(version);
                self.read_at.store(version, Ordering::Release);
                Ok(connection)
            }
            Err(error) => {
                self.close_raw(&connection).await?;
                Err(error)
            }
        }
    }

    /// Opens the file, whatever is in it.
    pub(super) async fn open_unchecked(&self) -> Result<DatabaseConnection, StorageError> {
        create_file(&self.path)?;
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

/// Creates an empty file, readable by its owner alone, and the directories above it, where there is none.
fn create_file(path: &Path) -> Result<(), StorageError> {
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
