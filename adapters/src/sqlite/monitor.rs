//! `MonitorStore`.

use std::collections::HashMap;

use async_trait::async_trait;
use cafleet_domain::agent::{AgentStatus, Member};
use cafleet_domain::alert::Alert;
use cafleet_domain::backend::Backend;
use cafleet_domain::delivery::DeliveryState;
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::pane_status::PaneStatus;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{
    Enrolment, Heartbeat, MonitorChange, MonitorClaimed, MonitorConfig, MonitorStore, Unrecognised,
};
use cafleet_domain::screen::ScreenState;
use cafleet_domain::task::TaskState;
use cafleet_domain::timestamp::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Cond, Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, Insert, QueryFilter, QueryOrder, QueryTrait};

use super::SqliteStorage;
use super::agents::{activity_of, if_of_fleet, is_live};
use super::convert::all;
use super::deliveries::OWED;
use super::entity::{agents, deliveries, fleets, monitor_config, monitor_runtime, tasks, unrecognised_screens};
use super::guarded::insert_if;
use super::sightings;

#[async_trait]
impl MonitorStore for SqliteStorage {
    async fn heartbeats(&self) -> Result<Vec<Heartbeat>, StorageError> {
        let select = monitor_runtime::Entity::find().order_by_asc(monitor_runtime::Column::FleetId).into_query();
        all(self.connection.read().await?.all::<monitor_runtime::Model>(&select).await?)
    }

    async fn find_heartbeat(&self, fleet: FleetId) -> Result<Option<Heartbeat>, StorageError> {
        let select = monitor_runtime::Entity::find_by_id(fleet.get()).into_query();
        let row = self.connection.read().await?.one::<monitor_runtime::Model>(&select).await?;
        row.map(Heartbeat::try_from).transpose()
    }

    async fn claim_monitor(
        &self,
        run: &Heartbeat,
        previous: Option<Heartbeat>,
    ) -> Result<MonitorClaimed, StorageError> {
        let transaction = self.connection.write().await?;
        let live = Expr::exists(is_live(run.fleet));
        let claimed = match &previous {
            None => {
                let none = OnConflict::column(monitor_runtime::Column::FleetId).do_nothing().to_owned();
                let mut insert = insert_if(&monitor_runtime::row(run), live)?;
                transaction.execute(insert.on_conflict(none)).await?
            }
            Some(previous) => {
                let update = monitor_runtime::Entity::update_many()
                    .set(monitor_runtime::row(run))
                    .filter(owned_by(previous))
                    .filter(live);
                transaction.execute(&update.into_query()).await?
            }
        };
        if claimed > 0 {
            transaction.commit().await?;
            return Ok(MonitorClaimed::Owner);
        }
        let fleet = fleets::Entity::find_by_id(run.fleet.get()).filter(fleets::Column::DeletedAt.is_null());
        Ok(match transaction.one::<fleets::Model>(&fleet.into_query()).await? {
            Some(_) => MonitorClaimed::Taken,
            None => MonitorClaimed::NoFleet,
        })
    }

    async fn note_pane_statuses(
        &self,
        seen: &[(AgentId, Option<ScreenState>)],
        now: Timestamp,
    ) -> Result<HashMap<AgentId, PaneStatus>, StorageError> {
        sightings::note(&self.connection, seen, now).await
    }

    async fn pane_statuses(&self, agents: &[AgentId]) -> Result<HashMap<AgentId, PaneStatus>, StorageError> {
        sightings::read(&self.connection.read().await?, agents).await
    }

    async fn beat(&self, run: &Heartbeat, now: Timestamp) -> Result<bool, StorageError> {
        let update = monitor_runtime::Entity::update_many()
            .col_expr(monitor_runtime::Column::LastTickAt, Expr::val(now.to_string()))
            .filter(owned_by(run))
            .filter(Expr::exists(is_live(run.fleet)));
        Ok(self.connection.single().await?.execute(&update.into_query()).await? == 1)
    }

