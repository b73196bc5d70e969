//! What a server takes.

use std::fs;
use std::time::Duration;

use crate::Outcome;
use crate::measure::pause;

/// The longest that anything here is waited for.
pub(super) const LIMIT: Duration = Duration::from_secs(120);

/// How long processor time is watched.
pub(super) const WATCHED: Duration = Duration::from_secs(5);

/// Returns the resident set of a process, in bytes (proc_pid_status(5)).
pub(super) fn memory(pid: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no resident set")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// Returns how much processor time a process takes in [`WATCHED`].
pub(super) fn processor_time(pid: u32) -> Outcome<Duration> {
    let before = ticks(pid)?;
    pause(WATCHED);
    Ok(Duration::from_millis((ticks(pid)? - before) * 10))
}

/// Returns the processor time of a process in hundredths of a second (proc_pid_stat(5)).
fn ticks(pid: u32) -> Outcome<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit_once(") ").ok_or("no fields")?.1.split(' ').collect();
    Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
}
