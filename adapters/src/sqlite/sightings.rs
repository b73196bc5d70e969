//! Since when agents are seen in their states.

use std::collections::HashMap;

use cafleet_domain::id::AgentId;
use cafleet_domain::ports::StorageError;
use cafleet_domain::screen::ScreenState;
use cafleet_domain::sighting::Sighting;
use cafleet_domain::timestamp::Timestamp;
use sea_orm::sea_query::{OnConflict, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Insert, QueryFilter, QuerySelect, QueryTrait,
};

use super::connection::Connection;
use super::entity::{placements, sightings};
use super::session::Session;

/// Returns what is known of agents.
pub(super) async fn read<C: ConnectionTrait>(
    session: &Session<'_, C>,
    agents: &[AgentId],
) -> Result<HashMap<AgentId, Sighting>, StorageError> {
    let ids = agents.iter().map(|agent| agent.get());
    let select = sightings::Entity::find().filter(sightings::Column::AgentId.is_in(ids)).into_query();
    let rows: Vec<sightings::Model> = session.all(&select).await?;
    let row = |row: sightings::Model| {
        let agent = super::convert::Row { table: "sightings", id: row.agent_id }.id("agent_id", row.agent_id)?;
        Ok((agent, row.try_into()?))
    };
    rows.into_iter().map(row).collect()
}

/// Joins what was seen to what is known, and writes what is news of agents that have a place.
pub(super) async fn note(
    connection: &Connection,
    seen: &[(AgentId, Option<ScreenState>)],
    now: Timestamp,
) -> Result<HashMap<AgentId, Sighting>, StorageError> {
    let agents: Vec<AgentId> = seen.iter().map(|(agent, _)| *agent).collect();
    let known = read(&connection.read().await?, &agents).await?;
    let joined = after(&known, seen, now);
    if news(&known, &joined).next().is_none() {
        return Ok(joined);
    }
    // somebody else may have written in between
    let transaction = connection.write().await?;
    let known = read(&transaction, &agents).await?;
    let joined = after(&known, seen, now);
    let placed: Vec<Placed> = transaction.all(&placed(&agents)).await?;
    let rows: Vec<_> = news(&known, &joined)
        .filter(|(agent, _)| placed.iter().any(|placed| placed.agent_id == agent.get()))
        .map(|(agent, sighting)| sightings::row(agent.get(), sighting))
        .collect();
    if !rows.is_empty() {
        use sightings::Column;
        let again = OnConflict::column(Column::AgentId)
            .update_columns([Column::State, Column::Since, Column::SeenAt])
            .to_owned();
        transaction.execute(&Insert::many(rows).on_conflict(again).into_query()).await?;
        transaction.commit().await?;
    }
    Ok(joined)
}

/// An agent that has a place.
#[derive(FromQueryResult)]
struct Placed {
    agent_id: i64,
}

fn placed(agents: &[AgentId]) -> SelectStatement {
    let ids = agents.iter().map(|agent| agent.get());
    placements::Entity::find()
        .select_only()
        .column(placements::Column::AgentId)
        .filter(placements::Column::AgentId.is_in(ids))
        .into_query()
}

type Sightings = HashMap<AgentId, Sighting>;

fn after(known: &Sightings, seen: &[(AgentId, Option<ScreenState>)], now: Timestamp) -> Sightings {
    let joined = |(agent, state): &(AgentId, Option<ScreenState>)| {
        (*agent, Sighting::after(known.get(agent).copied(), *state, now))
    };
    seen.iter().map(joined).collect()
}

fn news<'a>(known: &'a Sightings, joined: &'a Sightings) -> impl Iterator<Item = (&'a AgentId, &'a Sighting)> {
    joined.iter().filter(|(agent, sighting)| sighting.is_news(known.get(*agent).copied()))
}