    async fn release_monitor(&self, run: &Heartbeat) -> Result<(), StorageError> {
        let delete = monitor_runtime::Entity::delete_many().filter(owned_by(run));
        self.connection.single().await?.execute(&delete.into_query()).await?;
        Ok(())
    }

    async fn enrolments(&self, fleet: FleetId) -> Result<Vec<Enrolment>, StorageError> {
        let session = self.connection.read().await?;
        let of_fleet = agents::Entity::find()
            .filter(agents::Column::FleetId.eq(fleet.get()))
            .filter(agents::Column::Status.eq(AgentStatus::Active.as_str()));
        let rows: Vec<ScheduleRow> = session.all(&schedules(fleet)).await?;
        let mut schedules: HashMap<i64, ScheduleRow> = rows.into_iter().map(|row| (row.agent_id, row)).collect();
        let mut enrolments = Vec::with_capacity(schedules.len());
        for Member { agent, placement, activity } in activity_of(&session, &of_fleet).await? {
            let Some(row) = schedules.remove(&agent.id.get()) else { continue };
            let (pending, owed) = (u64::try_from(row.pending).unwrap_or(0), row.owed != 0);
            let (config, told) = (row.config()?, row.told()?);
            enrolments.push(Enrolment { config, agent, placement, pending, owed, activity, reported: told });
        }
        Ok(enrolments)
    }

    async fn configure_monitor(
        &self,
        fleet: FleetId,
        agent: AgentId,
        change: MonitorChange,
    ) -> Result<Option<MonitorConfig>, StorageError> {
        let of_fleet = if_of_fleet(fleet, agent);
        let session = self.connection.single().await?;
        if change != MonitorChange::default() {
            let mut update = monitor_config::Entity::update_many()
                .filter(monitor_config::Column::AgentId.in_subquery(of_fleet.clone()));
            if let Some(seconds) = change.interval_seconds {
                update = update.col_expr(monitor_config::Column::IntervalSeconds, Expr::val(seconds));
            }
            if let Some(enabled) = change.enabled {
                update = update.col_expr(monitor_config::Column::Enabled, Expr::val(enabled));
            }
            session.execute(&update.into_query()).await?;
        }
        let select = monitor_config::Entity::find().filter(monitor_config::Column::AgentId.in_subquery(of_fleet));
        session.one::<monitor_config::Model>(&select.into_query()).await?.map(MonitorConfig::try_from).transpose()
    }

    async fn remember_reported(&self, agent: AgentId, reported: Option<Alert>) -> Result<(), StorageError> {
        let update = monitor_config::Entity::update_many()
            .col_expr(monitor_config::Column::Told, Expr::val(reported.map(Alert::as_str)))
            .filter(monitor_config::Column::AgentId.eq(agent.get()));
        self.connection.single().await?.execute(&update.into_query()).await?;
        Ok(())
    }

    async fn count_unrecognised(&self, backend: Backend, version: &str, now: Timestamp) -> Result<(), StorageError> {
        use unrecognised_screens::{ActiveModel, Column, Entity};
        let row = ActiveModel {
            coding_agent: Set(backend.as_str().to_owned()),
            version: Set(version.to_owned()),
            times: Set(1),
            last_at: Set(now.to_string()),
        };
        let again = OnConflict::columns([Column::CodingAgent, Column::Version])
            .value(Column::Times, Expr::col((Entity, Column::Times)).add(1))
            .update_column(Column::LastAt)
            .to_owned();
        let insert = Insert::one(row).on_conflict(again);
        self.connection.single().await?.execute(&insert.into_query()).await?;
        Ok(())
    }

    async fn unrecognised(&self) -> Result<Vec<Unrecognised>, StorageError> {
        let select = unrecognised_screens::Entity::find()
            .order_by_asc(unrecognised_screens::Column::CodingAgent)
            .order_by_desc(unrecognised_screens::Column::LastAt)
            .into_query();
        all(self.connection.read().await?.all::<unrecognised_screens::Model>(&select).await?)
    }

