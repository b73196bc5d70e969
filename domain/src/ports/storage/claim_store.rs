//! The claims on panes, and what is being typed under them.

use std::time::Duration;

use async_trait::async_trait;

use super::StorageError;
use crate::id::{AgentId, TaskId};
use crate::timestamp::Timestamp;

/// Stores the claims on panes.
#[async_trait]
pub trait ClaimStore: Send + Sync {
    /// Claims an agent's pane for typing until `now + lease`. Returns the end of the claim, which is also its token;
    /// none while another claim lasts, and when the agent has no placement. A claim that ends later than two leases from
    /// now does not last: the clock was set back since it was made.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was claimed.
    async fn claim_pane(
        &self,
        agent: AgentId,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Timestamp>, StorageError>;

    /// Ends whatever claim there is on an agent's pane. The caller holds the [lease](crate::ports::PaneLeases) on it, so whoever
    /// has claimed it does not live any more.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was written.
    async fn end_claim(&self, agent: AgentId) -> Result<(), StorageError>;

    /// Gives a claim back. Does nothing when it is not the present one any more.
    ///
    /// # Errors
    /// As [`StorageError`] says.
    async fn release_pane(&self, agent: AgentId, claim: Timestamp) -> Result<(), StorageError>;

    /// Notes that the previews of these tasks, and no others of the agent, are about to be typed as one text; with no tasks, that
    /// none is. Returns
    /// false, and notes nothing, when `claim` is not the present claim on the agent's pane.
    ///
    /// # Errors
    /// As [`StorageError`] says; then nothing was noted.
    async fn begin_typing(&self, agent: AgentId, claim: Timestamp, tasks: &[TaskId]) -> Result<bool, StorageError>;
}
