//! `db check`: damage of the file, of references, and of the rules of the data model.

use cafleet_domain::agent::Agent;
use cafleet_domain::broadcast::summary_text;
use cafleet_domain::delivery::Delivery;
use cafleet_domain::fleet::Fleet;
use cafleet_domain::pane_status::PaneStatus;
use cafleet_domain::placement::Placement;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{Heartbeat, MonitorConfig, Unrecognised};
use cafleet_domain::task::Task;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Iterable, ModelTrait, PrimaryKeyToColumn,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Value,
};

use super::entity::{
    agents, deliveries, fleets, monitor_config, monitor_runtime, placements, sightings, tasks, unrecognised_screens,
};
use super::session::{Session, Single, sql};

/// SQLite's own checks. Each answers in words of its own.
const OF_SQLITE: [&str; 2] = [
    "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
    "SELECT format('row %s of %s refers to a row of %s that does not exist', rowid, \"table\", parent)
     FROM pragma_foreign_key_check",
];

/// The rules of the data model that no constraint of a table can hold, one statement for each way to break them, which
/// answers in words.
const OF_MODEL: [&str; 11] = [
    // 1. A live fleet has exactly one root Director …
    "SELECT format('fleet %d has no active, placed root Director', fleet_id) FROM fleets WHERE deleted_at IS NULL
     AND NOT EXISTS (SELECT 1 FROM agents JOIN agent_placements USING (agent_id)
       WHERE agents.agent_id = fleets.director_agent_id AND agents.fleet_id = fleets.fleet_id
       AND kind = 'director' AND status = 'active' AND agent_placements.director_agent_id IS NULL)",
    // … and exactly one Administrator, never placed, never enrolled, never a recipient of a broadcast.
    "SELECT format('fleet %d has 0 active Administrators', fleet_id) FROM fleets
     WHERE deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM agents
       WHERE agents.fleet_id = fleets.fleet_id AND kind = 'administrator' AND status = 'active')",
    "SELECT format('Administrator %d has a placement', agent_id) FROM agents JOIN agent_placements USING (agent_id)
     WHERE kind = 'administrator'",
    "SELECT format('Administrator %d is enrolled in monitoring', agent_id) FROM agents
     JOIN monitor_config USING (agent_id) WHERE kind = 'administrator'",
    "SELECT format('task %d is a broadcast to Administrator %d', task_id, agent_id) FROM tasks
     JOIN agents ON agent_id = to_agent_id WHERE kind = 'administrator' AND origin_task_id IS NOT NULL",
    // 2. No nested teams.
    "SELECT format('member %d is not placed under the Director of its fleet', agent_id) FROM agents
     JOIN agent_placements AS place USING (agent_id) JOIN fleets USING (fleet_id)
     WHERE kind = 'member' AND place.director_agent_id IS NOT fleets.director_agent_id",
    // 4. A broadcast is its deliveries and one summary; their number is checked apart.
    "SELECT format('task %d is not what the summary of a broadcast must be', task_id) FROM tasks
     WHERE type = 'broadcast_summary' AND origin_task_id IS NULL",
    "SELECT format('task %d is part of broadcast %d, which has no summary', task_id, origin_task_id) FROM tasks AS part
     WHERE origin_task_id IS NOT NULL AND type = 'unicast' AND NOT EXISTS (SELECT 1 FROM tasks
       WHERE task_id = part.origin_task_id AND type = 'broadcast_summary')",
    // 5. Sender and recipient of a task are in the same fleet.
    "SELECT format('task %d goes from agent %d to agent %d, which are not in the same fleet', task_id, from_agent_id,
       to_agent_id) FROM tasks JOIN agents AS sender ON sender.agent_id = from_agent_id
     JOIN agents AS recipient ON recipient.agent_id = to_agent_id
     WHERE type = 'unicast' AND sender.fleet_id <> recipient.fleet_id",
    // 6. A deregistered agent has no placement and no monitor row.
    "SELECT format('agent %d has left, yet has a placement', agent_id) FROM agents JOIN agent_placements
     USING (agent_id) WHERE status <> 'active'",
    "SELECT format('agent %d has left, yet is enrolled in monitoring', agent_id) FROM agents JOIN monitor_config
     USING (agent_id) WHERE status <> 'active'",
];

/// Rule 4: the summary tells the number of deliveries.
const BROADCASTS: &str = "SELECT task_id, text, (SELECT count(*) FROM tasks AS part
       WHERE part.origin_task_id = summary.task_id AND part.type = 'unicast') AS deliveries
     FROM tasks AS summary WHERE type = 'broadcast_summary'";

