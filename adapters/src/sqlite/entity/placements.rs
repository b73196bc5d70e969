//! Rows of `agent_placements`.

use std::path::PathBuf;

use cafleet_domain::backend::Backend;
use cafleet_domain::id::PaneId;
use cafleet_domain::placement::{MultiplexerKind, Pane, Placement};
use cafleet_domain::ports::StorageError;
use cafleet_domain::timestamp::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use crate::sqlite::convert::Row;

/// A row. All columns of the pane are null while the spawn is pending.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "agent_placements")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: i64,
    pub director_agent_id: Option<i64>,
    pub multiplexer: String,
    pub server: Option<String>,
    pub pane_pid: Option<i64>,
    pub tmux_session: Option<String>,
    pub tmux_window_id: Option<String>,
    pub tmux_pane_id: Option<String>,
    pub coding_agent: String,
    pub typing_until: Option<String>,
    pub agent_process: Option<String>,
    pub directory: Option<String>,
    pub model: Option<String>,
    pub created_at: String,
}

/// What the row refers to.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    /// Whose placement it is.
    #[sea_orm(belongs_to = "super::agents::Entity", from = "Column::AgentId", to = "super::agents::Column::AgentId")]
    Agent,
}

impl Related<super::agents::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Agent.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// A placement that is to be inserted.
pub(crate) struct NewPlacement<'a> {
    pub agent: i64,
    pub director: Option<i64>,
    pub multiplexer: MultiplexerKind,
    pub pane: Option<&'a Pane>,
    pub coding_agent: Backend,
    /// The directory in which it starts; none where that is not known, or not UTF-8.
    pub directory: Option<&'a str>,
    pub model: Option<&'a str>,
    pub now: Timestamp,
}

impl NewPlacement<'_> {
    /// Makes the row.
    pub(crate) fn row(&self) -> ActiveModel {
        ActiveModel {
            agent_id: Set(self.agent),
            director_agent_id: Set(self.director),
            multiplexer: Set(self.multiplexer.as_str().to_owned()),
            server: Set(self.pane.map(|pane| pane.server.to_string())),
            pane_pid: Set(self.pane.map(|pane| i64::from(pane.pid))),
            tmux_session: Set(self.pane.map(|pane| pane.session.clone())),
            tmux_window_id: Set(self.pane.map(|pane| pane.window.clone())),
            tmux_pane_id: Set(self.pane.map(|pane| pane.id.as_str().to_owned())),
            coding_agent: Set(self.coding_agent.as_str().to_owned()),
            typing_until: Set(None),
            agent_process: Set(None),
            directory: Set(self.directory.map(str::to_owned)),
            model: Set(self.model.map(str::to_owned)),
            created_at: Set(self.now.to_string()),
        }
    }
}

impl TryFrom<Model> for Placement {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "agent_placements", id: model.agent_id };
        let missing = |column| move || row.corrupt(column, "missing, though the placement has a pane");
        let multiplexer = row.parse("multiplexer", &model.multiplexer)?;
        let pane = match model.tmux_pane_id {
            None => None,
            Some(id) => Some(Pane {
                multiplexer,
                server: row.parse("server", &model.server.ok_or_else(missing("server"))?)?,
                session: model.tmux_session.ok_or_else(missing("tmux_session"))?,
                window: model.tmux_window_id.ok_or_else(missing("tmux_window_id"))?,
                id: PaneId::new(id),
                pid: row.convert("pane_pid", model.pane_pid.ok_or_else(missing("pane_pid"))?)?,
            }),
        };
        Ok(Self {
            agent: row.id("agent_id", model.agent_id)?,
            director: model.director_agent_id.map(|id| row.id("director_agent_id", id)).transpose()?,
            multiplexer,
            pane,
            coding_agent: row.parse("coding_agent", &model.coding_agent)?,
            agent_process: model.agent_process.map(|text| row.parse("agent_process", &text)).transpose()?,
            directory: model.directory.map(PathBuf::from),
            model: model.model,
            created_at: row.parse("created_at", &model.created_at)?,
        })
    }
}
