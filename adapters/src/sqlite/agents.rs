//! `AgentStore`.

use async_trait::async_trait;
use cafleet_domain::agent::{Agent, AgentKind, AgentStatus, Member, PlacedAgent};
use cafleet_domain::backend::Backend;
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::name::is_confusable;
use cafleet_domain::placement::{Pane, Placement};
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{AgentStore, Deregistered, MemberRequest, Registered, Registration};
use cafleet_domain::process::AgentProcess;
use cafleet_domain::timestamp::Timestamp;
use sea_orm::sea_query::{Cond, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Insert, JoinType, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, RelationTrait, Select,
};

use super::SqliteStorage;
use super::convert::Row;
use super::entity::{agents, fleets, monitor_config, placements, tasks};
use super::guarded::insert_if;
use super::session::{Session, Transaction};

mod activity;

pub(super) use activity::activity_of;

#[async_trait]
impl AgentStore for SqliteStorage {
    async fn register_agent(&self, request: &Registration) -> Result<Registered, StorageError> {
        let transaction = self.connection.write().await?;
        match register(&transaction, request, AgentKind::User, is_live(request.fleet)).await? {
            Registered::Agent(agent) => {
                transaction.commit().await?;
                Ok(Registered::Agent(agent))
            }
            refused => Ok(refused),
        }
    }

    async fn register_member(&self, request: &MemberRequest) -> Result<Registered, StorageError> {
        let transaction = self.connection.write().await?;
        let is_director = fleets::Column::DirectorAgentId.eq(request.director.get());
        let live = is_live(request.registration.fleet).and_where(is_director).take();
        let agent = match register(&transaction, &request.registration, AgentKind::Member, live).await? {
            Registered::Agent(agent) => agent,
            refused => return Ok(refused),
        };
        let place = placements::NewPlacement {
            agent: agent.id.get(),
            director: Some(request.director.get()),
            multiplexer: request.multiplexer,
            pane: None,
            coding_agent: request.coding_agent,
            directory: request.directory.to_str(),
            model: request.model.as_deref(),
            now: request.registration.now,
        };
        transaction.execute(&Insert::one(place.row()).into_query()).await?;
        transaction.execute(&Insert::one(monitor_config::enrolment(agent.id.get())).into_query()).await?;
        transaction.commit().await?;
        Ok(Registered::Agent(agent))
    }

    async fn record_pane(&self, fleet: FleetId, agent: AgentId, pane: &Pane) -> Result<bool, StorageError> {
        let update = placements::Entity::update_many()
            .col_expr(placements::Column::Server, Expr::val(pane.server.to_string()))
            .col_expr(placements::Column::PanePid, Expr::val(i64::from(pane.pid)))
            .col_expr(placements::Column::TmuxSession, Expr::val(pane.session.as_str()))
            .col_expr(placements::Column::TmuxWindowId, Expr::val(pane.window.as_str()))
            .col_expr(placements::Column::TmuxPaneId, Expr::val(pane.id.as_str()))
            .filter(placements::Column::AgentId.in_subquery(if_of_fleet(fleet, agent)))
            .filter(placements::Column::TmuxPaneId.is_null());
        Ok(self.connection.single().await?.execute(&update.into_query()).await? == 1)
    }

    async fn replace_pane(&self, fleet: FleetId, agent: AgentId, old: &Pane, new: &Pane) -> Result<bool, StorageError> {
        let update = placements::Entity::update_many()
            .col_expr(placements::Column::Multiplexer, Expr::val(new.multiplexer.as_str()))
            .col_expr(placements::Column::Server, Expr::val(new.server.to_string()))
            .col_expr(placements::Column::PanePid, Expr::val(i64::from(new.pid)))
            .col_expr(placements::Column::TmuxSession, Expr::val(new.session.as_str()))
            .col_expr(placements::Column::TmuxWindowId, Expr::val(new.window.as_str()))
            .col_expr(placements::Column::TmuxPaneId, Expr::val(new.id.as_str()))
            .col_expr(placements::Column::AgentProcess, Expr::val(None::<String>))
            .col_expr(placements::Column::TypingUntil, Expr::val(None::<String>))
            .filter(placements::Column::AgentId.in_subquery(if_of_fleet(fleet, agent)))
            .filter(placements::Column::Server.eq(old.server.to_string()))
            .filter(placements::Column::PanePid.eq(i64::from(old.pid)))
            .filter(placements::Column::TmuxPaneId.eq(old.id.as_str()));
        Ok(self.connection.single().await?.execute(&update.into_query()).await? == 1)
    }

