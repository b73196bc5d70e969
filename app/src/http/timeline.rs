//! `/api/timeline`.

use std::sync::Arc;

use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Query};
use poem_openapi::payload::Json;

use super::error::Failure;
use super::message_objects::{MessagePageObject, before};
use super::source::Source;
use super::{Tag, fleet_id};

pub(super) struct TimelineApi {
    pub(super) source: Arc<Source>,
}

#[OpenApi]
impl TimelineApi {
    /// Page through the messages of a fleet, newest first.
    #[oai(path = "/api/timeline", method = "get", tag = "Tag::Messages", operation_id = "list_timeline")]
    async fn list(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        /// The `next_cursor` of the page before; without it the newest messages come.
        cursor: Query<Option<i64>>,
    ) -> Result<Json<MessagePageObject>, Failure> {
        let viewer = &self.source.opened().await?.viewer;
        Ok(Json(viewer.timeline(fleet_id(*fleet)?, before(*cursor)).await?.into()))
    }
}