/// A finding in words.
struct Finding(String);

impl FromQueryResult for Finding {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        row.try_get_by_index(0).map(Self)
    }
}

/// A summary with the number of its deliveries.
#[derive(FromQueryResult)]
struct Broadcast {
    task_id: i64,
    text: String,
    deliveries: i64,
}

/// Asks statements that answer in words, and returns all answers.
pub(super) async fn ask<C: ConnectionTrait>(
    session: &Session<'_, C>,
    questions: &[impl AsRef<str>],
) -> Result<Vec<String>, StorageError> {
    let mut findings = Vec::new();
    for question in questions {
        let found: Vec<Finding> = session.all_raw(sql(question.as_ref())).await?;
        findings.extend(found.into_iter().map(|Finding(text)| text));
    }
    Ok(findings)
}

/// Returns the damage of the file itself.
pub(super) async fn of_file(session: &Single<'_>) -> Result<Vec<String>, StorageError> {
    ask(session, &OF_SQLITE).await
}

/// How many rows are read at once.
const PAGE: u64 = 1000;

/// Reads every row of every table as commands do, and returns what they would call corrupt.
pub(super) async fn values(session: &Single<'_>) -> Result<Vec<String>, StorageError> {
    let mut findings = of_table::<fleets::Entity, Fleet>(session).await?;
    findings.extend(of_table::<agents::Entity, Agent>(session).await?);
    findings.extend(of_table::<placements::Entity, Placement>(session).await?);
    findings.extend(of_table::<tasks::Entity, Task>(session).await?);
    findings.extend(of_table::<deliveries::Entity, Delivery>(session).await?);
    findings.extend(of_table::<monitor_config::Entity, Enrolled>(session).await?);
    findings.extend(of_table::<monitor_runtime::Entity, Heartbeat>(session).await?);
    findings.extend(of_table::<sightings::Entity, PaneStatus>(session).await?);
    let counted =
        session.all::<unrecognised_screens::Model>(&unrecognised_screens::Entity::find().into_query()).await?;
    findings.extend(counted.into_iter().filter_map(|row| Unrecognised::try_from(row).err()).map(|e| e.to_string()));
    Ok(findings)
}

/// All that is read of an enrolment.
struct Enrolled;

impl TryFrom<monitor_config::Model> for Enrolled {
    type Error = StorageError;

    fn try_from(row: monitor_config::Model) -> Result<Self, StorageError> {
        monitor_config::told(row.agent_id, row.told.as_deref())?;
        MonitorConfig::try_from(row).map(|_| Self)
    }
}

/// Reads every row of a table, page by page along its key.
async fn of_table<E, T>(session: &Single<'_>) -> Result<Vec<String>, StorageError>
where
    E: EntityTrait,
    E::Model: FromQueryResult + ModelTrait<Entity = E>,
    T: TryFrom<E::Model, Error = StorageError>,
{
    let mut findings = Vec::new();
    let Some(key) = E::PrimaryKey::iter().next().map(PrimaryKeyToColumn::into_column) else { return Ok(findings) };
    // an id that is no id may be below 1
    let mut last = i64::MIN;
    loop {
        let select = E::find().filter(key.gt(last)).order_by_asc(key).limit(PAGE).into_query();
        let rows: Vec<E::Model> = match session.all(&select).await {
            Ok(rows) => rows,
            // a value of another type than its column has
            Err(StorageError::Failed(text)) => {
                findings.push(text);
                return Ok(findings);
            }
            Err(error) => return Err(error),
        };
        let Some(Value::BigInt(Some(end))) = rows.last().map(|row| row.get(key)) else { return Ok(findings) };
        last = end;
        findings.extend(rows.into_iter().filter_map(|row| T::try_from(row).err()).map(|error| error.to_string()));
    }
}

/// Runs all checks and returns the findings.
pub(super) async fn run(session: &Single<'_>) -> Result<Vec<String>, StorageError> {
    let mut findings = of_file(session).await?;
    findings.extend(ask(session, &OF_MODEL).await?);
    let broadcasts: Vec<Broadcast> = session.all_raw(sql(BROADCASTS)).await?;
    for Broadcast { task_id, text, deliveries } in broadcasts {
        if usize::try_from(deliveries).map(summary_text) != Ok(text.clone()) {
            findings.push(format!("broadcast {task_id} has {deliveries} deliveries, its summary says '{text}'"));
        }
    }
    Ok(findings)
}
