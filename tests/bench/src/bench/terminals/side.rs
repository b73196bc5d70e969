//! The two sides: a server of each, with a pane in which `cat` runs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_adapters::tmux::{TmuxMultiplexer, TmuxOptions};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Multiplexer, PaneHost, PaneWatcher, SpawnRequest, StartRequest, WatchMode};
use tempfile::TempDir;

use crate::{Outcome, Plan};

/// The longest that anything here is waited for.
pub(super) const LIMIT: Duration = Duration::from_secs(120);

/// One of the two; ends with the value.
pub(super) struct Side {
    pub(super) name: &'static str,
    pub(super) port: Box<dyn Multiplexer>,
    pub(super) watcher: Box<dyn PaneWatcher>,
    pub(super) first: Pane,
    /// What tells a command that it runs in the first pane.
    pub(super) variables: Vec<(&'static str, String)>,
    home: TempDir,
}

impl Side {
    /// Starts the daemon of a home.
    pub(super) async fn embedded(plan: &Plan) -> Outcome<Self> {
        let home = TempDir::new()?;
        let port = PtyMultiplexer::new(PtyOptions {
            directory: home.path().join(".local/share/cafleet/pty"),
            daemon: vec![plan.cafleet.display().to_string(), "pty-daemon".to_owned()],
            daemon_environment: Vec::new(),
            environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
            ..PtyOptions::default()
        });
        let argv = vec!["/bin/cat".to_owned()];
        let request = StartRequest { argv, directory: home.path().to_owned(), tag: "1-1".to_owned() };
        let first = port.start(&request).await?;
        let variables = vec![("CAFLEET_PANE", format!("{},{}", first.id, first.server))];
        Ok(Self { name: "embedded", port: Box::new(port.clone()), watcher: Box::new(port), first, variables, home })
    }

    /// Starts a server without configuration.
    pub(super) async fn tmux(plan: &Plan) -> Outcome<Self> {
        let home = TempDir::new()?;
        let socket = home.path().join("tmux").display().to_string();
        let session = ["-f", "/dev/null", "-S", &socket, "new-session", "-d", "-x", "240", "-y", "40"];
        let mut command = Command::new("tmux");
        command.args(session).args(["-P", "-F", "#{pid}", "cat"]).env_remove("TMUX").stdin(Stdio::null());
        command.env("HOME", home.path());
        let pid = String::from_utf8(command.output()?.stdout)?.trim().to_owned();
        let environment = format!("{socket},{pid},0");
        let port = TmuxMultiplexer::new(TmuxOptions {
            tmux_env: Some(environment.clone()),
            tmux_pane_env: Some("%0".to_owned()),
            exec_helper: vec![plan.cafleet.display().to_string(), "exec-file".to_owned()],
            ..TmuxOptions::default()
        });
        let first = port.caller().await?.ok_or("tmux has no pane")?;
        let variables = vec![("TMUX", environment), ("TMUX_PANE", "%0".to_owned())];
        Ok(Self { name: "tmux", port: Box::new(port.clone()), watcher: Box::new(port), first, variables, home })
    }

    /// Opens a pane.
    pub(super) async fn spawn(&self, argv: &[&str]) -> Outcome<Pane> {
        let argv = argv.iter().map(|&word| word.to_owned()).collect();
        let (beside, directory) = (self.first.clone(), self.home().to_owned());
        Ok(self.port.spawn(&SpawnRequest { beside, argv, directory, tag: "1-1".to_owned() }).await?)
    }

    /// Ends a line in a pane, as a person does.
    pub(super) async fn press_enter(&self, pane: &Pane) -> Outcome<()> {
        let mut watched = self.watcher.watch(pane, WatchMode::Typing).await?;
        Ok(watched.input.write(b"\r").await?)
    }

    /// Returns the home directory of what runs here.
    pub(super) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Returns the process of the server.
    pub(super) fn server(&self) -> u32 {
        self.first.server.pid
    }

    /// Waits until one of the last rows of a pane says so.
    pub(super) async fn until_shown(&self, pane: &Pane, shows: impl Fn(&str) -> bool) -> Outcome<()> {
        let begun = Instant::now();
        loop {
            let screen = self.port.capture(pane, 3, false).await;
            if screen.as_ref().is_ok_and(|screen| shows(screen)) {
                return Ok(());
            }
            if begun.elapsed() > LIMIT {
                return Err(format!("{}: pane {} does not show what it should: {screen:?}", self.name, pane.id).into());
            }
        }
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // it goes with its panes
        let _gone = Command::new("kill").arg(self.server().to_string()).status();
    }
}
