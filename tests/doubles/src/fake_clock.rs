//! A clock that runs as fast as the test.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::ports::Clock;
use cafleet_domain::timestamp::Timestamp;

/// How long, in real time, a sleeper lets others fall asleep before it moves the clock.
const PATIENCE: Duration = Duration::from_millis(1);

/// What is to happen at a point in time.
type Event = (Timestamp, Box<dyn FnOnce() + Send>);

struct State {
    now: Timestamp,
    sleepers: Vec<(u64, Timestamp)>,
    next: u64,
    events: Vec<Event>,
}

/// A clock that stands still until everybody sleeps, and then goes on to the moment when the first one wakes; clones share it.
///
/// So two that sleep side by side for a second wake after one second, not after two.
#[derive(Clone)]
pub struct FakeClock(Arc<Mutex<State>>);

impl fmt::Debug for FakeClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FakeClock").field(&self.lock().now).finish()
    }
}

impl FakeClock {
    /// Returns a clock that shows `now`.
    #[must_use]
    pub fn starting(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State { now, sleepers: Vec::new(), next: 0, events: Vec::new() })))
    }

    /// Makes `event` happen when the clock comes to `delay` from now.
    pub fn after(&self, delay: Duration, event: impl FnOnce() + Send + 'static) {
        let mut state = self.lock();
        let due = state.now.after(delay);
        state.events.push((due, Box::new(event)));
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        let due = {
            let mut state = self.lock();
            let now = state.now.after(by);
            state.move_to(now)
        };
        run(due);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether a sleeper may wake; moves the clock if it is the first one and somebody has to.
    fn wake(&self, sleeper: u64) -> bool {
        let (due, awake) = {
            let mut state = self.lock();
            let Some(&(_, deadline)) = state.sleepers.iter().find(|(id, _)| *id == sleeper) else { return true };
            let first = state.sleepers.iter().all(|(_, other)| deadline <= *other);
            let due = if first && state.now < deadline { state.move_to(deadline) } else { Vec::new() };
            (due, state.now >= deadline)
        };
        run(due);
        awake
    }
}

impl State {
    /// Moves the clock, never back, and returns what is due.
    fn move_to(&mut self, now: Timestamp) -> Vec<Event> {
        self.now = self.now.max(now);
        let (mut due, later): (Vec<Event>, Vec<Event>) =
            std::mem::take(&mut self.events).into_iter().partition(|(at, _)| *at <= self.now);
        self.events = later;
        due.sort_by_key(|(at, _)| *at);
        due
    }
}

/// Runs events while nobody holds the clock: they may look at it.
fn run(events: Vec<Event>) {
    for (_, event) in events {
        event();
    }
}

/// A sleeper that is forgotten when its sleep is broken off.
struct Sleeper<'a> {
    clock: &'a FakeClock,
    id: u64,
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.clock.lock().sleepers.retain(|(id, _)| *id != self.id);
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    async fn sleep(&self, duration: Duration) {
        let sleeper = {
            let mut state = self.lock();
            let (id, deadline) = (state.next, state.now.after(duration));
            state.next += 1;
            state.sleepers.push((id, deadline));
            Sleeper { clock: self, id }
        };
        loop {
            tokio::time::sleep(PATIENCE).await;
            if self.wake(sleeper.id) {
                return;
            }
        }
    }
}
