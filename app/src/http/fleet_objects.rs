//! Fleets, as objects of the API.

use cafleet_domain::fleet::FleetSummary;
use poem_openapi::Object;
use poem_openapi::types::Example;

use super::EXAMPLE_TIME;

/// A live fleet.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Fleet", example)]
pub(super) struct FleetObject {
    /// Its id, for the header `X-Fleet-Id`.
    fleet_id: i64,
    /// Its root Director.
    director_agent_id: i64,
    /// What people call it.
    #[oai(nullable)]
    label: Option<String>,
    /// When it was created: RFC 3339, UTC, microseconds.
    created_at: String,
    /// How many active agents it has, Director and Administrator included.
    agent_count: u64,
}

impl Example for FleetObject {
    fn example() -> Self {
        Self {
            fleet_id: 1,
            director_agent_id: 1,
            label: Some("my-project".to_owned()),
            created_at: EXAMPLE_TIME.to_owned(),
            agent_count: 4,
        }
    }
}

impl From<FleetSummary> for FleetObject {
    fn from(FleetSummary { fleet, agent_count }: FleetSummary) -> Self {
        Self {
            fleet_id: fleet.id.get(),
            director_agent_id: fleet.director.get(),
            label: fleet.label,
            created_at: fleet.created_at.to_string(),
            agent_count,
        }
    }
}