    async fn stamp_ping(&self, agent: AgentId, now: Timestamp) -> Result<(), StorageError> {
        let update = monitor_config::Entity::update_many()
            .col_expr(monitor_config::Column::LastPingAt, Expr::val(now.to_string()))
            .filter(monitor_config::Column::AgentId.eq(agent.get()));
        self.connection.single().await?.execute(&update.into_query()).await?;
        Ok(())
    }
}

/// The row of a run: whoever took over has another process id or another start.
fn owned_by(run: &Heartbeat) -> Cond {
    Cond::all()
        .add(monitor_runtime::Column::FleetId.eq(run.fleet.get()))
        .add(monitor_runtime::Column::Pid.eq(run.pid))
        .add(monitor_runtime::Column::StartedAt.eq(run.started_at.to_string()))
}

/// When an agent is woken, and what for.
#[derive(FromQueryResult)]
struct ScheduleRow {
    agent_id: i64,
    interval_seconds: i64,
    last_ping_at: Option<String>,
    enabled: bool,
    told: Option<String>,
    pending: i64,
    owed: i64,
}

impl ScheduleRow {
    fn config(&self) -> Result<MonitorConfig, StorageError> {
        MonitorConfig::try_from(monitor_config::Model {
            agent_id: self.agent_id,
            interval_seconds: self.interval_seconds,
            last_ping_at: self.last_ping_at.clone(),
            enabled: self.enabled,
            told: None,
        })
    }

    fn told(&self) -> Result<Option<Alert>, StorageError> {
        monitor_config::told(self.agent_id, self.told.as_deref())
    }
}

fn schedules(fleet: FleetId) -> SelectStatement {
    let enrolled = (monitor_config::Entity, monitor_config::Column::AgentId);
    Query::select()
        .columns([
            (monitor_config::Entity, monitor_config::Column::AgentId),
            (monitor_config::Entity, monitor_config::Column::IntervalSeconds),
            (monitor_config::Entity, monitor_config::Column::LastPingAt),
            (monitor_config::Entity, monitor_config::Column::Enabled),
            (monitor_config::Entity, monitor_config::Column::Told),
        ])
        .expr_as(Expr::from(waiting(false)), Alias::new("pending"))
        .expr_as(Expr::from(waiting(true)).add(Expr::from(unsettled())), Alias::new("owed"))
        .from(monitor_config::Entity)
        .inner_join(agents::Entity, Expr::col((agents::Entity, agents::Column::AgentId)).equals(enrolled))
        .and_where(agents::Column::FleetId.eq(fleet.get()))
        .take()
}

/// Counts what waits for an agent; with `owed`, only what it still is to be rung for.
fn waiting(owed: bool) -> SelectStatement {
    let enrolled = (monitor_config::Entity, monitor_config::Column::AgentId);
    let mut select = Query::select()
        .expr(Expr::col((tasks::Entity, tasks::Column::TaskId)).count())
        .from(tasks::Entity)
        .and_where(Expr::col((tasks::Entity, tasks::Column::ToAgentId)).equals(enrolled))
        .and_where(tasks::state_is(TaskState::InputRequired))
        .take();
    if owed {
        let of_task =
            Expr::col((deliveries::Entity, deliveries::Column::TaskId)).equals((tasks::Entity, tasks::Column::TaskId));
        select
            .inner_join(deliveries::Entity, of_task)
            .and_where(deliveries::Column::State.is_in(OWED.map(DeliveryState::as_str)));
    }
    select
}

/// Counts what an agent was typed of which it is not recorded that it was submitted, also when it has been acknowledged since.
fn unsettled() -> SelectStatement {
    let enrolled = (monitor_config::Entity, monitor_config::Column::AgentId);
    Query::select()
        .expr(Expr::col((deliveries::Entity, deliveries::Column::TaskId)).count())
        .from(deliveries::Entity)
        .and_where(Expr::col((deliveries::Entity, deliveries::Column::AgentId)).equals(enrolled))
        .and_where(deliveries::Column::Typing.eq(true))
        .and_where(deliveries::Column::State.is_in(OWED.map(DeliveryState::as_str)))
        .take()
}
