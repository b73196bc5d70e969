//! The record of changes, which triggers write.

use cafleet_domain::change::{Change, Subject};
use cafleet_domain::id::FleetId;
use cafleet_domain::ports::{ChangeSpan, StorageError};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use crate::sqlite::convert::Row;
use crate::sqlite::session::{Session, sql};

/// A row.
#[derive(FromQueryResult)]
struct ChangeRow {
    change_id: i64,
    fleet_id: i64,
    kind: String,
    subject_id: i64,
}

impl TryFrom<ChangeRow> for Change {
    type Error = StorageError;

    fn try_from(model: ChangeRow) -> Result<Self, StorageError> {
        let row = Row { table: "changes", id: model.change_id };
        let subject = match model.kind.as_str() {
            "message" => Subject::Message(row.id("subject_id", model.subject_id)?),
            "status" => Subject::Status(row.id("subject_id", model.subject_id)?),
            "delivery" => Subject::Delivery(row.id("subject_id", model.subject_id)?),
            "agent" => Subject::Agent(row.id("subject_id", model.subject_id)?),
            "monitor" => Subject::Monitor,
            other => return Err(row.corrupt("kind", format!("'{other}' is not a kind of change"))),
        };
        Ok(Self { id: row.id("change_id", model.change_id)?, fleet: row.id("fleet_id", model.fleet_id)?, subject })
    }
}

/// The two ends of the record.
#[derive(FromQueryResult)]
struct Ends {
    oldest: Option<i64>,
    newest: Option<i64>,
}

pub(super) async fn span<C: ConnectionTrait>(session: &Session<'_, C>) -> Result<ChangeSpan, StorageError> {
    // Two statements in one, for SQLite takes an end from the index only when it is asked for one alone.
    let ends = "SELECT (SELECT min(change_id) FROM changes) AS oldest, (SELECT max(change_id) FROM changes) AS newest";
    let ends: Vec<Ends> = session.all_raw(sql(ends)).await?;
    Ok(match ends.as_slice() {
        [Ends { oldest: Some(oldest), newest: Some(newest) }] => ChangeSpan { forgotten: oldest - 1, newest: *newest },
        _ => ChangeSpan::default(),
    })
}

pub(super) async fn after<C: ConnectionTrait>(
    session: &Session<'_, C>,
    fleet: Option<FleetId>,
    after: i64,
    limit: usize,
) -> Result<Vec<Change>, StorageError> {
    let of_fleet = if fleet.is_some() { " AND fleet_id = ?2" } else { "" };
    let sql = format!(
        "SELECT change_id, fleet_id, kind, subject_id FROM changes WHERE change_id > ?1{of_fleet}
         ORDER BY change_id LIMIT {limit}"
    );
    let values = [Some(after), fleet.map(FleetId::get)].into_iter().flatten().map(Value::from);
    let rows: Vec<ChangeRow> = session.all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    crate::sqlite::convert::all(rows)
}
