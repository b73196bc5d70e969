//! The embedded terminals of an environment.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{PaneHost, PaneIo, PaneSummary, PaneWatcher, StartRequest, TerminalDaemon, WatchMode};
use rustix::process::{Pid, Signal, kill_process};

use crate::environment::{Environment, binary, pause};
use crate::hands::Hands;
use crate::private_pty::{is_running, wait};

/// How long a daemon may take to end its panes and itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// The panes of an environment's daemon, which ends with the environment.
#[derive(Debug)]
pub struct EmbeddedTerminals {
    port: PtyMultiplexer,
}

impl EmbeddedTerminals {
    /// Returns the panes that commands of this environment open.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let text = |value: &std::ffi::OsString| value.to_str().expect("UTF-8").to_owned();
        let port = PtyMultiplexer::new(PtyOptions {
            directory: environment.terminals(),
            daemon: vec![binary().display().to_string(), "pty-daemon".to_owned()],
            daemon_environment: Vec::new(),
            pane_env: None,
            environment: environment.variables().map(|(name, value)| (text(name), text(value))).collect(),
        });
        Self { port }
    }

    /// Opens a pane beside no other, in which `argv` runs.
    ///
    /// # Panics
    /// When it does not open.
    #[must_use]
    pub fn open(&self, directory: &Path, argv: &[&str]) -> Pane {
        let argv = argv.iter().map(|&word| word.to_owned()).collect();
        let request = StartRequest { argv, directory: directory.to_owned(), tag: "first".to_owned() };
        wait(async { self.port.start(&request).await }).expect("a pane")
    }

    /// Returns all panes.
    ///
    /// # Panics
    /// When no daemon runs.
    #[must_use]
    pub fn panes(&self) -> Vec<PaneSummary> {
        wait(async { self.port.status().await }).expect("a daemon").expect("it runs").panes
    }

    /// Returns the pane that was opened for an agent.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn of_agent(&self, fleet: i64, agent: i64) -> Pane {
        // between them stands the key of the fleet
        let (begin, end) = (format!("{fleet}-"), format!("-{agent}"));
        let mut panes = self.panes().into_iter();
        panes.find(|pane| pane.tag.starts_with(&begin) && pane.tag.ends_with(&end)).expect("the pane").pane
    }

    /// Returns the pane with a name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn pane(&self, id: &str) -> Pane {
        let mut panes = self.panes().into_iter().map(|pane| pane.pane);
        panes.find(|pane| pane.id.as_str() == id).expect("the pane")
    }

    /// Returns what a pane shows, and up to 200 rows of what it has shown.
    ///
    /// # Panics
    /// When the pane is gone.
    #[must_use]
    pub fn screen(&self, pane: &Pane) -> String {
        wait(async { self.port.capture(pane, 200, false).await }).expect("a screen")
    }

    /// Gives a pane what a person's terminal sends.
    ///
    /// # Panics
    /// When the pane is gone.
    pub fn type_bytes(&self, pane: &Pane, bytes: &[u8]) {
        let typed = wait(async { self.port.watch(pane, WatchMode::Typing).await?.input.write(bytes).await });
        typed.expect("it is typed");
    }

    /// Puts a text into a composer, as a person who pastes does.
    ///
    /// # Panics
    /// When the pane is gone, or its program does not read.
    pub fn paste(&self, pane: &Pane, text: &str) {
        wait(async { self.port.paste_now(pane, text).await }).expect("it is pasted");
    }

    /// Watches a pane as often as the daemon allows, at most `viewers` times, for a while; returns how often.
    #[must_use]
    pub fn crowd(&self, pane: &Pane, viewers: usize, time: Duration) -> usize {
        wait(async {
            let mut watching = Vec::new();
            while watching.len() < viewers
                && let Ok(watched) = self.port.watch(pane, WatchMode::ReadOnly).await
            {
                watching.push(watched);
            }
            tokio::time::sleep(time).await;
            watching.len()
        })
    }

    /// Gives a pane the size of a viewer's terminal.
    ///
    /// # Panics
    /// When the pane is gone.
    pub fn resize(&self, pane: &Pane, columns: u16, rows: u16) {
        wait(async { self.port.watch(pane, WatchMode::Writable { columns, rows }).await }).map(drop).expect("its size");
    }
}

/// Returns the daemon whose socket is in a directory, if one runs.
#[must_use]
pub fn daemon(directory: &Path) -> Option<Pid> {
    let stream = UnixStream::connect(directory.join("socket")).ok()?;
    rustix::net::sockopt::socket_peercred(&stream).ok().map(|peer| peer.pid)
}

/// Ends the daemon whose socket is in a directory, if one runs, and waits until it is gone; tells whether it is.
pub fn end_daemon(directory: &Path) -> bool {
    let Some(pid) = daemon(directory) else { return true };
    let _gone_already = kill_process(pid, Signal::TERM);
    let start = Instant::now();
    while is_running(pid.as_raw_nonzero().get()) {
        if start.elapsed() > PATIENCE {
            return false;
        }
        pause(Duration::from_millis(10));
    }
    true
}
