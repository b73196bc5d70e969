//! What the system says about processes: who is in front of a terminal, who belongs to a session.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What a daemon's program is called with first.
const DAEMON: &[u8] = b"pty-daemon";

/// The option that names the directory to it.
const DIRECTORY: &[u8] = b"--directory";

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

/// Returns the process of a daemon of this directory, by the words that it was called with; never the calling process.
///
/// It needs nothing that lies in the directory. What runs in another container or sandbox does not count: the same path may be
/// another directory there.
pub(super) fn daemon(directory: &Path) -> Option<u32> {
    let own = std::process::id();
    let pids = fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let mut others = pids.filter(|&pid: &u32| pid != own);
    others.find(|&pid| is_daemon_of(&words(pid), directory) && is_ours(pid) && is_beside_us(pid))
}

/// Returns `true` if the process that has started this one is a daemon.
pub(super) fn has_daemon(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let parent = stat.rsplit_once(") ").and_then(|(_, fields)| fields.split(' ').nth(1)?.parse().ok());
    parent.is_some_and(|parent: u32| words(parent).get(1).is_some_and(|word| word == DAEMON))
}

fn is_daemon_of(words: &[Vec<u8>], directory: &Path) -> bool {
    let names = |pair: &[Vec<u8>]| pair[0] == DIRECTORY && pair[1] == directory.as_os_str().as_bytes();
    words.get(1).is_some_and(|word| word == DAEMON) && words.windows(2).any(names)
}

/// Returns what a process was called with; nothing for one that has ended.
fn words(pid: u32) -> Vec<Vec<u8>> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect()
}

fn is_ours(pid: u32) -> bool {
    fs::metadata(format!("/proc/{pid}")).is_ok_and(|found| found.uid() == rustix::process::getuid().as_raw())
}

/// Returns `true` if a process sees the same processes and files as we do (namespaces(7)).
fn is_beside_us(pid: u32) -> bool {
    let namespace =
        |process: &str, kind: &str| fs::metadata(format!("/proc/{process}/ns/{kind}")).ok().map(|it| it.ino());
    ["pid", "mnt"].iter().all(|kind| namespace(&pid.to_string(), kind) == namespace("self", kind))
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
    fn a_daemon_is_known_by_the_words_that_it_was_called_with() {
        let is_daemon = |line: &str| {
            let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            is_daemon_of(&words, Path::new("/data/pty"))
        };
        assert!(is_daemon("cafleet pty-daemon --directory /data/pty"));
        assert!(is_daemon("/opt/cafleet pty-daemon --resume --directory /data/pty"));
        assert!(!is_daemon("cafleet pty-daemon --directory /data/pty2"));
        assert!(!is_daemon("cafleet pty-daemon"));
        assert!(!is_daemon("vi pty-daemon.md --directory /data/pty"));
        assert!(!is_daemon(""));
    }

    #[test]
    fn a_process_has_the_name_that_it_was_called_by() {
        let own = i32::try_from(std::process::id()).expect("a pid");
        assert!(name(own).starts_with("cafleet_adapters"), "{}", name(own));
        assert_eq!(name(i32::MAX), "");
    }
}