    async fn record_agent_process(
        &self,
        agent: AgentId,
        backend: Backend,
        process: &AgentProcess,
    ) -> Result<(), StorageError> {
        let update = placements::Entity::update_many()
            .col_expr(placements::Column::CodingAgent, Expr::val(backend.as_str()))
            .col_expr(placements::Column::AgentProcess, Expr::val(process.to_string()))
            .filter(placements::Column::AgentId.eq(agent.get()));
        self.connection.single().await?.execute(&update.into_query()).await?;
        Ok(())
    }

    async fn withdraw_member(&self, fleet: FleetId, agent: AgentId, now: Timestamp) -> Result<(), StorageError> {
        let transaction = self.connection.write().await?;
        let tasks_with = |end: tasks::Column| {
            Expr::exists(Query::select().column(end).from(tasks::Entity).and_where(end.eq(agent.get())).take())
        };
        let unknown_to_all = agents::Entity::delete_many()
            .filter(present(fleet, agent, &[AgentKind::Member]))
            .filter(tasks_with(tasks::Column::ContextId).not())
            .filter(tasks_with(tasks::Column::FromAgentId).not());
        // the placement and the enrolment go with it
        let is_gone = transaction.execute(&unknown_to_all.into_query()).await? > 0
            || leave(&transaction, fleet, agent, &[AgentKind::Member], now).await?;
        if is_gone {
            transaction.commit().await?;
        }
        Ok(())
    }

    async fn list_agents(&self, fleet: FleetId) -> Result<Option<Vec<Agent>>, StorageError> {
        let session = self.connection.read().await?;
        let active = agents::Entity::find()
            .filter(agents::Column::FleetId.eq(fleet.get()))
            .filter(agents::Column::Status.eq(AgentStatus::Active.as_str()))
            .order_by_asc(agents::Column::AgentId);
        let rows: Vec<agents::Model> = session.all(&active.into_query()).await?;
        // A live fleet has agents, so the second question is only asked about deleted and unknown ones.
        if rows.is_empty() && !fleet_exists(&session, fleet).await? {
            return Ok(None);
        }
        super::convert::all(rows).map(Some)
    }

    async fn find_agent(&self, fleet: FleetId, agent: AgentId) -> Result<Option<PlacedAgent>, StorageError> {
        let session = self.connection.read().await?;
        let select = agents::Entity::find_by_id(agent.get()).filter(agents::Column::FleetId.eq(fleet.get()));
        let row = placed(&session, &select).await?.into_iter().next();
        row.map(placed_agent).transpose()
    }

    async fn agents_in_pane(&self, pane: &Pane) -> Result<Vec<PlacedAgent>, StorageError> {
        let session = self.connection.read().await?;
        let select = agents::Entity::find()
            .filter(agents::Column::Status.eq(AgentStatus::Active.as_str()))
            .filter(placements::Column::TmuxPaneId.eq(pane.id.as_str()))
            .filter(placements::Column::PanePid.eq(i64::from(pane.pid)));
        let rows = placed(&session, &select).await?.into_iter().map(placed_agent);
        let agents: Vec<PlacedAgent> = rows.collect::<Result<_, _>>()?;
        let is_there = |agent: &PlacedAgent| {
            let placement = agent.placement.as_ref();
            placement.and_then(|placement| placement.pane.as_ref()).is_some_and(|found| found.is_same(pane))
        };
        Ok(agents.into_iter().filter(is_there).collect())
    }

    async fn list_members(&self, fleet: FleetId) -> Result<Option<Vec<Member>>, StorageError> {
        let session = self.connection.read().await?;
        let members = agents::Entity::find()
            .filter(agents::Column::FleetId.eq(fleet.get()))
            .filter(agents::Column::Status.eq(AgentStatus::Active.as_str()))
            .filter(agents::Column::Kind.eq(AgentKind::Member.as_str()));
        let rows = activity_of(&session, &members).await?;
        if rows.is_empty() && !fleet_exists(&session, fleet).await? {
            return Ok(None);
        }
        Ok(Some(rows))
    }

