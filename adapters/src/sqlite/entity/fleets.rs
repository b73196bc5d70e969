//! Rows of `fleets`.

use cafleet_domain::fleet::Fleet;
use cafleet_domain::ports::StorageError;
use sea_orm::entity::prelude::*;

use crate::sqlite::convert::Row;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fleets")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub fleet_id: i64,
    pub label: Option<String>,
    pub created_at: String,
    pub deleted_at: Option<String>,
    pub director_agent_id: Option<i64>,
    pub fleet_key: Option<String>,
}

/// What the row refers to; the queries here join by column instead.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Fleet {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "fleets", id: model.fleet_id };
        let director =
            model.director_agent_id.ok_or_else(|| row.corrupt("director_agent_id", "a fleet has a root Director"))?;
        Ok(Self {
            id: row.id("fleet_id", model.fleet_id)?,
            label: model.label,
            created_at: row.parse("created_at", &model.created_at)?,
            deleted_at: row.parse_optional("deleted_at", model.deleted_at.as_deref())?,
            director: row.id("director_agent_id", director)?,
            key: row.parse_optional("fleet_key", model.fleet_key.as_deref())?,
        })
    }
}
