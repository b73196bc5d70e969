//! Leases on panes in memory.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Begun, PaneLease, PaneLeases};
use cafleet_domain::timestamp::Timestamp;

type Shared<T> = Arc<Mutex<HashMap<Pane, T>>>;

/// Leases; clones share them, as the processes of a machine do.
#[derive(Debug, Clone, Default)]
pub struct FakeLeases {
    held: Shared<(u64, Timestamp)>,
    /// Whose text may stand in the composer of a pane.
    unfinished: Shared<(String, Begun)>,
    stores: Shared<Vec<String>>,
    count: Arc<Mutex<u64>>,
    store: String,
}

#[derive(Debug)]
struct FakeLease {
    leases: FakeLeases,
    pane: Pane,
    number: u64,
    left: Option<(String, Begun)>,
}

impl FakeLeases {
    /// Returns the same leases for the processes of a store.
    #[must_use]
    pub fn of(&self, store: &str) -> Self {
        Self { store: store.to_owned(), ..self.clone() }
    }
}

impl PaneLease for FakeLease {
    fn left_by(&self) -> Option<&str> {
        self.left_by_other().map(|(store, _)| store.as_str())
    }

    fn other_stores(&self) -> Vec<String> {
        let stores = self.leases.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let stores = stores.get(&self.pane).into_iter().flatten();
        stores.filter(|store| **store != self.leases.store).cloned().collect()
    }

    fn add_store(&self) -> Result<(), String> {
        let mut stores = self.leases.stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.entry(self.pane.clone()).or_default().push(self.leases.store.clone());
        Ok(())
    }

    fn begun(&self) -> Option<&Begun> {
        self.left.as_ref().filter(|(store, _)| *store == self.leases.store).map(|(_, begun)| begun)
    }

    fn begin(&self, begun: &Begun) {
        self.note(Some((self.leases.store.clone(), begun.clone())));
    }

    fn finish(&self) {
        self.note(None);
    }

    fn undo(&self) {
        self.note(self.left_by_other().cloned());
    }
}

impl FakeLease {
    fn left_by_other(&self) -> Option<&(String, Begun)> {
        self.left.as_ref().filter(|(store, _)| *store != self.leases.store)
    }

    fn note(&self, left: Option<(String, Begun)>) {
        let mut unfinished = self.leases.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        unfinished.remove(&self.pane);
        unfinished.extend(left.map(|left| (self.pane.clone(), left)));
    }
}

impl PaneLeases for FakeLeases {
    fn take(&self, pane: &Pane, now: Timestamp, until: Timestamp) -> Result<Option<Box<dyn PaneLease>>, String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(pane).is_some_and(|(_, until)| *until > now) {
            return Ok(None);
        }
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        held.insert(pane.clone(), (*count, until));
        let unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        let left = unfinished.get(pane).cloned();
        Ok(Some(Box::new(FakeLease { leases: self.clone(), pane: pane.clone(), number: *count, left })))
    }
}

impl Drop for FakeLease {
    fn drop(&mut self) {
        let mut held = self.leases.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(&self.pane).is_some_and(|(number, _)| *number == self.number) {
            held.remove(&self.pane);
        }
    }
}
