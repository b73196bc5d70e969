//! Rows of `tasks`.

use cafleet_domain::ports::StorageError;
use cafleet_domain::task::{NewTask, Task, TaskState};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use crate::sqlite::convert::Row;

/// What `to_agent_id` holds on a summary, which nobody receives.
pub(crate) const NOBODY: i64 = 0;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub task_id: i64,
    pub context_id: i64,
    pub from_agent_id: i64,
    pub to_agent_id: i64,
    #[sea_orm(column_name = "type")]
    pub kind: String,
    pub created_at: String,
    pub status_state: String,
    pub status_timestamp: String,
    pub origin_task_id: Option<i64>,
    pub text: String,
    pub notice: bool,
}

/// What the row refers to; the queries here join by column instead.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Makes the row of a task that has no number yet.
pub(crate) fn row(task: &NewTask) -> ActiveModel {
    let now = task.created_at.to_string();
    ActiveModel {
        task_id: NotSet,
        context_id: Set(task.context().get()),
        from_agent_id: Set(task.from.get()),
        to_agent_id: Set(task.to.map_or(NOBODY, |to| to.get())),
        kind: Set(task.kind().as_str().to_owned()),
        created_at: Set(now.clone()),
        status_state: Set(task.state().as_str().to_owned()),
        status_timestamp: Set(now),
        origin_task_id: Set(task.origin.map(|origin| origin.get())),
        text: Set(task.text.clone()),
        notice: Set(task.is_notice),
    }
}

impl TryFrom<Model> for Task {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "tasks", id: model.task_id };
        let to = if model.to_agent_id == NOBODY { None } else { Some(row.id("to_agent_id", model.to_agent_id)?) };
        Ok(Self {
            id: row.id("task_id", model.task_id)?,
            context: row.id("context_id", model.context_id)?,
            from: row.id("from_agent_id", model.from_agent_id)?,
            to,
            kind: row.parse("type", &model.kind)?,
            created_at: row.parse("created_at", &model.created_at)?,
            state: row.parse("status_state", &model.status_state)?,
            state_at: row.parse("status_timestamp", &model.status_timestamp)?,
            origin: model.origin_task_id.map(|id| row.id("origin_task_id", id)).transpose()?,
            text: model.text,
            is_notice: model.notice,
        })
    }
}

/// Compares with a literal, not a parameter: only then does SQLite know in time that a partial index fits.
pub(crate) fn state_is(state: TaskState) -> Expr {
    Expr::col((Entity, Column::StatusState)).eq(Expr::Constant(state.as_str().into()))
}
