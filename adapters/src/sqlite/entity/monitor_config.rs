//! Rows of `monitor_config`.

use cafleet_domain::alert::Alert;
use cafleet_domain::fleet::DEFAULT_MONITOR_INTERVAL_SECONDS;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::MonitorConfig;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use crate::sqlite::convert::Row;

/// A row: the agent is enrolled.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "monitor_config")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: i64,
    pub interval_seconds: i64,
    pub last_ping_at: Option<String>,
    pub enabled: bool,
    pub told: Option<String>,
}

/// What the row refers to; the queries here join by column instead.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Makes the row of a newly enrolled agent.
pub(crate) fn enrolment(agent: i64) -> ActiveModel {
    ActiveModel {
        agent_id: Set(agent),
        interval_seconds: Set(DEFAULT_MONITOR_INTERVAL_SECONDS),
        last_ping_at: Set(None),
        enabled: Set(true),
        told: Set(None),
    }
}

/// Reads what the Director was told of an agent last.
pub(crate) fn told(agent: i64, told: Option<&str>) -> Result<Option<Alert>, StorageError> {
    Row { table: "monitor_config", id: agent }.parse_optional("told", told)
}

impl TryFrom<Model> for MonitorConfig {
    type Error = StorageError;

    fn try_from(model: Model) -> Result<Self, StorageError> {
        let row = Row { table: "monitor_config", id: model.agent_id };
        Ok(Self {
            agent: row.id("agent_id", model.agent_id)?,
            interval_seconds: model.interval_seconds,
            last_ping_at: row.parse_optional("last_ping_at", model.last_ping_at.as_deref())?,
            enabled: model.enabled,
        })
    }
}
