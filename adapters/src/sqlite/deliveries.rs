//! `DeliveryStore`.

use async_trait::async_trait;
use cafleet_domain::delivery::{Delivery, DeliveryState, DeliveryStatus};
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::loop_guard::Exchange;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{DeliveryStore, Exchanged, PendingDeliveries, PendingDelivery};
use cafleet_domain::task::TaskState;
use cafleet_domain::timestamp::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, Iterable, JoinType, QueryFilter, QueryResult, QueryTrait,
};

use super::SqliteStorage;
use super::convert::Row;
use super::entity::{agents, deliveries, tasks};

/// The states in which a doorbell is owed.
pub(super) const OWED: [DeliveryState; 3] = [DeliveryState::Pending, DeliveryState::Held, DeliveryState::Typed];

#[async_trait]
impl DeliveryStore for SqliteStorage {
    async fn pending_deliveries(&self, fleet: FleetId, agent: AgentId) -> Result<PendingDeliveries, StorageError> {
        let session = self.connection.read().await?;
        let begun = pending_rows(session.all(&begun(fleet, agent)).await?)?;
        let fresh = pending_rows(session.all(&fresh(fleet, agent)).await?)?;
        Ok(PendingDeliveries { begun, fresh })
    }

    async fn record_deliveries(
        &self,
        tasks: &[TaskId],
        status: &DeliveryStatus,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        if status.state == DeliveryState::None {
            return Err(StorageError::Failed("'none' is not a state that a doorbell comes to".to_owned()));
        }
        let over = [DeliveryState::Submitted, DeliveryState::Failed];
        let mut update = deliveries::Entity::update_many()
            .col_expr(deliveries::Column::State, Expr::val(status.state.as_str()))
            .col_expr(deliveries::Column::LastError, Expr::val(status.reason.clone()))
            .col_expr(deliveries::Column::Attempts, Expr::col(deliveries::Column::Attempts).add(1))
            .col_expr(deliveries::Column::UpdatedAt, Expr::val(now.to_string()))
            .filter(deliveries::Column::TaskId.is_in(tasks.iter().map(|task| task.get())))
            .filter(deliveries::Column::State.is_not_in(over.map(DeliveryState::as_str)));
        if over.contains(&status.state) {
            update = update.col_expr(deliveries::Column::Typing, Expr::val(false));
        }
        self.connection.single().await?.execute(&update.into_query()).await?;
        Ok(())
    }

    async fn revive_deliveries(&self, agent: AgentId, now: Timestamp) -> Result<bool, StorageError> {
        let waiting = Query::select()
            .column(tasks::Column::TaskId)
            .from(tasks::Entity)
            .and_where(tasks::Column::ToAgentId.eq(agent.get()))
            .and_where(tasks::Column::StatusState.eq(TaskState::InputRequired.as_str()))
            .take();
        let update = deliveries::Entity::update_many()
            .col_expr(deliveries::Column::State, Expr::val(DeliveryState::Pending.as_str()))
            .col_expr(deliveries::Column::LastError, Expr::val(None::<String>))
            .col_expr(deliveries::Column::UpdatedAt, Expr::val(now.to_string()))
            .filter(deliveries::Column::State.eq(DeliveryState::Failed.as_str()))
            .filter(deliveries::Column::TaskId.in_subquery(waiting));
        Ok(self.connection.single().await?.execute(&update.into_query()).await? > 0)
    }

    async fn find_delivery(&self, task: TaskId) -> Result<Option<Delivery>, StorageError> {
        let select = deliveries::Entity::find_by_id(task.get()).into_query();
        let row = self.connection.read().await?.one::<deliveries::Model>(&select).await?;
        row.map(Delivery::try_from).transpose()
    }

    async fn conversation(
        &self,
        [one, other]: [AgentId; 2],
        newest: TaskId,
        limit: u32,
    ) -> Result<Vec<Exchanged>, StorageError> {
        let session = self.connection.read().await?;
        let mut rows: Vec<ExchangeRow> = session.all(&sent(one, other, newest, limit)).await?;
        rows.append(&mut session.all(&sent(other, one, newest, limit)).await?);
        rows.sort_by_key(|row| std::cmp::Reverse(row.task_id));
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        rows.into_iter().map(Exchanged::try_from).collect()
    }
}

/// How far back a conversation is looked for, in tasks of the whole database.
const CONVERSATION_REACH: i64 = 5_000;

/// A message with its doorbell, if it has one.
#[derive(FromQueryResult)]
struct ExchangeRow {
    task_id: i64,
    from_agent_id: i64,
    created_at: String,
    state: Option<String>,
    updated_at: Option<String>,
}

impl TryFrom<ExchangeRow> for Exchanged {
    type Error = StorageError;

