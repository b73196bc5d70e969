//! Storage in one SQLite file, shared by every process of the machine.
//!
//! A command's life is: open, one transaction, close. The file is opened at the first use, so a command that fails
//! before leaves no trace. Writing transactions take the lock first ([`session`]), the rules of the domain run inside
//! them, and nothing else does: no keystroke, no wait.

use std::path::Path;
use std::time::Duration;

use cafleet_domain::ports::StorageError;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use connection::Connection;
use migration::Migrator;
use place::Place;

mod agents;
mod backup;
mod change_feed;
mod check;
mod claims;
mod connection;
mod convert;
mod deliveries;
mod entity;
mod error;
mod files;
mod fleets;
mod guarded;
mod location;
mod maintenance;
mod migration;
mod monitor;
mod place;
mod purge;
mod restore;
mod schema;
mod session;
mod sightings;
mod tasks;
mod views;

pub use session::StatementObserver;

/// When a commit reaches the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// Survives the end of every process; a loss of power may take the last moments.
    #[default]
    Normal,
    /// Survives a loss of power too, and is slower.
    Full,
}

impl Synchronous {
    fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Full => "FULL",
        }
    }
}

/// How to open a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Where it is: `sqlite:///absolute/path`, `sqlite:/absolute/path` or a plain absolute path.
    pub database: String,
    /// When a commit reaches the disk.
    pub synchronous: Synchronous,
}

/// Storage in one SQLite file.
///
/// Must be used inside a tokio runtime with its timer, and closed with [`Maintenance::close`](cafleet_domain::ports::Maintenance::close).
#[derive(Debug)]
pub struct SqliteStorage {
    connection: Connection,
}

impl SqliteStorage {
    /// Prepares the storage. Touches no file: the first use opens it, and creates it where there is none.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when the place is not one that can be opened.
    pub fn new(options: &SqliteOptions) -> Result<Self, StorageError> {
        Self::with_migrations(options, Migrator::migrations)
    }

    /// As [`SqliteStorage::new`], with other migrations: this is how an upgrade is tried before there is one.
    ///
    /// # Errors
    /// As [`SqliteStorage::new`].
    pub fn with_migrations(
        options: &SqliteOptions,
        migrations: fn() -> Vec<Box<dyn MigrationTrait>>,
    ) -> Result<Self, StorageError> {
        let path = location::parse(&options.database)?;
        Ok(Self {
            connection: Connection::new(Place { path, synchronous: options.synchronous, migrations, observer: None }),
        })
    }

    /// Lets `observer` hear the SQL of each statement before it runs, transactions included.
    #[must_use]
    pub fn observed_by(mut self, observer: StatementObserver) -> Self {
        self.connection.place.observer = Some(observer);
        self
    }

    /// Looks for commits of others only so often while it waits for one: who waits all day saves by it.
    #[must_use]
    pub fn looking_every(mut self, pause: Duration) -> Self {
        self.connection.pause = pause;
        self
    }

    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.connection.place.path
    }

    /// Lists the migrations that this program knows, oldest first. A database's schema number counts them.
    #[must_use]
    pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Migrator::migrations()
    }
}

#[cfg(test)]
mod tests {
    use cafleet_domain::id::AgentId;
    use cafleet_domain::ports::Maintenance;
    use cafleet_domain::ports::storage::{AgentStore, FleetRequest, FleetStore, SendRequest, TaskStore};
    use cafleet_domain::{backend, id, placement, timestamp::Timestamp};

    use super::*;

    /// A full disk, as SQLite reports it when it may not add pages.
    #[tokio::test]
    async fn a_full_disk_is_one_clear_error_and_nothing_is_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let database = directory.path().join("cafleet.db").display().to_string();
        let storage =
            SqliteStorage::new(&SqliteOptions { database, synchronous: Synchronous::Full }).expect("a valid path");
        let now = Timestamp::from_unix_micros(0);
        let server = placement::ServerId { socket: "/tmp/s".to_owned(), pid: 1, started: 1, namespace: None };
        let pane = placement::Pane {
            multiplexer: placement::MultiplexerKind::Tmux,
            server,
            session: "s".to_owned(),
            window: "@1".to_owned(),
            id: id::PaneId::new("%1"),
            pid: 1,
        };
        let request = FleetRequest {
            label: None,
            coding_agent: backend::Backend::CLAUDE,
            multiplexer: placement::MultiplexerKind::Tmux,
            pane: Some(pane),
            now,
        };
        let fleet = storage.create_fleet(&request).await.expect("a fleet");
        let session = storage.connection.single().await.expect("a session");
        session.execute_raw(session::sql("PRAGMA max_page_count = 1")).await.expect("a limit at the present size");

        let to: AgentId = fleet.administrator;
        let text = "x".repeat(100_000);
        let message = SendRequest { fleet: fleet.fleet.id, from: fleet.director.id, to, text, is_notice: false, now };
        let failed = storage.send(&message).await;
        let Err(StorageError::Unavailable(text)) = failed else { panic!("{failed:?}") };
        assert!(text.starts_with("no space left for database"), "{text}");
        assert_eq!(storage.inbox(fleet.fleet.id, to).await, Ok(Some(Vec::new())));
        assert!(storage.find_agent(fleet.fleet.id, to).await.is_ok(), "the connection is still of use");
        storage.close().await.expect("a close");
    }
}
