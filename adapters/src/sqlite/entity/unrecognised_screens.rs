//! Rows of `unrecognised_screens`.

use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::Unrecognised;
use sea_orm::entity::prelude::*;

use crate::sqlite::convert::Row;

/// A row: a version of a program of which some screen was not recognised.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "unrecognised_screens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub coding_agent: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    pub times: i64,
    pub last_at: String,
}

/// It refers to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Unrecognised {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "unrecognised_screens", id: model.times };
        Ok(Self {
            backend: row.parse("coding_agent", &model.coding_agent)?,
            times: u64::try_from(model.times).unwrap_or_default(),
            last_at: row.parse("last_at", &model.last_at)?,
            version: model.version,
        })
    }
}
