//! `TaskStore`.

use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::agent::AgentStatus;
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{
    Acknowledged, BroadcastRequest, BroadcastStored, Canceled, SendRequest, Sent, TaskStore, TaskStored,
};
use cafleet_domain::task::{Task, TaskKind, TaskState, Transition};
use cafleet_domain::timestamp::Timestamp;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, IntoCondition, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, Insert, JoinType, QueryFilter, QuerySelect, QueryTrait, RelationTrait,
};

use super::SqliteStorage;
use super::convert::Row;
use super::entity::{agents, deliveries, placements, tasks};
use super::session::Transaction;

mod broadcast;
mod waiting;

#[async_trait]
impl TaskStore for SqliteStorage {
    async fn send(&self, request: &SendRequest) -> Result<Sent<TaskStored>, StorageError> {
        let transaction = self.connection.write().await?;
        let parties: Vec<Party> = transaction.all(&parties(request.fleet, [request.from, request.to])).await?;
        let find = |agent: AgentId| parties.iter().find(|party| party.agent_id == agent.get());
        match find(request.from) {
            None => return Ok(Sent::UnknownSender),
            Some(sender) if !sender.is_active()? => return Ok(Sent::SenderLeft),
            Some(_) => {}
        }
        let recipient = match find(request.to) {
            Some(recipient) if recipient.is_active()? => recipient,
            _ => return Ok(Sent::RecipientNotActive),
        };
        let rings = recipient.is_placed && request.from != request.to;
        // The id is the database's to say; until then any stands in its place.
        let task = unicast(request.from, request.to, &request.text, request.now, unassigned()?);
        let mut task = Task { is_notice: request.is_notice, ..task };
        let id = transaction.insert(&Insert::one(tasks::row(&task)).into_query()).await?;
        task.id = Row { table: "tasks", id }.id("task_id", id)?;
        if rings {
            transaction.execute(&Insert::one(deliveries::pending(&task)).into_query()).await?;
        }
        transaction.commit().await?;
        Ok(Sent::Stored(TaskStored { task, rings }))
    }

    async fn broadcast(&self, request: &BroadcastRequest) -> Result<Sent<BroadcastStored>, StorageError> {
        broadcast::store(self.connection.write().await?, request).await
    }

    async fn inbox(&self, fleet: FleetId, agent: AgentId) -> Result<Option<Vec<Task>>, StorageError> {
        let waiting = tasks::Column::ToAgentId.eq(agent.get()).and(tasks::state_is(TaskState::InputRequired));
        let select = agent_and_tasks(fleet, agent, waiting);
        let rows: Vec<Option<tasks::Model>> = self.connection.read().await?.all(&select).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        super::convert::all(rows.into_iter().flatten().collect()).map(Some)
    }

    async fn acknowledge(
        &self,
        fleet: FleetId,
        agent: AgentId,
        task: TaskId,
        now: Timestamp,
    ) -> Result<Acknowledged, StorageError> {
        let transaction = self.connection.write().await?;
        let found: Option<Option<tasks::Model>> = transaction.one(&agent_and_task(fleet, agent, task)).await?;
        let task: Task = match found {
            None => return Ok(Acknowledged::UnknownAgent),
            Some(None) => return Ok(Acknowledged::UnknownTask),
            Some(Some(row)) => row.try_into()?,
        };
        match task.acknowledge(agent) {
            Err(refused) => Ok(Acknowledged::Refused(refused)),
            Ok(Transition::AlreadyThere) => Ok(Acknowledged::Done(task)),
            Ok(Transition::To(state)) => Ok(Acknowledged::Done(move_to(transaction, task, state, now).await?)),
        }
    }

    async fn cancel(
        &self,
        fleet: FleetId,
        agent: AgentId,
        task: TaskId,
        now: Timestamp,
    ) -> Result<Canceled, StorageError> {
        let transaction = self.connection.write().await?;
        let found: Option<Option<tasks::Model>> = transaction.one(&agent_and_task(fleet, agent, task)).await?;
        let task: Task = match found {
            None => return Ok(Canceled::UnknownAgent),
            Some(None) => return Ok(Canceled::UnknownTask),
            Some(Some(row)) => row.try_into()?,
        };
        match task.cancel(agent) {
            Err(refused) => Ok(Canceled::Refused(refused)),
            Ok(Transition::To(state)) => Ok(Canceled::Done(move_to(transaction, task, state, now).await?)),
            Ok(Transition::AlreadyThere) if task.kind == TaskKind::BroadcastSummary => {
                let waiting =
                    tasks::Column::OriginTaskId.eq(task.id.get()).and(tasks::state_is(TaskState::InputRequired));
                transaction.execute(&set_state(waiting, TaskState::Canceled, now)).await?;
                transaction.commit().await?;
                Ok(Canceled::Done(task))
            }
            Ok(Transition::AlreadyThere) => Ok(Canceled::Done(task)),
        }
    }

