//! Since when agents are seen in their states.

use std::collections::HashMap;

use cafleet_domain::id::AgentId;
use cafleet_domain::pane_status::PaneStatus;
use cafleet_domain::ports::StorageError;
use cafleet_domain::screen::ScreenState;
use cafleet_domain::timestamp::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait, Statement, Value};

use super::connection::Connection;
use super::entity::sightings;
use super::session::Session;

/// Returns what is known of agents.
pub(super) async fn read<C: ConnectionTrait>(
    session: &Session<'_, C>,
    agents: &[AgentId],
) -> Result<Sightings, StorageError> {
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
///
/// A row is written only while it is the one to which it was joined; else somebody else has written in between, and it is
/// joined to what is known then.
pub(super) async fn note(
    connection: &Connection,
    seen: &[(AgentId, Option<ScreenState>)],
    now: Timestamp,
) -> Result<Sightings, StorageError> {
    let agents: Vec<AgentId> = seen.iter().map(|(agent, _)| *agent).collect();
    let session = connection.read().await?;
    let mut known = read(&session, &agents).await?;
    loop {
        let joined = after(&known, seen, now);
        let news: Vec<_> = news(&known, &joined).collect();
        if news.is_empty() {
            return Ok(joined);
        }
        session.execute_raw(write(&known, &news)).await?;
        let found = read(&session, &agents).await?;
        // what is news even so has no place
        if found == known {
            return Ok(joined);
        }
        known = found;
    }
}

fn write(known: &Sightings, news: &[(&AgentId, &PaneStatus)]) -> Statement {
    let marks = vec!["(?, ?, ?, ?, ?)"; news.len()].join(", ");
    // the names that SQLite gives to the columns of a list of values
    let sql = format!(
        "INSERT INTO sightings (agent_id, state, since, seen_at)
         SELECT column1, column2, column3, column4 FROM (VALUES {marks})
         JOIN agent_placements ON agent_placements.agent_id = column1
         LEFT JOIN sightings AS known ON known.agent_id = column1 WHERE known.seen_at IS column5
         ON CONFLICT (agent_id) DO UPDATE SET state = excluded.state, since = excluded.since, seen_at = excluded.seen_at"
    );
    let values = news.iter().flat_map(|(agent, sighting)| -> [Value; 5] {
        let known = known.get(agent).map(|known| known.seen_at.to_string());
        let (state, since, seen_at) = sightings::columns(sighting);
        [agent.get().into(), state.into(), since.into(), seen_at.into(), known.into()]
    });
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

type Sightings = HashMap<AgentId, PaneStatus>;

fn after(known: &Sightings, seen: &[(AgentId, Option<ScreenState>)], now: Timestamp) -> Sightings {
    let joined = |(agent, state): &(AgentId, Option<ScreenState>)| {
        (*agent, PaneStatus::after(known.get(agent).copied(), *state, now))
    };
    seen.iter().map(joined).collect()
}

fn news<'a>(known: &'a Sightings, joined: &'a Sightings) -> impl Iterator<Item = (&'a AgentId, &'a PaneStatus)> {
    joined.iter().filter(|(agent, sighting)| sighting.is_news(known.get(*agent).copied()))
}
