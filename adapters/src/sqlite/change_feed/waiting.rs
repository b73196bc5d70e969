//! Waiting for a commit of another handle, without a lock and almost without work.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use cafleet_domain::ports::StorageError;
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use crate::sqlite::connection::Connection;
use crate::sqlite::session::{Single, sql};

/// The most looks at the log before SQLite is asked in any case: once a second, should the log's time not tell.
const MOST_LOOKS: u32 = 100;

/// A number that changes when another connection commits: <https://www.sqlite.org/pragma.html#pragma_data_version>.
struct DataVersion(i64);

impl FromQueryResult for DataVersion {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        row.try_get_by_index(0).map(Self)
    }
}

/// Returns when the data version is not the one before the last read any more, or the time is up.
///
/// Asking SQLite costs a hop to the connection's thread, looking at the log one system call, and every commit writes
/// to the log. But the log's time is only as fine as the kernel's tick: a commit right after another change can look
/// like none. So SQLite is asked soon after a change in any case, and then less and less often.
pub(super) async fn wait(connection: &Connection, session: &Single<'_>, timeout: Duration) -> Result<(), StorageError> {
    let deadline = Instant::now() + timeout;
    let seen = connection.version_before_reads();
    let log = &connection.log_path();
    let mut looks = 1;
    let mut last = stamp(log);
    loop {
        let versions: Vec<DataVersion> = session.all_raw(sql("PRAGMA data_version")).await?;
        if let Some(DataVersion(version)) = versions.into_iter().find(|DataVersion(version)| *version != seen) {
            connection.notice(version);
            return Ok(());
        }
        let mut changed = false;
        for _ in 0..looks {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            tokio::time::sleep(left.min(connection.pause)).await;
            changed = stamp(log) != last;
            if changed {
                break;
            }
        }
        // Before the question, so that what comes after it is seen at the next look.
        last = stamp(log);
        looks = if changed { 1 } else { (2 * looks).min(MOST_LOOKS) };
    }
}

/// What changes in the log's directory entry when something is written.
fn stamp(log: &Path) -> Option<(i64, i64, u64)> {
    log.metadata().ok().map(|found| (found.mtime(), found.mtime_nsec(), found.size()))
}
