//! Leases on panes: of all processes of a user, whatever their database, one types into a pane.

use std::fmt::Debug;

use crate::placement::Pane;
use crate::timestamp::Timestamp;

/// A lease. It ends when the value is dropped, and with the process, however that ends.
pub trait PaneLease: Debug + Send + Sync {}

/// Hands out the leases.
pub trait PaneLeases: Send + Sync {
    /// Takes the lease on a pane until `until`; none while another holder has one that lasts at `now`. The lease of a process
    /// that has ended does not last.
    ///
    /// # Errors
    /// Why it cannot be told whether another holder has it.
    fn take(&self, pane: &Pane, now: Timestamp, until: Timestamp) -> Result<Option<Box<dyn PaneLease>>, String>;
}
