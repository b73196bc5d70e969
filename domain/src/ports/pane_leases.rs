//! Leases on panes: of all processes of a user, whatever their database, one types into a pane.

use std::fmt::Debug;

use crate::id::TaskId;
use crate::placement::Pane;
use crate::timestamp::Timestamp;

/// What was begun to be typed into a pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The first of the tasks.
    pub task: TaskId,
    /// What proves that the text was submitted, once all of it has stood in the composer; `None` before that.
    pub stood: Option<Stood>,
}

/// By what a text that has stood in a composer is known elsewhere on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// The mark that the headers of the previews carry.
    pub mark: String,
    /// The foreground process group of the program that had the pane: another one may show what this one has left.
    pub group: u32,
}

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

    /// Returns what a process of this store began before in the pane and did not come to the end of; `None` if nothing, or nothing
    /// is known of it.
    fn begun(&self) -> Option<&Begun>;

    /// Notes what is about to be typed, for whoever has the pane next.
    fn begin(&self, begun: &Begun);

    /// Notes that what was begun has left the composer.
    fn finish(&self);

    /// Notes that nothing of this store was begun. What another one left stays.
    fn undo(&self);
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
