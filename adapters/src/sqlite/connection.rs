//! The connection: opened at the first use, checked once, closed by name.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cafleet_domain::ports::StorageError;
use sea_orm::DatabaseConnection;
use tokio::sync::OnceCell;
use tracing::warn;

use super::files::{self, FileId};
use super::place::Place;
use super::schema;
use super::session::{Single, Transaction};

/// Pause between two looks at the write-ahead log: half of it is the mean delay of `poll --wait`.
const PAUSE: Duration = Duration::from_millis(10);

/// The way to one database file.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) place: Place,
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
    pub(super) fn new(place: Place) -> Self {
        Self { place, pause: PAUSE, opened: OnceCell::new(), noticed: AtomicI64::new(0), read_at: AtomicI64::new(0) }
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
        Ok(self.place.session(connection))
    }

    /// Makes sure that the open file is still the one at the path.
    fn check_place(&self) -> Result<(), StorageError> {
        let Some((_, opened)) = self.opened.get() else { return Ok(()) };
        let path = self.place.path.display();
        match files::id(&self.place.path) {
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
            Some(_) if !files::is_database(&self.place.path) => Err(StorageError::Damaged(format!(
                "database {} was overwritten while this ran; restore a backup with 'cafleet db restore <file>'",
                self.place.path.display()
            ))),
            Some((connection, _)) => schema::verify(&self.place, &self.place.session(connection)).await,
            None => Ok(()),
        }
    }

    /// Returns the write-ahead log, which every commit changes.
    pub(super) fn log_path(&self) -> PathBuf {
        let mut name = self.place.path.clone().into_os_string();
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

    /// Closes the file; the last one to do so in the whole system moves the WAL into the database.
    pub(super) async fn close(&self) -> Result<(), StorageError> {
        match self.opened.get() {
            Some((connection, _)) => self.place.close_raw(connection).await,
            None => Ok(()),
        }
    }

    /// Opens the file, creates it where there is none, and makes sure that its schema is the one this program knows.
    async fn open(&self) -> Result<(DatabaseConnection, Option<FileId>), StorageError> {
        loop {
            self.place.create_file()?;
            let before = files::id(&self.place.path);
            let connection = self.open_checked().await?;
            // one that was replaced meanwhile is not the one to write to
            if before.is_some() && files::id(&self.place.path) == before {
                return Ok((connection, before));
            }
            warn!(path = %self.place.path.display(), "the database was replaced while it was opened, and is opened again");
            self.place.close_raw(&connection).await?;
        }
    }

    async fn open_checked(&self) -> Result<DatabaseConnection, StorageError> {
        let connection = self.place.open_unchecked().await?;
        match schema::check_or_create(&self.place, &connection).await {
            Ok(version) => {
                self.notice(version);
                self.read_at.store(version, Ordering::Release);
                Ok(connection)
            }
            Err(error) => {
                self.place.close_raw(&connection).await?;
                Err(error)
            }
        }
    }
}
