//! `/api/monitor` and `/api/agents/{id}/monitor`.

use std::sync::Arc;

use cafleet_domain::ports::Clock;
use cafleet_domain::ports::storage::MonitorChange;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;

use super::body::Body;
use super::error::{Failure, WriteFailure};
use super::monitor_objects::{MonitorObject, ScheduleObject, SchedulePatch};
use super::source::Source;
use super::{Tag, agent_id, fleet_id};
use crate::error::words;

pub(super) struct MonitorApi {
    pub(super) source: Arc<Source>,
    pub(super) clock: Arc<dyn Clock>,
}

#[OpenApi]
impl MonitorApi {
    /// Show whether the monitor of a fleet runs.
    #[oai(path = "/api/monitor", method = "get", tag = "Tag::Monitor", operation_id = "show_monitor")]
    async fn show(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
    ) -> Result<Json<MonitorObject>, Failure> {
        let viewer = &self.source.opened().await?.viewer;
        let heartbeat = viewer.heartbeat(fleet_id(*fleet)?).await?;
        Ok(Json(MonitorObject::of(heartbeat, self.clock.now())))
    }

    /// Show when the monitor wakes an agent.
    #[oai(path = "/api/agents/:id/monitor", method = "get", tag = "Tag::Monitor", operation_id = "show_schedule")]
    async fn schedule(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        /// The agent.
        id: Path<i64>,
    ) -> Result<Json<ScheduleObject>, Failure> {
        let (fleet, viewer) = (fleet_id(*fleet)?, &self.source.opened().await?.viewer);
        viewer.require_fleet(fleet).await?;
        let agent = agent_id(*id).map_err(|_| Failure::not_found(words::NOT_ENROLLED))?;
        Ok(Json(viewer.schedule(fleet, agent).await?.into()))
    }

    /// Change when the monitor wakes an agent.
    #[oai(path = "/api/agents/:id/monitor", method = "patch", tag = "Tag::Monitor", operation_id = "change_schedule")]
    async fn change(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        /// The agent.
        id: Path<i64>,
        request: Body<SchedulePatch>,
    ) -> Result<Json<ScheduleObject>, WriteFailure> {
        let Body(SchedulePatch { interval_seconds, enabled }) = request;
        let (fleet, opened) = (fleet_id(*fleet)?, self.source.opened().await?);
        opened.viewer.require_fleet(fleet).await?;
        let agent = agent_id(*id).map_err(|_| Failure::not_found(words::NOT_ENROLLED))?;
        let change = MonitorChange { interval_seconds, enabled };
        Ok(Json(opened.broker.supervisor.configure(fleet, agent, change).await?.into()))
    }
}
