//! Whole processes: how long they take, and how much of a processor.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeVal, TimeValLike};

use crate::Outcome;

/// Runs of each side before the first that counts.
const WARM_UP: usize = 5;

/// Makes the command of the n-th run.
pub(crate) type Maker<'a> = Box<dyn FnMut(usize) -> Outcome<Command> + 'a>;

/// What all runs of one side took.
#[derive(Default)]
pub(crate) struct Series {
    wall: Vec<Duration>,
    cpu: Vec<Duration>,
}

impl Series {
    /// Returns the shortest and the median time on the clock.
    pub(crate) fn wall(&self) -> (Duration, Duration) {
        summary(&self.wall)
    }

    /// Returns the least and the median processor time, user and system together.
    pub(crate) fn cpu(&self) -> (Duration, Duration) {
        summary(&self.cpu)
    }
}

fn summary(times: &[Duration]) -> (Duration, Duration) {
    (quantile(times, 0.0), quantile(times, 0.5))
}

/// Returns the value below which the given part of all values lies.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "an index into a few thousand values"
)]
pub(crate) fn quantile(times: &[Duration], part: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().saturating_sub(1);
    sorted.get((part * last as f64).round() as usize).copied().unwrap_or_default()
}

/// Runs all sides in turn, so that a machine that slows down slows all of them down.
pub(crate) fn alternate(sides: &mut [Maker<'_>], runs: usize) -> Outcome<Vec<Series>> {
    let mut measured: Vec<Series> = sides.iter().map(|_| Series::default()).collect();
    for run in 0..WARM_UP + runs {
        for (side, series) in sides.iter_mut().zip(&mut measured) {
            let (wall, cpu) = once(&mut side(run)?)?;
            if run >= WARM_UP {
                series.wall.push(wall);
                series.cpu.push(cpu);
            }
        }
    }
    Ok(measured)
}

/// Returns how many runs [`alternate`] makes of each side for so many that count.
pub(crate) fn total(runs: usize) -> usize {
    WARM_UP + runs
}

/// Runs a command to its end and returns its time on the clock and its processor time. No other child may end meanwhile.
pub(crate) fn once(command: &mut Command) -> Outcome<(Duration, Duration)> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let before = processor_time()?;
    let started = Instant::now();
    let status = command.status()?;
    let wall = started.elapsed();
    if !status.success() {
        return Err(format!("{command:?} failed: {status}").into());
    }
    Ok((wall, processor_time()?.saturating_sub(before)))
}

/// Returns the processor time of all children that have ended.
pub(crate) fn processor_time() -> Outcome<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = |time: TimeVal| u64::try_from(time.num_microseconds());
    Ok(Duration::from_micros(micros(usage.user_time())? + micros(usage.system_time())?))
}

/// Waits for other processes to get somewhere that cannot be seen from here.
#[expect(clippy::disallowed_methods, reason = "the benchmark has no clock to ask")]
pub(crate) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
