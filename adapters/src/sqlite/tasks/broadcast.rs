//! Storing a broadcast: any number of recipients in one transaction.

use cafleet_domain::agent::{Agent, AgentStatus};
use cafleet_domain::broadcast::{receives, summary_text};
use cafleet_domain::id::TaskId;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{BroadcastRequest, BroadcastStored, Sent, TaskStored};
use cafleet_domain::task::{Task, TaskKind, TaskState};
use sea_orm::sea_query::{Alias, Cond, Expr, InsertStatement, Query};
use sea_orm::{ColumnTrait, EntityTrait, Insert, QueryFilter, QueryTrait};

use super::unassigned;
use crate::sqlite::agents::placed;
use crate::sqlite::convert::Row;
use crate::sqlite::entity::{agents, deliveries, tasks};
use crate::sqlite::session::Transaction;

/// Rows of one statement. Enough to make round trips rare, and far below SQLite's 32,766 parameters.
const ROWS: usize = 500;

/// Stores the summary, one task for each recipient, and a delivery for each that is to be rung.
pub(super) async fn store(
    transaction: Transaction<'_>,
    request: &BroadcastRequest,
) -> Result<Sent<BroadcastStored>, StorageError> {
    // The sender's row is wanted in any state, those of the others only when they are active.
    let parties = agents::Entity::find().filter(agents::Column::FleetId.eq(request.fleet.get())).filter(
        Cond::any()
            .add(agents::Column::Status.eq(AgentStatus::Active.as_str()))
            .add(agents::Column::AgentId.eq(request.from.get())),
    );
    let mut sender = None;
    let mut recipients = Vec::new();
    for (agent, placement) in placed(&transaction, &parties).await? {
        let is_placed = placement.is_some();
        let agent: Agent = agent.try_into()?;
        if receives(&agent, request.from) {
            recipients.push((agent.id, is_placed));
        } else if agent.id == request.from {
            sender = Some(agent);
        }
    }
    match sender {
        None => return Ok(Sent::UnknownSender),
        Some(sender) if !sender.is_active() => return Ok(Sent::SenderLeft),
        Some(_) => {}
    }
    let summary = insert_summary(&transaction, request, recipients.len()).await?;
    let mut stored = Vec::with_capacity(recipients.len());
    // The lock is ours, so the ids after the summary's are too.
    for ((to, rings), id) in recipients.into_iter().zip(summary.id.get() + 1..) {
        let id = Row { table: "tasks", id }.id("task_id", id)?;
        let task =
            Task { origin: Some(summary.id), ..super::unicast(request.from, to, &request.text, request.now, id) };
        stored.push(TaskStored { task, rings });
    }
    for rows in stored.chunks(ROWS) {
        transaction.execute(&insert_tasks(request, summary.id, rows)?).await?;
        let ringing: Vec<_> = rows.iter().filter(|row| row.rings).map(|row| deliveries::pending(&row.task)).collect();
        if !ringing.is_empty() {
            transaction.execute(&Insert::many(ringing).into_query()).await?;
        }
    }
    transaction.commit().await?;
    Ok(Sent::Stored(BroadcastStored { summary, deliveries: stored }))
}

async fn insert_summary(
    transaction: &Transaction<'_>,
    request: &BroadcastRequest,
    recipients: usize,
) -> Result<Task, StorageError> {
    let mut summary = Task {
        id: unassigned()?,
        context: request.from,
        from: request.from,
        to: None,
        kind: TaskKind::BroadcastSummary,
        created_at: request.now,
        state: TaskState::Completed,
        state_at: request.now,
        origin: None,
        text: summary_text(recipients),
        is_notice: false,
    };
    let id = transaction.insert(&Insert::one(tasks::row(&summary)).into_query()).await?;
    summary.id = Row { table: "tasks", id }.id("task_id", id)?;
    summary.origin = Some(summary.id);
    let own_origin = tasks::Entity::update_many()
        .col_expr(tasks::Column::OriginTaskId, Expr::val(id))
        .filter(tasks::Column::TaskId.eq(id));
    transaction.execute(&own_origin.into_query()).await?;
    Ok(summary)
}

/// Inserts the tasks of a broadcast from a list of ids and recipients; everything that they share, the text above
/// all, is passed to SQLite once.
fn insert_tasks(
    request: &BroadcastRequest,
    origin: TaskId,
    rows: &[TaskStored],
) -> Result<InsertStatement, StorageError> {
    let recipients = rows.iter().map(|row| (row.task.id.get(), row.task.context.get()));
    // The names that SQLite gives to the columns of a list of values.
    let (id, recipient) = (Alias::new("column1"), Alias::new("column2"));
    let now = request.now.to_string();
    let source = Query::select()
        .column(id)
        .column(recipient.clone())
        .expr(Expr::val(request.from.get()))
        .column(recipient)
        .expr(Expr::val(TaskKind::Unicast.as_str()))
        .expr(Expr::val(now.as_str()))
        .expr(Expr::val(TaskState::InputRequired.as_str()))
        .expr(Expr::val(now.as_str()))
        .expr(Expr::val(origin.get()))
        .expr(Expr::val(request.text.as_str()))
        .from_values(recipients, Alias::new("recipients"))
        .take();
    let mut insert = Query::insert();
    insert.into_table(tasks::Entity).columns([
        tasks::Column::TaskId,
        tasks::Column::ContextId,
        tasks::Column::FromAgentId,
        tasks::Column::ToAgentId,
        tasks::Column::Kind,
        tasks::Column::CreatedAt,
        tasks::Column::StatusState,
        tasks::Column::StatusTimestamp,
        tasks::Column::OriginTaskId,
        tasks::Column::Text,
    ]);
    insert.select_from(source).map_err(|error| StorageError::Failed(error.to_string()))?;
    Ok(insert)
}
