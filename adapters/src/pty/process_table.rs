//! What the system says about processes: who is in front of a terminal, who belongs to a session.

use std::fs;
use std::path::Path;

/// Returns the name by which a process was called, without its folder; empty when it is not there any more.
pub(super) fn name(pid: i32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let word = String::from_utf8_lossy(line.split(|&byte| byte == 0).next().unwrap_or_default()).into_owned();
    if word.is_empty() {
        return fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim_end().to_owned();
    }
    // a login shell is called `-bash`; a program may put its own words there
    let first = word.split(' ').next().unwrap_or_default();
    Path::new(first).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Returns when a process started, in ticks since the system did; none for one that is not there or only not reaped.
pub(super) fn start(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    fields.get(19)?.parse().ok().filter(|_| !matches!(fields.first(), Some(&("Z" | "X"))))
}

/// Returns the processes of a session that still run.
pub(super) fn session(id: i32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|&pid| fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| belongs(&stat, id))).collect()
}

/// Tells whether a line of `/proc/<pid>/stat` is of a process of this session that is no zombie (proc_pid_stat(5)).
fn belongs(stat: &str, session: i32) -> bool {
    // the name, in parentheses, may hold anything
    let Some((_, fields)) = stat.rsplit_once(") ") else { return false };
    let fields: Vec<&str> = fields.split(' ').collect();
    !matches!(fields.first(), Some(&("Z" | "X"))) && fields.get(3).and_then(|id| id.parse().ok()) == Some(session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_whatever_a_program_is_called() {
        assert!(belongs("12 (a) b (c) S 1 12 77 34816 12 4194304", 77));
        assert!(!belongs("12 (sh) S 1 12 78 34816 12 4194304", 77));
        assert!(!belongs("12 (sh) Z 1 12 77 34816 12 4194304", 77));
        assert!(!belongs("", 77));
    }

    #[test]
    fn a_process_has_the_name_that_it_was_called_by() {
        let own = i32::try_from(std::process::id()).expect("a pid");
        assert!(name(own).starts_with("cafleet_adapters"), "{}", name(own));
        assert_eq!(name(i32::MAX), "");
    }
}