    async fn deregister_agent(
        &self,
        fleet: FleetId,
        agent: AgentId,
        now: Timestamp,
    ) -> Result<Deregistered, StorageError> {
        let transaction = self.connection.write().await?;
        if leave(&transaction, fleet, agent, &[AgentKind::Member, AgentKind::User], now).await? {
            transaction.commit().await?;
            return Ok(Deregistered::Done);
        }
        let select = agents::Entity::find_by_id(agent.get()).filter(agents::Column::FleetId.eq(fleet.get()));
        let found = transaction.one::<agents::Model>(&select.into_query()).await?.map(Agent::try_from).transpose()?;
        Ok(match found.map(|agent| agent.kind) {
            None => Deregistered::Unknown,
            Some(AgentKind::Director) => Deregistered::RootDirector,
            Some(AgentKind::Administrator) => Deregistered::Administrator,
            Some(AgentKind::Member | AgentKind::User) => Deregistered::Done,
        })
    }
}

fn placed_agent((agent, placement): (agents::Model, Option<placements::Model>)) -> Result<PlacedAgent, StorageError> {
    Ok(PlacedAgent { agent: agent.try_into()?, placement: placement.map(Placement::try_from).transpose()? })
}

/// Selects the agent's id if the agent belongs to the fleet.
pub(super) fn if_of_fleet(fleet: FleetId, agent: AgentId) -> SelectStatement {
    Query::select()
        .column(agents::Column::AgentId)
        .from(agents::Entity)
        .and_where(agents::Column::AgentId.eq(agent.get()))
        .and_where(agents::Column::FleetId.eq(fleet.get()))
        .take()
}

/// Holds while the agent belongs to the fleet and has not left.
pub(super) fn is_active(fleet: FleetId, agent: AgentId) -> Expr {
    let active = agents::Column::Status.eq(AgentStatus::Active.as_str());
    Expr::exists(if_of_fleet(fleet, agent).and_where(active).take())
}

/// Selects the fleet if it takes agents.
pub(super) fn is_live(fleet: FleetId) -> SelectStatement {
    Query::select()
        .column(fleets::Column::FleetId)
        .from(fleets::Entity)
        .and_where(fleets::Column::FleetId.eq(fleet.get()))
        .and_where(fleets::Column::DeletedAt.is_null())
        .take()
}

/// Inserts an agent if `live` selects its fleet, and if no other one looks like it; says why not.
async fn register(
    transaction: &Transaction<'_>,
    request: &Registration,
    kind: AgentKind,
    live: SelectStatement,
) -> Result<Registered, StorageError> {
    let row = new_agent(request, kind).row()?;
    let Some(id) = transaction.insert_if(&insert_if(&row, Expr::exists(live))?).await? else {
        return no_place(transaction, request.fleet).await;
    };
    let agent = numbered(row, id)?;
    Ok(match look_alike(transaction, &agent).await? {
        Some((agent, name)) => Registered::LooksLike { agent, name },
        None => Registered::Agent(agent),
    })
}

/// Returns an active agent of the same fleet whose name is another one and looks like the agent's.
async fn look_alike(transaction: &Transaction<'_>, new: &Agent) -> Result<Option<(AgentId, String)>, StorageError> {
    let active = agents::Entity::find()
        .filter(agents::Column::FleetId.eq(new.fleet.get()))
        .filter(agents::Column::Status.eq(AgentStatus::Active.as_str()))
        .into_query();
    let active: Vec<agents::Model> = transaction.all(&active).await?;
    let Some(other) = active.into_iter().find(|agent| is_confusable(&agent.name, &new.name)) else {
        return Ok(None);
    };
    let agent = Row { table: "agents", id: other.agent_id }.id("agent_id", other.agent_id)?;
    Ok(Some((agent, other.name)))
}

/// Says why a fleet took no agent.
async fn no_place(transaction: &Transaction<'_>, fleet: FleetId) -> Result<Registered, StorageError> {
    let select = fleets::Entity::find_by_id(fleet.get()).into_query();
    Ok(match transaction.one::<fleets::Model>(&select).await? {
        None => Registered::UnknownFleet,
        Some(found) if found.deleted_at.is_some() => Registered::DeletedFleet,
        Some(_) => Registered::NotRootDirector,
    })
}

