//! What SQLite says → what the port says: one line, and what to do.

use std::path::Path;

use cafleet_domain::ports::StorageError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};

/// Primary result codes of SQLite: <https://www.sqlite.org/rescode.html>.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// Says what `error` means for the database at `path`.
pub(super) fn storage_error(path: &Path, error: &DbErr) -> StorageError {
    if matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)) {
        return StorageError::Busy;
    }
    let Some((code, message)) = result_code(error) else { return StorageError::Failed(error.to_string()) };
    let path = path.display();
    let text = match code {
        BUSY | LOCKED => return StorageError::Busy,
        READONLY => format!("cannot write to database {path}: {message}; make the file and its directory writable"),
        IOERR => format!("cannot read or write database {path}: {message}; check the disk it is on"),
        CORRUPT => {
            return StorageError::Damaged(format!(
                "database {path} is damaged: {message}; restore a backup with 'cafleet db restore <file>'"
            ));
        }
        FULL => format!("no space left for database {path}; nothing was written; free some space and try again"),
        CANTOPEN => {
            format!("cannot open database {path}: {message}; check that the file and its directory are writable")
        }
        NOTADB => format!("{path} is not a database of cafleet; set CAFLEET_DATABASE_URL to another file"),
        _ => return StorageError::Failed(message),
    };
    StorageError::Unavailable(text)
}

/// Tells whether `error` says that somebody else holds a lock.
pub(super) fn is_busy(error: &DbErr) -> bool {
    matches!(result_code(error), Some((BUSY | LOCKED, _)))
}

/// Says what an operation on files failed with.
pub(super) fn io_error(action: &str, path: &Path, error: &std::io::Error) -> StorageError {
    StorageError::Unavailable(format!("cannot {action} {}: {error}", path.display()))
}

/// Returns SQLite's primary result code and its message.
fn result_code(error: &DbErr) -> Option<(i32, String)> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let SqlxError::Database(error) = &**error else { return None };
    let extended: i32 = error.code()?.parse().ok()?;
    Some((extended & 0xff, error.message().to_owned()))
}
