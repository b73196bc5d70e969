//! Programs that were started in a pane and go on without it, as those that began a session of their own do.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::process::LeftBehind;
use procfs::process::{Process, all_processes};
use tokio::time::sleep;

/// How long what is ending with its pane may take.
const ENDING: Duration = Duration::from_secs(1);
/// How often to look whether it has ended.
const POLL: Duration = Duration::from_millis(100);

/// Returns what goes on without its pane, as far as it still has the variables by which programs know their pane, and belongs to
/// the same user.
pub(crate) async fn left_behind(pane: &Pane) -> Vec<LeftBehind> {
    let mut left = started_in(pane);
    let mut waited = Duration::ZERO;
    while !left.is_empty() && waited < ENDING {
        sleep(POLL).await;
        waited += POLL;
        left = started_in(pane);
    }
    left
}

fn started_in(pane: &Pane) -> Vec<LeftBehind> {
    let Ok(processes) = all_processes() else { return Vec::new() };
    let own = i32::try_from(std::process::id()).ok();
    let others = processes.flatten().filter(|process| Some(process.pid) != own);
    others.filter(|process| knows(process, pane)).filter_map(|process| describe(&process)).collect()
}

/// Returns `true` if the process finds the pane in its environment.
fn knows(process: &Process, pane: &Pane) -> bool {
    let Ok(environment) = process.environ() else { return false };
    let variable = |name: &str| environment.get(OsStr::new(name)).and_then(text);
    match pane.multiplexer {
        MultiplexerKind::Tmux => {
            let ServerId { socket, pid, .. } = &pane.server;
            let is_server = |tmux: &str| tmux.starts_with(&format!("{socket},{pid},"));
            variable("TMUX").is_some_and(is_server) && variable("TMUX_PANE") == Some(pane.id.as_str())
        }
        MultiplexerKind::Pty => variable("CAFLEET_PANE")
            .and_then(|told| told.split_once(','))
            .is_some_and(|(id, server)| id == pane.id.as_str() && server.parse().as_ref() == Ok(&pane.server)),
    }
}

fn text(value: &OsString) -> Option<&str> {
    value.to_str()
}

/// Names a process; none when it has ended.
fn describe(process: &Process) -> Option<LeftBehind> {
    let stat = process.stat().ok().filter(|stat| !matches!(stat.state, 'Z' | 'X'))?;
    Some(LeftBehind { pid: u32::try_from(process.pid).ok()?, program: stat.comm })
}
