//! `TaskStore`.

use async_trait::async_trait;
use cafleet_domain::agent::AgentStatus;
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{
    Acknowledged, BroadcastRequest, BroadcastStored, Canceled, SendRequest, Sent, TaskStore, TaskStored,
};
use cafleet_domain::task::{NewTask, Task, TaskState, Transition};
use cafleet_domain::timestamp::Timestamp;
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait, IntoCondition, Query, SelectStatement, UpdateStatement};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect, QueryTrait};

use super::SqliteStorage;
use super::agents::{if_of_fleet, is_active};
use super::convert::Row;
use super::entity::{agents, deliveries, tasks};
use super::guarded::insert_if;
use super::session::Transaction;

mod broadcast;

#[async_trait]
impl TaskStore for SqliteStorage {
    async fn send(&self, request: &SendRequest) -> Result<Sent<TaskStored>, StorageError> {
        let SendRequest { fleet, from, to, ref text, is_notice, now } = *request;
        let transaction = self.connection.write().await?;
        let task = NewTask { from, to: Some(to), origin: None, text: text.clone(), created_at: now, is_notice };
        let can = Cond::all().add(is_active(fleet, from)).add(is_active(fleet, to));
        let Some(id) = transaction.insert_if(&insert_if(&tasks::row(&task), can)?).await? else {
            return refusal(&transaction, fleet, [from, to]).await;
        };
        let task = task.numbered(Row { table: "tasks", id }.id("task_id", id)?);
        let rings = from != to && {
            let delivery = deliveries::insert_pending(tasks::Column::TaskId.eq(id))?;
            transaction.execute(&delivery).await? > 0
        };
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
        let waiting = waiting(
            tasks::Column::TaskId.eq(task.get()),
            Expr::col((tasks::Entity, tasks::Column::ToAgentId)),
            fleet,
            agent,
        );
        let changed = transaction.execute(&set_state(waiting, TaskState::Completed, now)).await? > 0;
        let found: Option<Option<tasks::Model>> = transaction.one(&agent_and_task(fleet, agent, task)).await?;
        let task: Task = match found {
            None => return Ok(Acknowledged::UnknownAgent),
            Some(None) => return Ok(Acknowledged::UnknownTask),
            Some(Some(row)) => row.try_into()?,
        };
        match task.acknowledge(agent) {
            Err(refused) => Ok(Acknowledged::Refused(refused)),
            // it came after its state was to change
            Ok(Transition::To(_)) => Ok(Acknowledged::UnknownTask),
            Ok(Transition::AlreadyThere) => {
                if changed {
                    transaction.commit().await?;
                }
                Ok(Acknowledged::Done(task))
            }
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
        let it_or_its_parts = tasks::Column::TaskId.eq(task.get()).or(tasks::Column::OriginTaskId.eq(task.get()));
        let waiting = waiting(it_or_its_parts, Expr::cust(SENDER), fleet, agent);
        let changed = transaction.execute(&set_state(waiting, TaskState::Canceled, now)).await? > 0;
        let found: Option<Option<tasks::Model>> = transaction.one(&agent_and_task(fleet, agent, task)).await?;
        let task: Task = match found {
            None => return Ok(Canceled::UnknownAgent),
            Some(None) => return Ok(Canceled::UnknownTask),
            Some(Some(row)) => row.try_into()?,
        };
        match task.cancel(agent) {
            Err(refused) => Ok(Canceled::Refused(refused)),
            // it came after its state was to change
            Ok(Transition::To(_)) => Ok(Canceled::UnknownTask),
            Ok(Transition::AlreadyThere) => {
                if changed {
                    transaction.commit().await?;
                }
                Ok(Canceled::Done(task))
            }
        }
    }

    async fn find_task(&self, fleet: FleetId, task: TaskId) -> Result<Option<Task>, StorageError> {
        let select = tasks::Entity::find_by_id(task.get()).filter(touches(fleet)).into_query();
        let row = self.connection.read().await?.one::<tasks::Model>(&select).await?;
        row.map(Task::try_from).transpose()
    }
}

/// Says why a task was not stored: who was to send it or to receive it is not there, or has left.
async fn refusal<T>(
    transaction: &Transaction<'_>,
    fleet: FleetId,
    [from, to]: [AgentId; 2],
) -> Result<Sent<T>, StorageError> {
    let parties: Vec<Party> = transaction.all(&parties(fleet, [from, to])).await?;
    let find = |agent: AgentId| parties.iter().find(|party| party.agent_id == agent.get());
    match find(from) {
        None => return Ok(Sent::UnknownSender),
        Some(sender) if !sender.is_active()? => return Ok(Sent::SenderLeft),
        Some(_) => {}
    }
    if let Some(recipient) = find(to) {
        recipient.is_active()?;
    }
    Ok(Sent::RecipientNotActive)
}

/// What decides whether an agent sends and receives.
#[derive(FromQueryResult)]
struct Party {
    agent_id: i64,
    status: String,
    deregistered_at: Option<String>,
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
        .filter(agents::Column::FleetId.eq(fleet.get()))
        .filter(agents::Column::AgentId.is_in(agents.map(AgentId::get)))
        .into_query()
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

/// The sender, not by its index: SQLite would look through all that it has ever sent.
const SENDER: &str = "+from_agent_id";

/// Those of some tasks that wait, if an agent of the fleet stands in this column.
fn waiting(tasks: Expr, end: Expr, fleet: FleetId, agent: AgentId) -> Cond {
    Cond::all()
        .add(tasks)
        .add(end.eq(agent.get()))
        .add(tasks::state_is(TaskState::InputRequired))
        .add(Expr::exists(if_of_fleet(fleet, agent)))
}

fn set_state(condition: Cond, state: TaskState, now: Timestamp) -> UpdateStatement {
    tasks::Entity::update_many()
        .col_expr(tasks::Column::StatusState, Expr::val(state.as_str()))
        .col_expr(tasks::Column::StatusTimestamp, Expr::val(now.to_string()))
        .filter(condition)
        .into_query()
}
