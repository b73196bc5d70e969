//! What a running process takes.

use std::fs;
use std::time::Duration;

use crate::Outcome;

/// Returns the resident set of a process, in bytes (proc_pid_status(5)).
pub(crate) fn memory(pid: u32) -> Outcome<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kibibytes = text.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok(kibibytes.ok_or("/proc/…/status has no VmRSS")?.parse::<u64>()? * 1024)
}

/// Returns the processor time that a process has taken: hundredths of a second on Linux (proc_pid_stat(5)).
pub(crate) fn processor_time(pid: u32) -> Outcome<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name of the program, in brackets, may hold anything; what follows it is numbers.
    let (_, fields) = text.rsplit_once(") ").ok_or("/proc/…/stat has no name")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>);
    Ok(Duration::from_millis(ticks.sum::<Result<u64, _>>()? * 10))
}
