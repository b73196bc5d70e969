//! Time.

use std::time::Duration;

use async_trait::async_trait;

use crate::timestamp::Timestamp;

/// Tells the time and waits.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Returns the present time. It may go backwards; nothing may depend on its order where ids can tell it.
    fn now(&self) -> Timestamp;

    /// Returns after at least `duration`, without holding a thread.
    async fn sleep(&self, duration: Duration);
}
