//! Programs that outlive their daemon.
//!
//! The kernel hangs up the terminals of a daemon that is killed; a program that ignores that goes on without a terminal. So
//! each pane has a file while it is there, by which the next daemon, or whoever closes the pane, finds such a program. The
//! time of the start tells it from one that was given its number later.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};

use super::process_table;

/// What the files are called, before the process.
const PREFIX: &str = "pane-";

/// Notes that a pane's program runs; it is lost to nobody when that fails, but cannot be found later.
pub(super) fn note(directory: &Path, pid: i32) {
    if let Some(start) = process_table::start(pid) {
        let _cannot_be_found_later = fs::write(path(directory, pid), start.to_string());
    }
}

/// Forgets a pane.
pub(super) fn forget(directory: &Path, pid: i32) {
    let _never_noted = fs::remove_file(path(directory, pid));
}

/// Returns `true` if a pane's program runs that was noted.
pub(super) fn is_left(directory: &Path, pid: i32) -> bool {
    let noted = fs::read_to_string(path(directory, pid)).ok().and_then(|start| start.trim().parse::<u64>().ok());
    noted.is_some() && process_table::start(pid) == noted
}

/// Ends what a daemon that is gone has left of one pane; returns `true` if something was left.
pub(super) fn end(directory: &Path, pid: i32) -> bool {
    let is_left = is_left(directory, pid);
    if is_left {
        for pid in process_table::session(pid).into_iter().chain([pid]).filter_map(Pid::from_raw) {
            let _ended_already = kill_process(pid, Signal::KILL);
        }
    }
    forget(directory, pid);
    is_left
}

/// Ends what a daemon that is gone has left of all its panes.
pub(super) fn end_all(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let noted = names.filter_map(|name| name.strip_prefix(PREFIX)?.parse().ok());
    // the directory may have been taken from a daemon that lives
    for pid in noted.filter(|&pid| !process_table::has_daemon(pid)) {
        end(directory, pid);
    }
}

fn path(directory: &Path, pid: i32) -> PathBuf {
    directory.join(format!("{PREFIX}{pid}"))
}
