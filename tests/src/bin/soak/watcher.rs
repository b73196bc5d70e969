//! The monitor, which is ended again and again.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use cafleet_tests::environment::{Fleet, Outcome, pause};

use crate::yard::Yard;

/// Keeps the monitor of a fleet running until the fleet has settled.
pub(crate) fn watch(yard: &Yard, fleet: &Fleet, mut chance: fastrand::Rng) {
    let mut monitor = start(yard, fleet);
    let mut until = Instant::now() + Duration::from_secs(chance.u64(15..60));
    while yard.is_watched() {
        pause(Duration::from_millis(200));
        if let Ok(Some(_)) = monitor.try_wait() {
            yard.tally.wrong(format!("the monitor has ended by itself: {:?}", Outcome::finish(monitor)));
            monitor = start(yard, fleet);
        }
        if Instant::now() < until || !yard.goes_on() {
            continue;
        }
        let (signal, what) =
            if chance.bool() { ("-KILL", "monitor killed (-9)") } else { ("-TERM", "monitor ended and started") };
        end(monitor, signal);
        yard.tally.count(what);
        pause(Duration::from_millis(chance.u64(0..4000)));
        monitor = start(yard, fleet);
        until = Instant::now() + Duration::from_secs(chance.u64(15..60));
    }
    end(monitor, "-TERM");
}

fn start(yard: &Yard, fleet: &Fleet) -> Child {
    yard.environment.spawn(&fleet.words("monitor start --tick 1"))
}

fn end(mut monitor: Child, signal: &str) {
    let _ended_already = Command::new("/bin/kill").args([signal, &monitor.id().to_string()]).output();
    let _reaped = monitor.wait();
}
