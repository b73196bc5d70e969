//! Storing a broadcast: any number of recipients in one transaction.

use std::collections::HashSet;

use cafleet_domain::agent::{AgentKind, AgentStatus};
use cafleet_domain::broadcast::summary_text;
use cafleet_domain::id::TaskId;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{BroadcastRequest, BroadcastStored, Sent, TaskStored};
use cafleet_domain::task::{NewTask, TaskKind, TaskState};
use sea_orm::sea_query::{Cond, Expr, InsertStatement, Order, Query, UpdateStatement};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryTrait};

use super::refusal;
use crate::sqlite::agents::is_active;
use crate::sqlite::convert::Row;
use crate::sqlite::entity::{agents, deliveries, tasks};
use crate::sqlite::guarded::{insert_if, insert_selected};
use crate::sqlite::session::Transaction;

/// A task that was stored for a recipient.
#[derive(FromQueryResult)]
struct Part {
    task_id: i64,
    to_agent_id: i64,
}

/// A task of which a delivery was stored.
#[derive(FromQueryResult)]
struct Ringing {
    task_id: i64,
}

/// Stores the summary, one task for each recipient, and a delivery for each that is to be rung.
///
/// Who receives it is selected by the statement that stores the tasks, and what the summary says of it is written when that
/// is known.
pub(super) async fn store(
    transaction: Transaction<'_>,
    request: &BroadcastRequest,
) -> Result<Sent<BroadcastStored>, StorageError> {
    let BroadcastRequest { fleet, from, ref text, now } = *request;
    let task = |to, origin, text| NewTask { from, to, origin, text, created_at: now, is_notice: false };
    let summary = task(None, None, String::new());
    let can = Cond::all().add(is_active(fleet, from));
    let Some(id) = transaction.insert_if(&insert_if(&tasks::row(&summary), can)?).await? else {
        return refusal(&transaction, fleet, [from, from]).await;
    };
    let origin: TaskId = Row { table: "tasks", id }.id("task_id", id)?;
    let mut parts: Vec<Part> = transaction.returning(&insert_parts(request, origin)?).await?;
    parts.sort_by_key(|part| part.task_id);
    let mut pending = deliveries::insert_pending(tasks::Column::OriginTaskId.eq(id))?;
    pending.returning_col(deliveries::Column::TaskId);
    let ringing: Vec<Ringing> = transaction.returning(&pending).await?;
    let ringing: HashSet<i64> = ringing.into_iter().map(|row| row.task_id).collect();
    let summary = task(None, None, summary_text(parts.len())).numbered(origin);
    transaction.execute(&complete(origin, &summary.text)).await?;
    transaction.commit().await?;
    let stored = |Part { task_id, to_agent_id }: Part| {
        let row = Row { table: "tasks", id: task_id };
        let new = task(Some(row.id("to_agent_id", to_agent_id)?), Some(origin), text.clone());
        Ok(TaskStored { task: new.numbered(row.id("task_id", task_id)?), rings: ringing.contains(&task_id) })
    };
    let deliveries = parts.into_iter().map(stored).collect::<Result<_, StorageError>>()?;
    Ok(Sent::Stored(BroadcastStored { summary, deliveries }))
}

/// Inserts a task for each agent that [`receives`](cafleet_domain::broadcast::receives) names, by agent; what they share,
/// the text above all, is passed once.
fn insert_parts(request: &BroadcastRequest, origin: TaskId) -> Result<InsertStatement, StorageError> {
    let now = request.now.to_string();
    let recipients = Query::select()
        .column(agents::Column::AgentId)
        .expr(Expr::val(request.from.get()))
        .column(agents::Column::AgentId)
        .expr(Expr::val(TaskKind::Unicast.as_str()))
        .expr(Expr::val(now.as_str()))
        .expr(Expr::val(TaskState::InputRequired.as_str()))
        .expr(Expr::val(now.as_str()))
        .expr(Expr::val(origin.get()))
        .expr(Expr::val(request.text.as_str()))
        .expr(Expr::val(false))
        .from(agents::Entity)
        .and_where(agents::Column::FleetId.eq(request.fleet.get()))
        .and_where(agents::Column::Status.eq(AgentStatus::Active.as_str()))
        .and_where(agents::Column::AgentId.ne(request.from.get()))
        .and_where(agents::Column::Kind.ne(AgentKind::Administrator.as_str()))
        .order_by(agents::Column::AgentId, Order::Asc)
        .take();
    // all columns but the id
    let mut insert = insert_selected::<tasks::Entity>(tasks::Column::iter().skip(1), recipients)?;
    insert.returning(Query::returning().columns([tasks::Column::TaskId, tasks::Column::ToAgentId]));
    Ok(insert)
}

/// Makes a summary name itself, and say to how many recipients the broadcast went.
fn complete(summary: TaskId, text: &str) -> UpdateStatement {
    tasks::Entity::update_many()
        .col_expr(tasks::Column::OriginTaskId, Expr::val(summary.get()))
        .col_expr(tasks::Column::Text, Expr::val(text))
        .filter(tasks::Column::TaskId.eq(summary.get()))
        .into_query()
}
