//! `FleetStore`.

use async_trait::async_trait;
use cafleet_domain::agent::{Agent, AgentKind, AgentStatus};
use cafleet_domain::fleet::{
    ADMINISTRATOR_DESCRIPTION, ADMINISTRATOR_NAME, DIRECTOR_DESCRIPTION, DIRECTOR_NAME, Fleet, FleetDetail, FleetKey,
    FleetSummary,
};
use cafleet_domain::id::FleetId;
use cafleet_domain::placement::Placement;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{FleetRequest, FleetStore};
use cafleet_domain::timestamp::Timestamp;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Insert, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait,
};

use super::SqliteStorage;
use super::agents::{insert_agent, placed};
use super::convert::Row;
use super::entity::{agents, fleets, monitor_config, monitor_runtime, placements};
use super::session::{Session, Transaction};

/// A fleet with the number of its active agents.
struct CountedRow {
    fleet: fleets::Model,
    agents: i64,
}

impl FromQueryResult for CountedRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self { fleet: fleets::Model::from_query_result(row, prefix)?, agents: row.try_get(prefix, "agent_count")? })
    }
}

#[async_trait]
impl FleetStore for SqliteStorage {
    async fn create_fleet(&self, request: &FleetRequest) -> Result<FleetDetail, StorageError> {
        let transaction = self.connection.write().await?;
        let key = new_key()?;
        let fleet = insert_fleet(&transaction, request, key).await?;
        let agent = |kind, name, description| agents::NewAgent {
            fleet,
            name,
            description,
            kind,
            skills: "[]",
            now: request.now,
        };
        let director = agent(AgentKind::Director, DIRECTOR_NAME, DIRECTOR_DESCRIPTION);
        let director = insert_agent(&transaction, &director).await?;
        let placement = place_director(&transaction, &director, request).await?;
        let administrator = agent(AgentKind::Administrator, ADMINISTRATOR_NAME, ADMINISTRATOR_DESCRIPTION);
        let administrator = insert_agent(&transaction, &administrator).await?.id;
        transaction.commit().await?;
        let fleet = Fleet {
            id: director.fleet,
            label: request.label.clone(),
            created_at: request.now,
            deleted_at: None,
            director: director.id,
            key: Some(key),
        };
        Ok(FleetDetail { fleet, director, placement: Some(placement), administrator })
    }

    async fn list_fleets(&self) -> Result<Vec<FleetSummary>, StorageError> {
        let count = Query::select()
            .expr(agents::Column::AgentId.count())
            .from(agents::Entity)
            .and_where(
                Expr::col((agents::Entity, agents::Column::FleetId)).equals((fleets::Entity, fleets::Column::FleetId)),
            )
            .and_where(agents::Column::Status.eq(AgentStatus::Active.as_str()))
            .take();
        let select = fleets::Entity::find()
            .expr_as(Expr::from(count), "agent_count")
            .filter(fleets::Column::DeletedAt.is_null())
            .order_by_desc(fleets::Column::CreatedAt)
            .order_by_asc(fleets::Column::FleetId)
            .into_query();
        let rows: Vec<CountedRow> = self.connection.read().await?.all(&select).await?;
        rows.into_iter()
            .map(|row| {
                let place = Row { table: "fleets", id: row.fleet.fleet_id };
                let agent_count =
                    u64::try_from(row.agents).map_err(|_| place.corrupt("fleet_id", "a negative number of agents"))?;
                Ok(FleetSummary { fleet: row.fleet.try_into()?, agent_count })
            })
            .collect()
    }

    async fn find_fleet(&self, fleet: FleetId) -> Result<Option<FleetDetail>, StorageError> {
        let session = self.connection.read().await?;
        let select = fleets::Entity::find_by_id(fleet.get()).into_query();
        let Some(found) = session.one::<fleets::Model>(&select).await? else { return Ok(None) };
        let built_in = built_in_agents(fleet);
        let rows = placed(&session, &built_in).await?;
        detail(found.try_into()?, rows).map(Some)
    }

    async fn delete_fleet(&self, fleet: FleetId, now: Timestamp) -> Result<Option<u64>, StorageError> {
        let transaction = self.connection.write().await?;
        let stamp = fleets::Entity::update_many()
            .col_expr(fleets::Column::DeletedAt, Expr::val(now.to_string()))
            .filter(fleets::Column::FleetId.eq(fleet.get()))
            .filter(fleets::Column::DeletedAt.is_null());
        if transaction.execute(&stamp.into_query()).await? == 0 {
            let select = fleets::Entity::find_by_id(fleet.get()).into_query();
            return Ok(transaction.one::<fleets::Model>(&select).await?.map(|_| 0));
        }
        let left = agents::Entity::update_many()
            .col_expr(agents::Column::Status, Expr::val(AgentStatus::Deregistered(now).as_str()))
            .col_expr(agents::Column::DeregisteredAt, Expr::val(now.to_string()))
            .filter(agents::Column::FleetId.eq(fleet.get()))
            .filter(agents::Column::Status.eq(AgentStatus::Active.as_str()));
        let left = transaction.execute(&left.into_query()).await?;
        remove_traces(&transaction, fleet).await?;
        transaction.commit().await?;
        Ok(Some(left))
    }
}

