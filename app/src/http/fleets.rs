//! `/api/fleets`.

use std::sync::Arc;

use poem_openapi::OpenApi;
use poem_openapi::payload::Json;

use super::Tag;
use super::error::Failure;
use super::fleet_objects::FleetObject;
use super::source::Source;

pub(super) struct FleetsApi {
    pub(super) source: Arc<Source>,
}

#[OpenApi]
impl FleetsApi {
    /// List the live fleets, newest first.
    #[oai(path = "/api/fleets", method = "get", tag = "Tag::Fleets", operation_id = "list_fleets")]
    async fn list(&self) -> Result<Json<Vec<FleetObject>>, Failure> {
        let fleets = self.source.opened().await?.viewer.fleets().await?;
        Ok(Json(fleets.into_iter().map(FleetObject::from).collect()))
    }
}