    async fn find_task(&self, fleet: FleetId, task: TaskId) -> Result<Option<Task>, StorageError> {
        let select = tasks::Entity::find_by_id(task.get()).filter(touches(fleet)).into_query();
        let row = self.connection.read().await?.one::<tasks::Model>(&select).await?;
        row.map(Task::try_from).transpose()
    }

    async fn wait_for_change(&self, timeout: Duration) -> Result<(), StorageError> {
        let session = self.connection.single().await?;
        waiting::wait(&self.connection, &session, timeout).await
    }
}

/// What a send must know about its two agents.
#[derive(FromQueryResult)]
struct Party {
    agent_id: i64,
    status: String,
    deregistered_at: Option<String>,
    /// It has a pane, or is being started.
    is_placed: bool,
}

impl Party {
    fn is_active(&self) -> Result<bool, StorageError> {
        let row = Row { table: "agents", id: self.agent_id };
        Ok(agents::status(&row, &self.status, self.deregistered_at.as_deref())? == AgentStatus::Active)
    }
}

fn parties(fleet: FleetId, agents: [AgentId; 2]) -> SelectStatement {
    agents::Entity::find()
        .select_only()
        .columns([agents::Column::AgentId, agents::Column::Status, agents::Column::DeregisteredAt])
        .column_as(placements::Column::AgentId.is_not_null(), "is_placed")
        .join(JoinType::LeftJoin, agents::Relation::Placement.def())
        .filter(agents::Column::FleetId.eq(fleet.get()))
        .filter(agents::Column::AgentId.is_in(agents.map(AgentId::get)))
        .into_query()
}

/// Stands in the place of an id until the database has assigned one.
fn unassigned() -> Result<TaskId, StorageError> {
    Row { table: "tasks", id: i64::MAX }.id("task_id", i64::MAX)
}

fn unicast(from: AgentId, to: AgentId, text: &str, now: Timestamp, id: TaskId) -> Task {
    Task {
        id,
        context: to,
        from,
        to: Some(to),
        kind: TaskKind::Unicast,
        created_at: now,
        state: TaskState::InputRequired,
        state_at: now,
        origin: None,
        text: text.to_owned(),
        is_notice: false,
    }
}

/// Selects, in one round trip, whether the fleet has the agent (no row: it has not) and the tasks that fulfil a
/// condition, by id (a row of nulls: there are none).
fn agent_and_tasks(fleet: FleetId, agent: AgentId, condition: impl IntoCondition) -> SelectStatement {
    let columns = {
        use sea_orm::Iterable;
        tasks::Column::iter()
    };
    let mut select = Query::select();
    for column in columns {
        select.column((tasks::Entity, column));
    }
    select
        .from(agents::Entity)
        .join(JoinType::LeftJoin, tasks::Entity, condition.into_condition())
        .and_where(agents::Column::AgentId.eq(agent.get()))
        .and_where(agents::Column::FleetId.eq(fleet.get()))
        .order_by((tasks::Entity, tasks::Column::TaskId), sea_orm::Order::Asc)
        .take()
}

fn agent_and_task(fleet: FleetId, agent: AgentId, task: TaskId) -> SelectStatement {
    agent_and_tasks(fleet, agent, tasks::Column::TaskId.eq(task.get()).and(touches(fleet)))
}

/// Sender or recipient is an agent of the fleet.
fn touches(fleet: FleetId) -> Expr {
    let party = Alias::new("party");
    let column = |column: agents::Column| Expr::col((party.clone(), column));
    let of_fleet = Query::select()
        .expr(Expr::val(1))
        .from_as(agents::Entity, party.clone())
        .and_where(column(agents::Column::AgentId).is_in([
            Expr::col((tasks::Entity, tasks::Column::FromAgentId)),
            Expr::col((tasks::Entity, tasks::Column::ToAgentId)),
        ]))
        .and_where(column(agents::Column::FleetId).eq(fleet.get()))
        .take();
    Expr::exists(of_fleet)
}

fn set_state(condition: Expr, state: TaskState, now: Timestamp) -> sea_orm::sea_query::UpdateStatement {
    tasks::Entity::update_many()
        .col_expr(tasks::Column::StatusState, Expr::val(state.as_str()))
        .col_expr(tasks::Column::StatusTimestamp, Expr::val(now.to_string()))
        .filter(condition)
        .into_query()
}

async fn move_to(
    transaction: Transaction<'_>,
    task: Task,
    state: TaskState,
    now: Timestamp,
) -> Result<Task, StorageError> {
    transaction.execute(&set_state(tasks::Column::TaskId.eq(task.id.get()), state, now)).await?;
    transaction.commit().await?;
    Ok(Task { state, state_at: now, ..task })
}
