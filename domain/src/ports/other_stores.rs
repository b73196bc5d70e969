//! The stores of a user beside the one that a process works on.

use async_trait::async_trait;

use crate::placement::Pane;

/// Reaches other stores, by the names that [leases](super::PaneLease::left_by) give them.
#[async_trait]
pub trait OtherStores: Send + Sync {
    /// Submits what the agents of another store were typed in a pane and was not submitted.
    ///
    /// # Errors
    /// Why the store cannot be used.
    async fn finish_in_pane(&self, store: &str, pane: &Pane) -> Result<(), String>;

    /// Returns `true` if an agent of another store lives in a pane; of a store that is gone none does.
    ///
    /// # Errors
    /// Why the store cannot be used.
    async fn has_agent_in_pane(&self, store: &str, pane: &Pane) -> Result<bool, String>;
}
