//! Rows of `agents`.

use cafleet_domain::agent::{Agent, AgentKind, AgentStatus};
use cafleet_domain::ports::StorageError;
use cafleet_domain::timestamp::Timestamp;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::sqlite::convert::Row;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agents")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub agent_id: i64,
    pub fleet_id: i64,
    pub name: String,
    pub description: String,
    pub kind: String,
    pub status: String,
    pub registered_at: String,
    pub deregistered_at: Option<String>,
    pub agent_card_json: String,
}

/// What the row refers to.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    /// Where the agent lives.
    #[sea_orm(has_one = "super::placements::Entity")]
    Placement,
}

impl ActiveModelBehavior for ActiveModel {}

/// An agent that is to be inserted.
pub(crate) struct NewAgent<'a> {
    pub fleet: i64,
    pub name: &'a str,
    pub description: &'a str,
    pub kind: AgentKind,
    pub skills: &'a str,
    pub now: Timestamp,
}

/// The A2A agent card, as far as it is stored: <https://a2a-protocol.org/latest/specification/#441-agentcard>.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Card {
    name: String,
    description: String,
    skills: Vec<serde_json::Value>,
}

impl NewAgent<'_> {
    /// Makes the row.
    pub(crate) fn row(&self) -> Result<ActiveModel, StorageError> {
        let skills = serde_json::from_str(self.skills)
            .map_err(|error| StorageError::Failed(format!("skills are not a JSON array: {error}")))?;
        let card = Card { name: self.name.to_owned(), description: self.description.to_owned(), skills };
        let card = serde_json::to_string(&card).map_err(|error| StorageError::Failed(error.to_string()))?;
        Ok(ActiveModel {
            agent_id: NotSet,
            fleet_id: Set(self.fleet),
            name: Set(self.name.to_owned()),
            description: Set(self.description.to_owned()),
            kind: Set(self.kind.as_str().to_owned()),
            status: Set(AgentStatus::Active.as_str().to_owned()),
            registered_at: Set(self.now.to_string()),
            deregistered_at: Set(None),
            agent_card_json: Set(card),
        })
    }
}

/// Reads the two columns that say whether an agent still takes part.
pub(crate) fn status(row: &Row, status: &str, deregistered_at: Option<&str>) -> Result<AgentStatus, StorageError> {
    match status {
        "active" => Ok(AgentStatus::Active),
        "deregistered" => row
            .parse_optional("deregistered_at", deregistered_at)?
            .map(AgentStatus::Deregistered)
            .ok_or_else(|| row.corrupt("deregistered_at", "missing, though the agent is deregistered")),
        other => Err(row.corrupt("status", format!("'{other}' is not an agent status"))),
    }
}

impl TryFrom<Model> for Agent {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "agents", id: model.agent_id };
        let card: Card =
            serde_json::from_str(&model.agent_card_json).map_err(|error| row.corrupt("agent_card_json", error))?;
        Ok(Self {
            id: row.id("agent_id", model.agent_id)?,
            fleet: row.id("fleet_id", model.fleet_id)?,
            name: model.name,
            description: model.description,
            kind: row.parse("kind", &model.kind)?,
            status: status(&row, &model.status, model.deregistered_at.as_deref())?,
            registered_at: row.parse("registered_at", &model.registered_at)?,
            skills: serde_json::Value::Array(card.skills).to_string(),
        })
    }
}
