//! The daemon's socket, and the lock that says that a daemon lives.
//!
//! The lock, not the socket, is what makes a second daemon impossible: a socket can be removed by anybody who tidies up.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::time::sleep;

use crate::pty::start::{lock_for_life, socket_path};

/// Device and inode of a socket; none when it is not there.
pub(super) type Identity = Option<(u64, u64)>;

/// How often the lock is tried for. Whoever asks whether a daemon lives has it for a moment.
const TRIES: u32 = 100;

/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(5);

/// Takes the lock of a living daemon.
///
/// # Errors
/// When another daemon lives.
pub(super) async fn live(directory: &Path) -> io::Result<File> {
    for _ in 0..TRIES {
        if let Some(lock) = lock_for_life(directory) {
            return Ok(lock);
        }
        sleep(PAUSE).await;
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "another terminal daemon lives in this directory"))
}

/// Makes the socket, for its owner alone.
///
/// # Errors
/// When something is there already, or the system refuses.
pub(super) fn bind(directory: &Path) -> io::Result<(UnixListener, Identity)> {
    let path = socket_path(directory);
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    Ok((listener, identity(directory)))
}

/// Makes the socket again if the one that this daemon made has been removed, unless somebody listens there.
pub(super) async fn bind_again(directory: &Path, own: Identity) -> Option<(UnixListener, Identity)> {
    let found = identity(directory);
    if found.is_some() {
        if found == own || is_listened_at(directory).await {
            return None;
        }
        // a daemon that had our place was killed
        let _cannot_be_bound_then = fs::remove_file(socket_path(directory));
    }
    bind(directory).ok()
}

async fn is_listened_at(directory: &Path) -> bool {
    let connected = UnixStream::connect(socket_path(directory)).await;
    !connected.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Returns which file the socket is.
pub(super) fn identity(directory: &Path) -> Identity {
    let found = fs::symlink_metadata(socket_path(directory)).ok()?;
    found.file_type().is_socket().then(|| (found.dev(), found.ino()))
}

/// Removes the socket, if it still is the one that this daemon made.
pub(super) fn remove(directory: &Path, own: Identity) {
    if own.is_some() && identity(directory) == own {
        let _gone = fs::remove_file(socket_path(directory));
    }
}
