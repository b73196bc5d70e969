//! Rows of `deliveries`.

use cafleet_domain::delivery::{Delivery, DeliveryState, DeliveryStatus};
use cafleet_domain::ports::StorageError;
use sea_orm::Iterable;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, InsertStatement, IntoCondition, Query};

use super::{placements, tasks};
use crate::sqlite::convert::Row;
use crate::sqlite::guarded::insert_selected;

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

/// Inserts a delivery that is pending for each of the tasks that fulfil a condition and whose recipient has a pane, or is
/// about to get one.
pub(crate) fn insert_pending(of_tasks: impl IntoCondition) -> Result<InsertStatement, StorageError> {
    let placed = Expr::col((placements::Entity, placements::Column::AgentId));
    let rows = Query::select()
        .column((tasks::Entity, tasks::Column::TaskId))
        .column((tasks::Entity, tasks::Column::ToAgentId))
        .expr(Expr::val(DeliveryState::Pending.as_str()))
        .expr(Expr::val(0))
        .expr(Expr::val(None::<String>))
        .column((tasks::Entity, tasks::Column::CreatedAt))
        .expr(Expr::val(false))
        .from(tasks::Entity)
        .inner_join(placements::Entity, placed.equals((tasks::Entity, tasks::Column::ToAgentId)))
        .cond_where(of_tasks)
        .take();
    insert_selected::<Entity>(Column::iter(), rows)
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