    fn try_from(row: ExchangeRow) -> Result<Self, StorageError> {
        let task = Row { table: "tasks", id: row.task_id };
        let delivery = Row { table: "deliveries", id: row.task_id };
        let rung = row.state.as_deref() == Some(DeliveryState::Submitted.as_str());
        let rung_at = row.updated_at.as_deref().filter(|_| rung);
        Ok(Self {
            exchange: Exchange {
                from: task.id("from_agent_id", row.from_agent_id)?,
                at: task.parse("created_at", &row.created_at)?,
            },
            rung_at: delivery.parse_optional("updated_at", rung_at)?,
        })
    }
}

/// The newest messages from one agent to another, up to `newest`.
fn sent(from: AgentId, to: AgentId, newest: TaskId, limit: u32) -> SelectStatement {
    let of_task =
        Expr::col((deliveries::Entity, deliveries::Column::TaskId)).equals((tasks::Entity, tasks::Column::TaskId));
    Query::select()
        .columns([
            (tasks::Entity, tasks::Column::TaskId),
            (tasks::Entity, tasks::Column::FromAgentId),
            (tasks::Entity, tasks::Column::CreatedAt),
        ])
        .columns([(deliveries::Entity, deliveries::Column::State), (deliveries::Entity, deliveries::Column::UpdatedAt)])
        .from(tasks::Entity)
        .join(JoinType::LeftJoin, deliveries::Entity, of_task)
        .and_where(tasks::Column::FromAgentId.eq(from.get()))
        .and_where(tasks::Column::ToAgentId.eq(to.get()))
        .and_where(Expr::col((tasks::Entity, tasks::Column::TaskId)).lte(newest.get()))
        .and_where(Expr::col((tasks::Entity, tasks::Column::TaskId)).gt(newest.get() - CONVERSATION_REACH))
        .order_by((tasks::Entity, tasks::Column::TaskId), Order::Desc)
        .limit(u64::from(limit))
        .take()
}

/// A task with the state of its doorbell.
struct PendingRow {
    task: tasks::Model,
    state: String,
    last_error: Option<String>,
}

impl FromQueryResult for PendingRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            task: tasks::Model::from_query_result(row, prefix)?,
            state: row.try_get(prefix, "state")?,
            last_error: row.try_get(prefix, "last_error")?,
        })
    }
}

fn pending_rows(rows: Vec<PendingRow>) -> Result<Vec<PendingDelivery>, StorageError> {
    rows.into_iter()
        .map(|row| {
            let status = deliveries::status(row.task.task_id, &row.state, row.last_error)?;
            Ok(PendingDelivery { task: row.task.try_into()?, status })
        })
        .collect()
}

/// What is being typed to an agent, in the form that the index of it answers.
pub(super) fn is_typing(agent: AgentId) -> Expr {
    deliveries::Column::AgentId.eq(agent.get()).and(deliveries::Column::Typing.eq(true))
}

/// What is being typed, whatever has become of its tasks.
fn begun(fleet: FleetId, agent: AgentId) -> SelectStatement {
    deliveries_of(fleet).and_where(is_typing(agent)).take()
}

/// Goes from the inbox to the deliveries: what was acknowledged before it was rung for stays owed in its row, and
/// would pile up in an index of owed deliveries.
fn fresh(fleet: FleetId, agent: AgentId) -> SelectStatement {
    deliveries_of(fleet)
        .and_where(tasks::Column::ToAgentId.eq(agent.get()))
        .and_where(tasks::state_is(TaskState::InputRequired))
        .and_where(deliveries::Column::State.is_in(OWED.map(DeliveryState::as_str)))
        .and_where(Expr::col((deliveries::Entity, deliveries::Column::Typing)).not())
        .take()
}

/// The tasks with doorbells of a fleet's agents, by task id.
fn deliveries_of(fleet: FleetId) -> SelectStatement {
    let mut select = Query::select();
    for column in tasks::Column::iter() {
        select.column((tasks::Entity, column));
    }
    select
        .columns([(deliveries::Entity, deliveries::Column::State), (deliveries::Entity, deliveries::Column::LastError)])
        .from(tasks::Entity)
        .join(
            JoinType::InnerJoin,
            deliveries::Entity,
            Expr::col((deliveries::Entity, deliveries::Column::TaskId)).equals((tasks::Entity, tasks::Column::TaskId)),
        )
        .join(
            JoinType::InnerJoin,
            agents::Entity,
            Expr::col((agents::Entity, agents::Column::AgentId)).equals((tasks::Entity, tasks::Column::ToAgentId)),
        )
        .and_where(agents::Column::FleetId.eq(fleet.get()))
        .order_by((tasks::Entity, tasks::Column::TaskId), Order::Asc)
        .take()
}
