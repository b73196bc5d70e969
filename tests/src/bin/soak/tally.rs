//! What was done to the fleet, and what was seen that should not be.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A text that a person wrote into an agent's composer.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) agent: i64,
    pub(crate) text: String,
    /// Whether the person sent it off.
    pub(crate) submitted: bool,
}

/// What the threads note.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: Mutex<BTreeMap<&'static str, u64>>,
    wrongs: Mutex<Vec<String>>,
    drafts: Mutex<Vec<Draft>>,
    /// Agents that were made to leave, and how.
    removed: Mutex<BTreeMap<i64, &'static str>>,
}

impl Tally {
    /// Counts something that was done.
    pub(crate) fn count(&self, what: &'static str) {
        *lock(&self.counts).entry(what).or_default() += 1;
    }

    /// Notes something that must not be, and says so at once.
    #[expect(clippy::print_stdout, reason = "a person need not wait for an hour to hear of it")]
    pub(crate) fn wrong(&self, what: String) {
        println!("wrong: {what}");
        lock(&self.wrongs).push(what);
    }

    pub(crate) fn draft(&self, draft: Draft) {
        lock(&self.drafts).push(draft);
    }

    /// Notes, before it begins, that an agent is made to leave.
    pub(crate) fn remove(&self, agent: i64, how: &'static str) {
        lock(&self.removed).insert(agent, how);
    }

    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.counts).clone()
    }

    pub(crate) fn wrongs(&self) -> Vec<String> {
        lock(&self.wrongs).clone()
    }

    pub(crate) fn drafts(&self) -> Vec<Draft> {
        lock(&self.drafts).clone()
    }

    pub(crate) fn removed(&self) -> BTreeMap<i64, &'static str> {
        lock(&self.removed).clone()
    }
}

/// Takes a lock; what a thread that failed left behind is as good as any other note.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
