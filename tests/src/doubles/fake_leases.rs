//! Leases on panes in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{PaneLease, PaneLeases};
use cafleet_domain::timestamp::Timestamp;

type Held = Arc<Mutex<HashMap<Pane, (u64, Timestamp)>>>;

/// Leases; clones share them, as the processes of a machine do.
#[derive(Debug, Clone, Default)]
pub struct FakeLeases {
    held: Held,
    count: Arc<Mutex<u64>>,
}

#[derive(Debug)]
struct FakeLease {
    held: Held,
    pane: Pane,
    number: u64,
}

impl PaneLease for FakeLease {}

impl PaneLeases for FakeLeases {
    fn take(&self, pane: &Pane, now: Timestamp, until: Timestamp) -> Result<Option<Box<dyn PaneLease>>, String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(pane).is_some_and(|(_, until)| *until > now) {
            return Ok(None);
        }
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        held.insert(pane.clone(), (*count, until));
        Ok(Some(Box::new(FakeLease { held: Arc::clone(&self.held), pane: pane.clone(), number: *count })))
    }
}

impl Drop for FakeLease {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(&self.pane).is_some_and(|(number, _)| *number == self.number) {
            held.remove(&self.pane);
        }
    }
}
