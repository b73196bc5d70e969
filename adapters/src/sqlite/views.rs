//! `ViewStore`.

use async_trait::async_trait;
use cafleet_domain::agent::AgentStatus;
use cafleet_domain::delivery::{Delivery, DeliveryState};
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::message::{Message, MessagePage};
use cafleet_domain::placement::Placement;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{MonitorConfig, OverviewedAgent, ViewStore};
use cafleet_domain::task::TaskState;
use sea_orm::sea_query::{Cond, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable, JoinType, QueryFilter, QueryResult,
    QuerySelect, QueryTrait,
};

use super::SqliteStorage;
use super::agents::{PlacedRow, with_placement};
use super::convert::Row;
use super::entity::{agents, deliveries, fleets, monitor_config, tasks};

mod pages;

#[async_trait]
impl ViewStore for SqliteStorage {
    async fn is_live(&self, fleet: FleetId) -> Result<bool, StorageError> {
        let live = fleets::Entity::find_by_id(fleet.get()).filter(fleets::Column::DeletedAt.is_null());
        Ok(self.connection.read().await?.one::<fleets::Model>(&live.into_query()).await?.is_some())
    }

    async fn overview(&self, fleet: FleetId) -> Result<Vec<OverviewedAgent>, StorageError> {
        let rows: Vec<OverviewRow> = self.connection.read().await?.all(&overview(fleet)).await?;
        rows.into_iter().map(OverviewRow::agent).collect()
    }

    async fn received_page(
        &self,
        fleet: FleetId,
        agent: AgentId,
        before: Option<TaskId>,
    ) -> Result<Option<MessagePage>, StorageError> {
        self.page_of(fleet, agent, pages::received(agent, before)).await
    }

    async fn sent_page(
        &self,
        fleet: FleetId,
        agent: AgentId,
        before: Option<TaskId>,
    ) -> Result<Option<MessagePage>, StorageError> {
        self.page_of(fleet, agent, pages::sent(agent, before)).await
    }

    async fn timeline_page(&self, fleet: FleetId, before: Option<TaskId>) -> Result<MessagePage, StorageError> {
        let session = self.connection.read().await?;
        Ok(MessagePage::of(pages::read(&session, pages::timeline(fleet, before)).await?))
    }

    async fn messages(&self, fleet: FleetId, tasks: Vec<TaskId>) -> Result<Vec<Message>, StorageError> {
        let session = self.connection.read().await?;
        let mut found = Vec::with_capacity(tasks.len());
        for tasks in tasks.chunks(pages::IDS) {
            found.append(&mut pages::read(&session, pages::among(fleet, tasks)).await?);
        }
        found.sort_by_key(|message| message.task.id);
        Ok(found)
    }
}

impl SqliteStorage {
    /// Reads a page that is about one agent, if the fleet has it.
    async fn page_of(
        &self,
        fleet: FleetId,
        agent: AgentId,
        page: sea_orm::Statement,
    ) -> Result<Option<MessagePage>, StorageError> {
        let session = self.connection.read().await?;
        let select = agents::Entity::find_by_id(agent.get()).filter(agents::Column::FleetId.eq(fleet.get()));
        if session.one::<agents::Model>(&select.into_query()).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(MessagePage::of(pages::read(&session, page).await?)))
    }
}

/// An agent, its placement, its enrolment, and what waits for it.
struct OverviewRow {
    placed: PlacedRow,
    monitor: Option<monitor_config::Model>,
    pending: i64,
    pending_since: Option<String>,
    stuck: Option<deliveries::Model>,
}

/// Keeps the columns of the enrolment apart from others of the same name.
const MONITOR: &str = "monitor_";

/// The same for the doorbell that did not ring.
const STUCK: &str = "stuck_";

