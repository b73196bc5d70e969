//! `ClaimStore`.

use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::id::{AgentId, TaskId};
use cafleet_domain::ports::StorageError;
use cafleet_domain::ports::storage::ClaimStore;
use cafleet_domain::timestamp::Timestamp;
use sea_orm::sea_query::{Cond, Expr, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};

use super::SqliteStorage;
use super::deliveries::is_typing;
use super::entity::{deliveries, placements};

#[async_trait]
impl ClaimStore for SqliteStorage {
    async fn claim_pane(
        &self,
        agent: AgentId,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Timestamp>, StorageError> {
        let claim = now.after(lease);
        let free = Cond::any()
            .add(placements::Column::TypingUntil.is_null())
            .add(placements::Column::TypingUntil.lte(now.to_string()))
            // left behind by a clock that was set back since
            .add(placements::Column::TypingUntil.gt(now.after(lease * 2).to_string()));
        let update = placements::Entity::update_many()
            .col_expr(placements::Column::TypingUntil, Expr::val(claim.to_string()))
            .filter(placements::Column::AgentId.eq(agent.get()))
            .filter(free);
        let claimed = self.connection.single().await?.execute(&update.into_query()).await?;
        Ok((claimed == 1).then_some(claim))
    }

    async fn end_claim(&self, agent: AgentId) -> Result<(), StorageError> {
        let update = placements::Entity::update_many()
            .col_expr(placements::Column::TypingUntil, Expr::val(Option::<String>::None))
            .filter(placements::Column::AgentId.eq(agent.get()));
        self.connection.single().await?.execute(&update.into_query()).await?;
        Ok(())
    }

    async fn release_pane(&self, agent: AgentId, claim: Timestamp) -> Result<(), StorageError> {
        let update = placements::Entity::update_many()
            .col_expr(placements::Column::TypingUntil, Expr::val(Option::<String>::None))
            .filter(placements::Column::AgentId.eq(agent.get()))
            .filter(placements::Column::TypingUntil.eq(claim.to_string()));
        self.connection.single().await?.execute(&update.into_query()).await?;
        Ok(())
    }

    async fn begin_typing(&self, agent: AgentId, claim: Timestamp, tasks: &[TaskId]) -> Result<bool, StorageError> {
        let these = deliveries::Column::TaskId.is_in(tasks.iter().map(|task| task.get()));
        let claimed = Query::select()
            .expr(Expr::val(1))
            .from(placements::Entity)
            .and_where(placements::Column::AgentId.eq(agent.get()))
            .and_where(placements::Column::TypingUntil.eq(claim.to_string()))
            .take();
        let update = deliveries::Entity::update_many()
            .col_expr(deliveries::Column::Typing, these.clone())
            .filter(Cond::any().add(these).add(is_typing(agent)))
            .filter(Expr::exists(claimed));
        Ok(self.connection.single().await?.execute(&update.into_query()).await? > 0)
    }
}
