//! The monitor, which is ended again and again.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use cafleet_tests::environment::{Outcome, pause};

use crate::yard::Yard;

/// Keeps a monitor running until the fleet has settled.
pub(crate) fn watch(yard: &Yard, mut chance: fastrand::Rng) {
    let mut monitor = start(yard);
    let mut until = Instant::now() + Duration::from_secs(chance.u64(15..60));
    while yard.is_watched() {
        pause(Duration::from_millis(200));
        if let Ok(Some(_)) = monitor.try_wait() {
            yard.tally.wrong(format!("the monitor has ended by itself: {:?}", Outcome::finish(monitor)));
            monitor = start(yard);
        }
        if Instant::now() < until || !yard.goes_on() {
            continue;
        }
        let (signal, what) =
            if chance.bool() { ("-KILL", "monitor killed (-9)") } else { ("-TERM", "monitor ended and started") };
        end(monitor, signal);
        yard.tally.count(what);
        pause(Duration::from_millis(chance.u64(0..4000)));
        monitor = start(yard);
        until = Instant::now() + Duration::from_secs(chance.u64(15..60));
    }
    end(monitor, "-TERM");
}

fn start(yard: &Yard) -> Child {
    yard.environment.spawn(&yard.fleet.words("monitor start --tick 1"))
}

fn end(mut monitor: Child, signal: &str) {
    let _ended_already = Command::new("/bin/kill").args([signal, &monitor.id().to_string()]).output();
    let _reaped = monitor.wait();
}
