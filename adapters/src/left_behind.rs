//! Programs that were started in a pane and go on without it, as those that began a session of their own do.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use cafleet_domain::process::LeftBehind;
use cafleet_domain::text::one_line;
use procfs::process::{Process, all_processes};
use tokio::time::sleep;

/// How long what is ending with its pane may take.
const ENDING: Duration = Duration::from_secs(1);
/// How often to look whether it has ended.
const POLL: Duration = Duration::from_millis(100);

/// The environment that a process was started with.
pub(crate) struct Environment(HashMap<OsString, OsString>);

impl Environment {
    /// Returns the value of a variable; none when it is not set, or is no text.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(OsStr::new(name)).and_then(|value| value.to_str())
    }
}

/// Returns what goes on without its pane, as far as its environment still `names` that pane, and it belongs to the same user.
pub(crate) async fn left_behind(names: impl Fn(&Environment) -> bool) -> Vec<LeftBehind> {
    let mut left = started_in(&names);
    let mut waited = Duration::ZERO;
    while !left.is_empty() && waited < ENDING {
        sleep(POLL).await;
        waited += POLL;
        left = started_in(&names);
    }
    left
}

fn started_in(names: impl Fn(&Environment) -> bool) -> Vec<LeftBehind> {
    let Ok(processes) = all_processes() else { return Vec::new() };
    let own = i32::try_from(std::process::id()).ok();
    let others = processes.flatten().filter(|process| Some(process.pid) != own);
    let inside = others.filter(|process| process.environ().is_ok_and(|variables| names(&Environment(variables))));
    inside.filter_map(|process| describe(&process)).collect()
}

/// Names a process; none when it has ended.
fn describe(process: &Process) -> Option<LeftBehind> {
    let stat = process.stat().ok().filter(|stat| !matches!(stat.state, 'Z' | 'X'))?;
    Some(LeftBehind { pid: u32::try_from(process.pid).ok()?, program: one_line(&stat.comm) })
}
