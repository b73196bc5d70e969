//! Rows of `monitor_runtime`.

use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::Heartbeat;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use crate::sqlite::convert::Row;

/// A row: a monitor runs, or died without a word.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "monitor_runtime")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub fleet_id: i64,
    pub pid: i64,
    pub started_at: String,
    pub last_tick_at: String,
    pub tick_seconds: i64,
}

/// What the row refers to; the queries here join by column instead.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Heartbeat {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "monitor_runtime", id: model.fleet_id };
        Ok(Self {
            fleet: row.id("fleet_id", model.fleet_id)?,
            pid: model.pid,
            started_at: row.parse("started_at", &model.started_at)?,
            last_tick_at: row.parse("last_tick_at", &model.last_tick_at)?,
            tick_seconds: model.tick_seconds,
        })
    }
}

/// Makes the row of a run.
pub(crate) fn row(run: &Heartbeat) -> ActiveModel {
    ActiveModel {
        fleet_id: Set(run.fleet.get()),
        pid: Set(run.pid),
        started_at: Set(run.started_at.to_string()),
        last_tick_at: Set(run.last_tick_at.to_string()),
        tick_seconds: Set(run.tick_seconds),
    }
}
