//! `/api/agents`.

use std::sync::Arc;

use poem_openapi::OpenApi;
use poem_openapi::param::Header;
use poem_openapi::payload::Json;

use super::agent_objects::{AgentListObject, AgentObject};
use super::error::Failure;
use super::pane_state_poller::PaneStatePoller;
use super::source::Source;
use super::{Tag, fleet_id};

pub(super) struct AgentsApi {
    pub(super) source: Arc<Source>,
    pub(super) pane_state_poller: Arc<PaneStatePoller>,
}

#[OpenApi]
impl AgentsApi {
    /// List the agents of a fleet, those included that have left and own messages.
    #[oai(path = "/api/agents", method = "get", tag = "Tag::Agents", operation_id = "list_agents")]
    async fn list(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
    ) -> Result<Json<AgentListObject>, Failure> {
        let fleet = fleet_id(*fleet)?;
        let found = self.source.opened().await?.viewer.agents(fleet).await?;
        let seen = self.pane_state_poller.asked(fleet);
        let agents = found.into_iter().map(|found| {
            let seen = seen.get(&found.agent.id).cloned();
            AgentObject::of(found, seen)
        });
        Ok(Json(AgentListObject { agents: agents.collect() }))
    }
}