async fn fleet_exists<C: ConnectionTrait>(session: &Session<'_, C>, fleet: FleetId) -> Result<bool, StorageError> {
    let select = fleets::Entity::find_by_id(fleet.get()).into_query();
    Ok(session.one::<fleets::Model>(&select).await?.is_some())
}

fn new_agent(request: &Registration, kind: AgentKind) -> agents::NewAgent<'_> {
    agents::NewAgent {
        fleet: request.fleet.get(),
        name: &request.name,
        description: &request.description,
        kind,
        skills: &request.skills,
        now: request.now,
    }
}

/// Inserts an agent and returns it as a later lookup would.
pub(super) async fn insert_agent(
    transaction: &Transaction<'_>,
    agent: &agents::NewAgent<'_>,
) -> Result<Agent, StorageError> {
    let row = agent.row()?;
    let id = transaction.insert(&Insert::one(row.clone()).into_query()).await?;
    numbered(row, id)
}

fn numbered(mut row: agents::ActiveModel, id: i64) -> Result<Agent, StorageError> {
    row.agent_id = sea_orm::ActiveValue::Set(id);
    agents::Model::try_from(row).map_err(|error| StorageError::Failed(error.to_string()))?.try_into()
}

/// Holds for the agent while it belongs to the fleet, has not left, and is of one of these kinds.
fn present(fleet: FleetId, agent: AgentId, kinds: &[AgentKind]) -> Cond {
    Cond::all()
        .add(agents::Column::AgentId.eq(agent.get()))
        .add(agents::Column::FleetId.eq(fleet.get()))
        .add(agents::Column::Status.eq(AgentStatus::Active.as_str()))
        .add(agents::Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
}

/// Marks a present agent as gone and removes what only a present one has. Returns `true` if there was such an agent.
async fn leave(
    transaction: &Transaction<'_>,
    fleet: FleetId,
    agent: AgentId,
    kinds: &[AgentKind],
    now: Timestamp,
) -> Result<bool, StorageError> {
    let update = agents::Entity::update_many()
        .col_expr(agents::Column::Status, Expr::val(AgentStatus::Deregistered(now).as_str()))
        .col_expr(agents::Column::DeregisteredAt, Expr::val(now.to_string()))
        .filter(present(fleet, agent, kinds));
    if transaction.execute(&update.into_query()).await? == 0 {
        return Ok(false);
    }
    transaction.execute(&placements::Entity::delete_by_id(agent.get()).into_query()).await?;
    transaction.execute(&monitor_config::Entity::delete_by_id(agent.get()).into_query()).await?;
    Ok(true)
}

/// The columns of an agent and, prefixed, those of its placement.
pub(super) struct PlacedRow(pub(super) agents::Model, pub(super) Option<placements::Model>);

/// Keeps the columns of the two tables apart where they have the same name.
const PLACEMENT: &str = "placement_";

impl FromQueryResult for PlacedRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let placement = Option::<placements::Model>::from_query_result(row, PLACEMENT)?;
        Ok(Self(agents::Model::from_query_result(row, prefix)?, placement))
    }
}

/// Returns the selected agents by id, each with its placement.
pub(super) async fn placed<C: ConnectionTrait>(
    session: &Session<'_, C>,
    agents: &Select<agents::Entity>,
) -> Result<Vec<(agents::Model, Option<placements::Model>)>, StorageError> {
    let select = with_placement(agents.clone(), JoinType::LeftJoin).into_query();
    let rows: Vec<PlacedRow> = session.all(&select).await?;
    Ok(rows.into_iter().map(|PlacedRow(agent, placement)| (agent, placement)).collect())
}

pub(super) fn with_placement(agents: Select<agents::Entity>, join: JoinType) -> Select<agents::Entity> {
    use sea_orm::{IdenStatic, Iterable};
    let joined = agents.join(join, agents::Relation::Placement.def()).order_by_asc(agents::Column::AgentId);
    placements::Column::iter()
        .fold(joined, |select, column| select.column_as(column, format!("{PLACEMENT}{}", column.as_str())))
}
