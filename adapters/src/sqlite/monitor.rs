//! `MonitorStore`.

use async_trait::async_trait;
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::{Heartbeat, MonitorStore};
use sea_orm::{EntityTrait, QueryOrder, QueryTrait};

use super::SqliteStorage;
use super::convert::all;
use super::entity::monitor_runtime::{Column, Entity, Model};

#[async_trait]
impl MonitorStore for SqliteStorage {
    async fn heartbeats(&self) -> Result<Vec<Heartbeat>, StorageError> {
        let select = Entity::find().order_by_asc(Column::FleetId).into_query();
        all(self.connection.read().await?.all::<Model>(&select).await?)
    }
}
