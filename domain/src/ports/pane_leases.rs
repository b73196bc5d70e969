//! Leases on panes: of all processes of a user, whatever their database, one types into a pane.

use std::fmt::Debug;

use crate::placement::Pane;
use crate::timestamp::Timestamp;

/// A lease. It ends when the value is dropped, and with the process, however that ends.
pub trait PaneLease: Debug + Send + Sync {
    /// Returns the store of the process that had the pane before and did not come to the end of what it typed; none when it
    /// did, or nothing is known of it.
    fn left_by(&self) -> Option<&str>;

    /// Returns the other stores of which an agent lives in the pane, or has lived there.
    fn other_stores(&self) -> Vec<String>;

    /// Notes that an agent of the store of this process lives in the pane.
    ///
    /// # Errors
    /// Why it cannot be noted.
    fn add_store(&self) -> Result<(), String>;

    /// Notes whether something of this process may stand in the pane's composer, for whoever has the pane next.
    fn set_unfinished(&self, unfinished: bool);
}

/// Hands out the leases.
pub trait PaneLeases: Send + Sync {
    /// Takes the lease on a pane until `until`; none while another holder has one that lasts at `now`. The lease of a process
    /// that has ended does not last.
    ///
    /// # Errors
    /// Why it cannot be told whether another holder has it.
    fn take(&self, pane: &Pane, now: Timestamp, until: Timestamp) -> Result<Option<Box<dyn PaneLease>>, String>;
}
