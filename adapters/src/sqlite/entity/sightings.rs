//! Rows of `sightings`.

use cafleet_domain::pane_status::PaneStatus;
use cafleet_domain::ports::StorageError;
use cafleet_domain::screen::ScreenState;
use sea_orm::entity::prelude::*;

use crate::sqlite::convert::Row;

/// What stands in place of a state when the agent's pane is gone.
const GONE: &str = "gone";

/// A row: somebody has looked at the agent's pane.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sightings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: i64,
    pub state: String,
    pub since: String,
    pub seen_at: String,
}

/// What the row refers to; the queries here join by column instead.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for PaneStatus {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "sightings", id: model.agent_id };
        let state = Some(model.state.as_str()).filter(|state| *state != GONE);
        Ok(Self {
            state: row.parse_optional::<ScreenState>("state", state)?,
            since: row.parse("since", &model.since)?,
            seen_at: row.parse("seen_at", &model.seen_at)?,
        })
    }
}

/// Returns what the columns hold beside the agent: state, since, and when it was seen.
pub(crate) fn columns(sighting: &PaneStatus) -> (&'static str, String, String) {
    let state = sighting.state.map_or(GONE, ScreenState::as_str);
    (state, sighting.since.to_string(), sighting.seen_at.to_string())
}