fn new_key() -> Result<FleetKey, StorageError> {
    let bits = getrandom::u32().map_err(|error| StorageError::Failed(format!("no random number: {error}")))?;
    Ok(FleetKey::of(bits))
}

/// Inserts a fleet that has no Director yet, and returns its id.
async fn insert_fleet(
    transaction: &Transaction<'_>,
    request: &FleetRequest,
    key: FleetKey,
) -> Result<i64, StorageError> {
    let row = fleets::ActiveModel {
        fleet_id: NotSet,
        label: Set(request.label.clone()),
        created_at: Set(request.now.to_string()),
        deleted_at: Set(None),
        director_agent_id: Set(None),
        fleet_key: Set(Some(key.to_string())),
    };
    transaction.insert(&Insert::one(row).into_query()).await
}

/// Makes an agent the Director of its fleet, places it in the pane of the request and enrols it in monitoring.
async fn place_director(
    transaction: &Transaction<'_>,
    director: &Agent,
    request: &FleetRequest,
) -> Result<Placement, StorageError> {
    let link = fleets::Entity::update_many()
        .col_expr(fleets::Column::DirectorAgentId, Expr::val(director.id.get()))
        .filter(fleets::Column::FleetId.eq(director.fleet.get()));
    transaction.execute(&link.into_query()).await?;
    let place = placements::NewPlacement {
        agent: director.id.get(),
        director: None,
        multiplexer: request.multiplexer,
        pane: request.pane.as_ref(),
        coding_agent: request.coding_agent,
        directory: None,
        model: None,
        now: request.now,
    };
    transaction.execute(&Insert::one(place.row()).into_query()).await?;
    transaction.execute(&Insert::one(monitor_config::enrolment(director.id.get())).into_query()).await?;
    Ok(Placement {
        agent: director.id,
        director: None,
        multiplexer: request.multiplexer,
        pane: request.pane.clone(),
        coding_agent: request.coding_agent,
        agent_process: None,
        directory: None,
        model: None,
        created_at: request.now,
    })
}

/// Removes what only a live fleet has: placements, monitor configuration and monitor runtime.
async fn remove_traces<C: ConnectionTrait>(session: &Session<'_, C>, fleet: FleetId) -> Result<(), StorageError> {
    let of_fleet = || -> SelectStatement {
        agents::Entity::find()
            .select_only()
            .column(agents::Column::AgentId)
            .filter(agents::Column::FleetId.eq(fleet.get()))
            .into_query()
    };
    let placements = placements::Entity::delete_many().filter(placements::Column::AgentId.in_subquery(of_fleet()));
    session.execute(&placements.into_query()).await?;
    let enrolments =
        monitor_config::Entity::delete_many().filter(monitor_config::Column::AgentId.in_subquery(of_fleet()));
    session.execute(&enrolments.into_query()).await?;
    let runtime = monitor_runtime::Entity::delete_many().filter(monitor_runtime::Column::FleetId.eq(fleet.get()));
    session.execute(&runtime.into_query()).await?;
    Ok(())
}

/// Selects a fleet's Director and Administrator.
fn built_in_agents(fleet: FleetId) -> sea_orm::Select<agents::Entity> {
    agents::Entity::find()
        .filter(agents::Column::FleetId.eq(fleet.get()))
        .filter(agents::Column::Kind.is_in([AgentKind::Director.as_str(), AgentKind::Administrator.as_str()]))
}

fn detail(fleet: Fleet, rows: Vec<(agents::Model, Option<placements::Model>)>) -> Result<FleetDetail, StorageError> {
    let place = Row { table: "fleets", id: fleet.id.get() };
    let mut director = None;
    let mut administrator = None;
    for (agent, placement) in rows {
        let agent: Agent = agent.try_into()?;
        if agent.id == fleet.director {
            director = Some((agent, placement.map(Placement::try_from).transpose()?));
        } else if agent.kind == AgentKind::Administrator {
            administrator = Some(agent.id);
        }
    }
    let (director, placement) =
        director.ok_or_else(|| place.corrupt("director_agent_id", "no Director of this fleet has this id"))?;
    let administrator = administrator.ok_or_else(|| place.corrupt("fleet_id", "the fleet has no Administrator"))?;
    Ok(FleetDetail { fleet, director, placement, administrator })
}
