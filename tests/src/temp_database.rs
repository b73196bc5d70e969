//! A database file of the test's own, in a directory that goes away with it.

use std::path::{Path, PathBuf};

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use rusqlite::Connection;
use tempfile::TempDir;

/// A private directory with the place of one database in it. Nothing is created before a storage is used.
#[derive(Debug)]
pub struct TempDatabase {
    directory: TempDir,
}

impl Default for TempDatabase {
    fn default() -> Self {
        Self::new()
    }
}

impl TempDatabase {
    /// Makes the directory.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new() -> Self {
        Self { directory: TempDir::new().expect("a temporary directory") }
    }

    /// Returns the directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the path of the database file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("cafleet.db")
    }

    /// Returns what opens the database.
    #[must_use]
    pub fn options(&self) -> SqliteOptions {
        SqliteOptions { database: format!("sqlite://{}", self.path().display()), synchronous: Synchronous::Normal }
    }

    /// Returns a storage with a connection of its own.
    ///
    /// # Panics
    /// Never: the path is absolute.
    #[must_use]
    pub fn storage(&self) -> SqliteStorage {
        SqliteStorage::new(&self.options()).expect("a valid path")
    }

    /// Opens the file past the adapter, to look at it or to spoil it.
    ///
    /// # Panics
    /// When there is no database.
    #[must_use]
    pub fn raw(&self) -> Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
        Connection::open_with_flags(self.path(), flags).expect("a database")
    }
}
