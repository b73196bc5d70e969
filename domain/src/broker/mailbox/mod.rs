//! Messages: stored first, then brought into the recipient's pane.

mod loops;
mod messages;
mod posting;

use std::sync::Arc;

use crate::ports::{ChangeFeed, Clock, Storage};

use super::{Doorbell, Ports};

pub use messages::{BroadcastReport, SendReport};
pub use posting::Posted;

/// Stores and reads messages.
#[derive(Clone)]
pub struct Mailbox {
    storage: Arc<dyn Storage>,
    changes: Arc<dyn ChangeFeed>,
    doorbell: Doorbell,
    clock: Arc<dyn Clock>,
}

impl Mailbox {
    pub(crate) fn new(ports: &Ports, doorbell: Doorbell) -> Self {
        let (storage, changes) = (Arc::clone(&ports.storage), Arc::clone(&ports.changes));
        Self { storage, changes, doorbell, clock: Arc::clone(&ports.clock) }
    }
}
