//! What the system says about the processes of a pane (proc(5)).

use std::collections::VecDeque;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use cafleet_domain::process::{Foreground, Process as PaneProcess, ProcessId};
use procfs::ProcError;
use procfs::process::{FDPermissions, FDTarget, Process, Stat};

/// How many processes of one pane are looked at.
const MOST_PROCESSES: usize = 512;

/// How much of each argument is kept, in bytes; prompts are long.
const KEPT_ARGUMENT: usize = 512;

/// How many arguments are kept.
const KEPT_ARGUMENTS: usize = 16;

/// Returns the foreground process group of the pane whose own process is `pid`, 0 when the system does not tell, and the
/// processes of the pane; `tty` is its terminal where that is known.
#[must_use]
pub(crate) fn foreground(pid: u32, tty: Option<&Path>) -> (u32, Foreground) {
    match read(pid, tty) {
        Ok((group, processes)) => (group, Foreground::Known(processes)),
        Err(why) => (0, Foreground::Unknown(why)),
    }
}

fn read(pid: u32, tty: Option<&Path>) -> Result<(u32, Vec<PaneProcess>), String> {
    let unreadable = |error: ProcError| match error {
        ProcError::PermissionDenied(_) => format!("process {pid} belongs to somebody else"),
        ProcError::NotFound(_) => format!("process {pid} is not to be seen from here"),
        error => error.to_string(),
    };
    let (root, own) = stat(pid).map_err(unreadable)?;
    if own.tty_nr == 0 {
        return Err(format!("process {pid} has no terminal"));
    }
    // another pid namespace has other processes of the same number
    if let Some(tty) = tty
        && std::fs::metadata(tty).map_or(true, |data| data.rdev() != device(own.tty_nr))
    {
        return Err(format!("process {pid} is not the one at {}", tty.display()));
    }
    let mut found = Vec::new();
    let mut waiting = VecDeque::from([(root, own.clone())]);
    while let Some((process, stat)) = waiting.pop_front() {
        if found.len() == MOST_PROCESSES {
            return Err(format!("the pane has more than {MOST_PROCESSES} processes"));
        }
        // one that ends meanwhile has no children; those that it had are not below the pane any more
        for child in children(&process) {
            waiting.extend(self::stat(child).ok());
        }
        found.push(describe(&process, &stat, &own));
    }
    Ok((u32::try_from(own.tpgid).unwrap_or_default(), found))
}

fn stat(pid: u32) -> Result<(Process, Stat), ProcError> {
    let process = Process::new(i32::try_from(pid).map_err(|_| ProcError::NotFound(None))?)?;
    let stat = process.stat()?;
    Ok((process, stat))
}

/// A child that starts or ends meanwhile may be left out, which the next look mends.
fn children(process: &Process) -> Vec<u32> {
    let Ok(tasks) = process.tasks() else { return Vec::new() };
    tasks.filter_map(|task| task.ok()?.children().ok()).flatten().collect()
}

fn describe(process: &Process, stat: &Stat, own: &Stat) -> PaneProcess {
    let in_front = stat.tty_nr == own.tty_nr && stat.pgrp == own.tpgid && !matches!(stat.state, 'Z' | 'X');
    PaneProcess {
        id: ProcessId { pid: stat.pid.unsigned_abs(), started: stat.starttime },
        parent: stat.ppid.unsigned_abs(),
        in_front,
        reads_terminal: in_front && reads_terminal(process, own),
        program: process.exe().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default(),
        arguments: arguments(process),
    }
}

/// Tells whether a process has its terminal open to read from. What it was given as output and error stream does not count:
/// helpers of an agent inherit them. One that cannot be looked into, as `sudo`, may well read.
fn reads_terminal(process: &Process, own: &Stat) -> bool {
    let mut descriptors = match process.fd() {
        Ok(descriptors) => descriptors.filter_map(Result::ok),
        Err(error) => return !matches!(error, ProcError::NotFound(_)),
    };
    descriptors.any(|descriptor| {
        let FDTarget::Path(path) = &descriptor.target else { return false };
        let is_input = !matches!(descriptor.fd, 1 | 2) && descriptor.mode().contains(FDPermissions::READ);
        let is_terminal = || std::fs::metadata(path).is_ok_and(|data| data.rdev() == device(own.tty_nr));
        is_input && path.starts_with("/dev") && (path == Path::new("/dev/tty") || is_terminal())
    })
}

/// Returns a device number of proc_pid_stat(5) as stat(2) gives it.
fn device(tty: i32) -> u64 {
    let tty = tty.unsigned_abs();
    rustix::fs::makedev((tty >> 8) & 0xfff, (tty & 0xff) | ((tty >> 12) & 0xfff00))
}

fn arguments(process: &Process) -> Vec<String> {
    let cut = |mut argument: String| {
        let end = (0..=KEPT_ARGUMENT.min(argument.len())).rev().find(|&at| argument.is_char_boundary(at));
        argument.truncate(end.unwrap_or_default());
        argument
    };
    process.cmdline().unwrap_or_default().into_iter().take(KEPT_ARGUMENTS).map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_number_is_that_of_its_file() {
        // the third pseudoterminal: major 136 in the second byte, minor 3 in the first
        assert_eq!(device(136 << 8 | 3), rustix::fs::makedev(136, 3));
        assert_eq!(device(136 << 8 | 0x12 | 0x345 << 20), rustix::fs::makedev(136, 0x34512));
    }

    #[test]
    fn what_is_not_there_is_unknown() {
        let (group, foreground) = foreground(u32::MAX, None);
        assert_eq!(group, 0);
        assert!(matches!(foreground, Foreground::Unknown(why) if why.contains("not to be seen")));
    }
}