impl FromQueryResult for OverviewRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            placed: PlacedRow::from_query_result(row, prefix)?,
            monitor: Option::<monitor_config::Model>::from_query_result(row, MONITOR)?,
            pending: row.try_get(prefix, "pending")?,
            pending_since: row.try_get(prefix, "pending_since")?,
            stuck: Option::<deliveries::Model>::from_query_result(row, STUCK)?,
        })
    }
}

impl OverviewRow {
    fn agent(self) -> Result<OverviewedAgent, StorageError> {
        let PlacedRow(agent, placement) = self.placed;
        let row = Row { table: "agents", id: agent.agent_id };
        Ok(OverviewedAgent {
            agent: agent.try_into()?,
            placement: placement.map(Placement::try_from).transpose()?,
            monitor: self.monitor.map(MonitorConfig::try_from).transpose()?,
            pending: row.convert("agent_id", self.pending)?,
            pending_since: row.parse_optional("created_at", self.pending_since.as_deref())?,
            stuck: self.stuck.map(Delivery::try_from).transpose()?,
        })
    }
}

fn overview(fleet: FleetId) -> SelectStatement {
    let of_fleet = agents::Entity::find().filter(agents::Column::FleetId.eq(fleet.get())).filter(
        Cond::any()
            .add(agents::Column::Status.eq(AgentStatus::Active.as_str()))
            .add(Expr::exists(tasks_where(tasks::Column::ContextId)))
            .add(Expr::exists(tasks_where(tasks::Column::FromAgentId))),
    );
    let mut waiting = tasks_where(tasks::Column::ToAgentId);
    waiting.clear_selects().expr(tasks::Column::TaskId.count()).and_where(tasks::state_is(TaskState::InputRequired));
    let mut oldest = waiting.clone();
    oldest.clear_selects().column((tasks::Entity, tasks::Column::CreatedAt));
    oldest.order_by((tasks::Entity, tasks::Column::TaskId), Order::Asc).limit(1);
    let mut select = with_placement(of_fleet, JoinType::LeftJoin)
        .expr_as(Expr::from(waiting), "pending")
        .expr_as(Expr::from(oldest), "pending_since")
        .into_query();
    for column in monitor_config::Column::iter() {
        select.expr_as(Expr::col((monitor_config::Entity, column)), format!("{MONITOR}{}", column.as_str()));
    }
    for column in deliveries::Column::iter() {
        select.expr_as(Expr::col((deliveries::Entity, column)), format!("{STUCK}{}", column.as_str()));
    }
    let enrolled = Expr::col((monitor_config::Entity, monitor_config::Column::AgentId));
    select.left_join(monitor_config::Entity, enrolled.equals((agents::Entity, agents::Column::AgentId)));
    select.left_join(deliveries::Entity, Expr::col((deliveries::Entity, deliveries::Column::TaskId)).eq(stuck())).take()
}

/// Selects the oldest task that waits for the agent of the outer statement and whose doorbell did not ring.
fn stuck() -> SelectStatement {
    let bell = |column: deliveries::Column| Expr::col(("bell", column));
    let states = [DeliveryState::Held, DeliveryState::Failed].map(DeliveryState::as_str);
    let mut waiting = tasks_where(tasks::Column::ToAgentId);
    waiting
        .clear_selects()
        .column((tasks::Entity, tasks::Column::TaskId))
        .and_where(tasks::state_is(TaskState::InputRequired));
    let task = Expr::col((tasks::Entity, tasks::Column::TaskId));
    let condition = bell(deliveries::Column::TaskId).eq(task);
    waiting.join_as(JoinType::InnerJoin, deliveries::Entity, "bell", condition);
    waiting.and_where(bell(deliveries::Column::State).is_in(states));
    waiting.order_by((tasks::Entity, tasks::Column::TaskId), Order::Asc).limit(1).take()
}

/// Selects the tasks in which the agent of the outer statement stands in this column.
fn tasks_where(column: tasks::Column) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(tasks::Entity)
        .and_where(Expr::col((tasks::Entity, column)).equals((agents::Entity, agents::Column::AgentId)))
        .take()
}
