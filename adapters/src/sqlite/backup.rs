//! Copies of the database.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use cafleet_domain::ports::StorageError;
use sea_orm::{DbBackend, Statement};

use super::error::io_error;
use super::files::{self, with_suffix};
use super::place::Place;
use super::session::Single;

/// Writes a consistent copy of the last committed state to `target`, which must not exist.
///
/// The copy grows under another name and gets its own only when it is whole and on the disk.
pub(super) async fn copy(session: &Single<'_>, target: &Path) -> Result<(), StorageError> {
    if target.symlink_metadata().is_ok() {
        return Err(exists(target));
    }
    let growing = Growing(with_suffix(target, &format!(".{}.part", std::process::id())));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&growing.0)
        .map_err(|error| io_error("write backup", &growing.0, &error))?;
    let name = growing.0.to_str().ok_or_else(|| {
        StorageError::Unavailable(format!("the name of the backup is not UTF-8: {}", growing.0.display()))
    })?;
    let vacuum = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
    session
        .execute_raw(vacuum)
        .await
        .map_err(|error| StorageError::Unavailable(format!("cannot write backup {}: {error}", target.display())))?;
    File::open(&growing.0)
        .and_then(|file| file.sync_all())
        .map_err(|error| io_error("write backup", target, &error))?;
    match files::publish(&growing.0, target) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(target)),
        Err(error) => Err(io_error("write backup", target, &error)),
    }
}

/// Writes a copy beside the database, named after its schema, and returns its path.
pub(super) async fn before_upgrade(place: &Place, schema: u32) -> Result<PathBuf, StorageError> {
    let target = (1..)
        .map(|attempt: u32| match attempt {
            1 => with_suffix(&place.path, &format!(".schema-{schema}.bak")),
            attempt => with_suffix(&place.path, &format!(".schema-{schema}-{attempt}.bak")),
        })
        .find(|path| path.symlink_metadata().is_err())
        .ok_or_else(|| StorageError::Unavailable("no name is left for a backup".to_owned()))?;
    let raw = place.open_unchecked().await?;
    let copied = copy(&place.session(&raw), &target).await;
    place.close_raw(&raw).await?;
    copied.map(|()| target)
}

/// A file that is deleted unless it got another name.
struct Growing(PathBuf);

impl Drop for Growing {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and the error that led here matters more.
        let _ = fs::remove_file(&self.0);
    }
}

fn exists(target: &Path) -> StorageError {
    StorageError::Unavailable(format!("{} exists already; choose another name for the backup", target.display()))
}
