//! Rows of `deliveries`.

use cafleet_domain::delivery::{Delivery, DeliveryState, DeliveryStatus};
use cafleet_domain::ports::StorageError;
use cafleet_domain::task::Task;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use crate::sqlite::convert::Row;

/// A row. A task that needs no doorbell has none.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: i64,
    pub agent_id: i64,
    pub state: String,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub updated_at: String,
    pub typing: bool,
}

/// What the row refers to; the queries here join by column instead.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Makes the row of a task whose recipient is to be rung.
pub(crate) fn pending(task: &Task) -> ActiveModel {
    ActiveModel {
        task_id: Set(task.id.get()),
        agent_id: Set(task.context.get()),
        state: Set(DeliveryState::Pending.as_str().to_owned()),
        attempts: Set(0),
        last_error: Set(None),
        updated_at: Set(task.created_at.to_string()),
        typing: Set(false),
    }
}

/// Reads the two columns that say how far a doorbell has come.
pub(crate) fn status(task_id: i64, state: &str, last_error: Option<String>) -> Result<DeliveryStatus, StorageError> {
    let row = Row { table: "deliveries", id: task_id };
    match row.parse("state", state)? {
        DeliveryState::None => Err(row.corrupt("state", "'none' is never stored")),
        state => Ok(DeliveryStatus { state, reason: last_error }),
    }
}

impl TryFrom<Model> for Delivery {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "deliveries", id: model.task_id };
        Ok(Self {
            task: row.id("task_id", model.task_id)?,
            agent: row.id("agent_id", model.agent_id)?,
            status: status(model.task_id, &model.state, model.last_error)?,
            attempts: row.convert("attempts", model.attempts)?,
            updated_at: row.parse("updated_at", &model.updated_at)?,
        })
    }
}
