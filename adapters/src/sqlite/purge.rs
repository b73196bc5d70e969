//! `db purge`: history that is over and old.

use cafleet_domain::id::FleetId;
use cafleet_domain::ports::{Purged, StorageError};
use cafleet_domain::timestamp::Timestamp;
use sea_orm::{DbBackend, DbErr, FromQueryResult, QueryResult, Statement, Value};

use super::SqliteStorage;
use super::session::Session;

/// Tasks of one transaction: small enough that nobody else waits long.
const BATCH: usize = 500;

/// Fleets that were deleted before the cutoff.
const FLEETS: &str = "SELECT fleet_id FROM fleets WHERE deleted_at < ?1 AND (?2 IS NULL OR fleet_id = ?2)";

/// The tasks to drop, deliveries before summaries: all tasks of these fleets; elsewhere what is acknowledged or
/// canceled since before the cutoff. A broadcast goes as a whole, when nothing of it waits or is newer, so that its
/// summary stays true.
const TASKS: &str = "SELECT task_id FROM tasks JOIN agents ON agents.agent_id = tasks.context_id
     JOIN fleets USING (fleet_id)
     WHERE (?2 IS NULL OR fleets.fleet_id = ?2) AND (fleets.deleted_at < ?1
     OR (origin_task_id IS NULL AND status_state <> 'input_required' AND status_timestamp < ?1)
     OR (origin_task_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tasks AS part
       WHERE part.origin_task_id = tasks.origin_task_id
       AND (part.status_state = 'input_required' OR part.status_timestamp >= ?1))))
     ORDER BY tasks.type = 'broadcast_summary', task_id";

/// A number in the only column.
struct Number(i64);

impl FromQueryResult for Number {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        row.try_get_by_index(0).map(Self)
    }
}

impl SqliteStorage {
    /// Purges as [`Maintenance::purge`](cafleet_domain::ports::Maintenance::purge) says.
    pub(super) async fn drop_finished(
        &self,
        cutoff: Timestamp,
        fleet: Option<FleetId>,
        dry_run: bool,
    ) -> Result<Purged, StorageError> {
        let session = self.connection.read().await?;
        let scope = [Value::from(cutoff.to_string()), Value::from(fleet.map(FleetId::get))];
        let fleets = numbers(&session, statement(FLEETS, scope.clone())).await?;
        let tasks = numbers(&session, statement(TASKS, scope)).await?;
        let mut purged = Purged { fleets: fleets.len() as u64, tasks: tasks.len() as u64, ..Purged::default() };
        for batch in tasks.chunks(BATCH) {
            purged.deliveries += if dry_run {
                count(&session, &among("SELECT count(*) FROM deliveries WHERE task_id", batch)).await?
            } else {
                self.drop_tasks(batch).await?
            };
        }
        for fleet in fleets {
            purged.agents += if dry_run {
                count(&session, &among("SELECT count(*) FROM agents WHERE fleet_id", &[fleet])).await?
            } else {
                self.drop_fleet(fleet).await?
            };
        }
        Ok(purged)
    }

    /// Drops tasks, and returns how many doorbells went with them.
    async fn drop_tasks(&self, tasks: &[i64]) -> Result<u64, StorageError> {
        let transaction = self.connection.write().await?;
        let deliveries = transaction.execute_raw(among("DELETE FROM deliveries WHERE task_id", tasks)).await?;
        transaction.execute_raw(among("DELETE FROM tasks WHERE task_id", tasks)).await?;
        transaction.commit().await?;
        Ok(deliveries)
    }

    /// Drops a deleted fleet without tasks, and returns how many agents went with it.
    async fn drop_fleet(&self, fleet: i64) -> Result<u64, StorageError> {
        let transaction = self.connection.write().await?;
        // The fleet and its Director refer to each other.
        transaction.execute_raw(among("UPDATE fleets SET director_agent_id = NULL WHERE fleet_id", &[fleet])).await?;
        let agents = transaction.execute_raw(among("DELETE FROM agents WHERE fleet_id", &[fleet])).await?;
        transaction.execute_raw(among("DELETE FROM fleets WHERE fleet_id", &[fleet])).await?;
        transaction.commit().await?;
        Ok(agents)
    }
}

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

/// Completes a statement that ends with the name of a column.
fn among(sql: &str, ids: &[i64]) -> Statement {
    let marks = vec!["?"; ids.len()].join(", ");
    statement(&format!("{sql} IN ({marks})"), ids.iter().map(|id| Value::from(*id)))
}

async fn numbers<C: sea_orm::ConnectionTrait>(
    session: &Session<'_, C>,
    statement: Statement,
) -> Result<Vec<i64>, StorageError> {
    let rows: Vec<Number> = session.all_raw(statement).await?;
    Ok(rows.into_iter().map(|Number(value)| value).collect())
}

async fn count<C: sea_orm::ConnectionTrait>(
    session: &Session<'_, C>,
    statement: &Statement,
) -> Result<u64, StorageError> {
    let counted = numbers(session, statement.clone()).await?;
    Ok(counted.into_iter().filter_map(|value| u64::try_from(value).ok()).sum())
}
