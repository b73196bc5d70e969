//! Whether the server of a pane still runs, by its process.
//!
//! A process number means something only in its PID namespace (pid_namespaces(7)), and may be given again: so the
//! namespace and the time of the start count, too. The facts are those of proc_pid_stat(5) and proc_stat(5).

use std::fs;
use std::os::unix::fs::MetadataExt;

use cafleet_domain::death::DeathProof;
use cafleet_domain::placement::{Pane, ServerId};
use cafleet_domain::ports::MultiplexerError;

/// The PID namespace that the system boots with (PROC_PID_INIT_INO of the kernel).
const FIRST_NAMESPACE: u64 = 0xEFFF_FFFC;

/// How far the start of a process and what its program took for it may be apart, in seconds.
const START_TOLERANCE: i64 = 3;

/// What multiplexers are called as processes.
const SERVER_NAMES: [&str; 2] = ["tmux", "cafleet"];

/// What can be known of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Runs,
    Ended,
    /// Nothing can be known, for this reason.
    Unknown(&'static str),
}

/// A process as the system shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Process {
    name: String,
    /// When it started, in seconds since the epoch.
    started: i64,
}

/// Proves that a server which does not answer has ended.
///
/// # Errors
/// `Unreachable` when it runs, with `advice`, and when nothing can be known.
pub(crate) fn proof_of_end(server: &ServerId, name: &str, advice: &str) -> Result<DeathProof, MultiplexerError> {
    let pid = server.pid;
    match fate(server) {
        Fate::Ended => Ok(DeathProof::ServerEnded { pid }),
        Fate::Runs => Err(MultiplexerError::Unreachable(format!("{name} (process {pid}) runs, but {advice}"))),
        Fate::Unknown(why) => Err(MultiplexerError::Unreachable(format!(
            "{name} (process {pid}) does not answer at {}, and it is not known whether it still runs: {why}",
            server.socket
        ))),
    }
}

/// Notes in which namespace the number of a pane's server is to be read, if that can be told from here.
pub(crate) fn with_namespace(mut pane: Pane) -> Pane {
    pane.server.namespace = namespace_of(&pane.server);
    pane
}

/// Returns the PID namespace of a server that this process can see.
pub(crate) fn namespace_of(server: &ServerId) -> Option<u64> {
    let is_the_one = process(server.pid).is_some_and(|process| is_start(&process, server));
    is_the_one.then(|| namespace(&server.pid.to_string())).flatten()
}

fn fate(server: &ServerId) -> Fate {
    let Some(own) = namespace("self").filter(|_| process(std::process::id()).is_some()) else {
        return Fate::Unknown("/proc is not available");
    };
    // what older versions recorded names no namespace
    if own != server.namespace.unwrap_or(FIRST_NAMESPACE) {
        return Fate::Unknown("it belongs to another container or sandbox");
    }
    classify(process(server.pid), server)
}

/// Decides by the process that has the server's number now.
fn classify(found: Option<Process>, server: &ServerId) -> Fate {
    match found {
        None => Fate::Ended,
        Some(process) if is_start(&process, server) => Fate::Runs,
        // the start is counted from a clock that may have been set since
        Some(process) if SERVER_NAMES.iter().any(|name| process.name.starts_with(name)) => {
            Fate::Unknown("a process of this number and name started at another time")
        }
        Some(_) => Fate::Ended,
    }
}

fn is_start(process: &Process, server: &ServerId) -> bool {
    (process.started - server.started).abs() <= START_TOLERANCE
}

fn namespace(process: &str) -> Option<u64> {
    fs::metadata(format!("/proc/{process}/ns/pid")).ok().map(|found| found.ino())
}

fn process(pid: u32) -> Option<Process> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?, boot_time()?)
}

/// Reads a line of `/proc/<pid>/stat`; none for a process that has ended and is only not reaped.
fn parse(stat: &str, boot: i64) -> Option<Process> {
    // the name, in parentheses, may hold anything
    let (head, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks: i64 = fields.get(19)?.parse().ok()?;
    let per_second = i64::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    let name = head.split_once('(')?.1.to_owned();
    (!matches!(fields.first(), Some(&("Z" | "X")))).then_some(Process { name, started: boot + ticks / per_second })
}

fn boot_time() -> Option<i64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(pid: u32, started: i64, namespace: Option<u64>) -> ServerId {
        ServerId { socket: "/s".to_owned(), pid, started, namespace }
    }

    fn own() -> (u32, i64) {
        let pid = std::process::id();
        (pid, process(pid).expect("this process").started)
    }

    #[test]
    fn a_server_that_runs_is_never_taken_for_ended() {
        let (pid, started) = own();
        let server = server(pid, started, namespace("self"));
        assert_eq!(fate(&server), Fate::Runs);
        assert_eq!(namespace_of(&server), namespace("self"));
        let told = proof_of_end(&server, "the server", "its socket is not there").expect_err("it runs");
        assert_eq!(told.to_string(), format!("the server (process {pid}) runs, but its socket is not there"));
    }

    #[test]
    fn a_number_that_nobody_has_or_somebody_else_is_proof() {
        let (_, started) = own();
        assert_eq!(fate(&server(u32::MAX >> 1, started, namespace("self"))), Fate::Ended);
        // the test runner, which is no multiplexer
        let runner = rustix::process::getppid().expect("a parent").as_raw_nonzero().get();
        let server = server(runner.unsigned_abs(), started - 10_000, namespace("self"));
        let found = (fate(&server), namespace_of(&server));
        assert_eq!(found, (Fate::Ended, None), "another program has it");
    }

    #[test]
    fn in_another_namespace_a_number_says_nothing() {
        let (pid, started) = own();
        for number in [pid, u32::MAX >> 1] {
            assert!(matches!(fate(&server(number, started, Some(1))), Fate::Unknown(_)));
        }
    }

    #[test]
    fn a_clock_that_was_set_kills_nobody() {
        let found = |name: &str| Some(Process { name: name.to_owned(), started: 50_000 });
        let server = server(7, 1_000, None);
        for name in ["tmux: server", "cafleet"] {
            assert!(matches!(classify(found(name), &server), Fate::Unknown(_)), "{name}");
        }
        assert_eq!(classify(found("bash"), &server), Fate::Ended);
        assert_eq!(classify(None, &server), Fate::Ended);
    }

    #[test]
    fn a_process_is_read_whatever_it_is_called() {
        let stat = format!("12 (tmux: ) x) S {} 250 0", "0 ".repeat(18).trim_end());
        let started = 100 + 250 / i64::try_from(rustix::param::clock_ticks_per_second()).expect("a number");
        assert_eq!(parse(&stat, 100), Some(Process { name: "tmux: ) x".to_owned(), started }));
        assert_eq!(parse(&stat.replace(") S", ") Z"), 100), None, "it only waits to be reaped");
        assert_eq!(parse("", 100), None);
    }
}
