//! A tmux server of the test's own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cafleet_adapters::tmux::{TmuxMultiplexer, TmuxOptions};
use cafleet_domain::id::PaneId;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::SpawnRequest;
use tempfile::TempDir;

use crate::environment::Environment;

/// How long a test waits for something that it expects to see.
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns the tmux that the tests run on: what `CAFLEET_TEST_TMUX` names, else the installed one.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "which tmux the tests run on is said to the tests alone")]
pub fn program() -> String {
    std::env::var("CAFLEET_TEST_TMUX").unwrap_or_else(|_| "tmux".to_owned())
}

/// A private server: its socket, home and files are in a directory of its own, its environment is empty but for the
/// search path, it reads no configuration, and it ends with the value.
#[derive(Debug)]
pub struct PrivateTmux {
    directory: TempDir,
    size: (u32, u32),
}

impl PrivateTmux {
    /// Starts a server with one session `main` of 160 columns by 48 rows, in which `cat` runs.
    #[must_use]
    pub fn start() -> Self {
        Self::start_sized(160, 48)
    }

    /// Starts a server whose windows have the given size.
    #[must_use]
    pub fn start_sized(columns: u32, rows: u32) -> Self {
        let directory = tempfile::Builder::new().prefix("cafleet-tmux-").tempdir().expect("a temporary directory");
        let server = Self { directory, size: (columns, rows) };
        server.boot("cat");
        server
    }

    /// Starts the server's process, with `program` (read by a shell) in its first pane.
    pub fn boot(&self, program: &str) {
        let (columns, rows) = (self.size.0.to_string(), self.size.1.to_string());
        self.tmux(&["-f", "/dev/null", "new-session", "-d", "-s", "main", "-x", &columns, "-y", &rows, program]);
    }

    /// Ends the server's process and waits until it is gone.
    pub fn kill_server(&self) {
        let pid = self.director().server.pid;
        self.tmux(&["kill-server"]);
        self.until("the server to end", || (!Path::new(&format!("/proc/{pid}")).exists()).then_some(()));
    }

    /// Returns the directory in which the test may leave files.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the path of the server's socket.
    #[must_use]
    pub fn socket(&self) -> String {
        self.directory().join("socket").display().to_string()
    }

    /// Runs the tmux client and returns what it prints.
    ///
    /// # Panics
    /// When it fails.
    pub fn tmux(&self, arguments: &[&str]) -> String {
        let output = self.client().args(["-u", "-S", &self.socket()]).args(arguments).output().expect("tmux runs");
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    /// Returns a tmux command in the server's environment.
    fn client(&self) -> Command {
        let mut command = Command::new(program());
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", self.directory());
        command.env("TMPDIR", self.directory()).env("TERM", "xterm-256color").current_dir(self.directory());
        command
    }

    /// Gives the programs of later panes the variables of an environment.
    pub fn hand_on(&self, environment: &Environment) {
        for (name, value) in environment.variables() {
            self.tmux(&["set-environment", "-g", &name.to_string_lossy(), &value.to_string_lossy()]);
        }
    }

    /// Makes the commands of an environment run in the first pane.
    ///
    /// # Panics
    /// When there is no such pane.
    pub fn adopt(&self, environment: &mut Environment) {
        let options = self.options();
        environment.set("TMUX", options.tmux_env.expect("a server"));
        environment.set("TMUX_PANE", options.tmux_pane_env.expect("a pane"));
    }

    /// Returns the names of all panes.
    #[must_use]
    pub fn panes(&self) -> Vec<String> {
        self.tmux(&["list-panes", "-a", "-F", "#{pane_id}"]).lines().map(str::to_owned).collect()
    }

    /// Puts a text into the composer in a pane, as a person who pastes does.
    pub fn paste(&self, pane: &str, text: &str) {
        self.tmux(&["set-buffer", "-b", "pasted", text]);
        self.tmux(&["paste-buffer", "-d", "-p", "-r", "-b", "pasted", "-t", pane]);
    }

    /// Prints a format of a pane.
    #[must_use]
    pub fn show(&self, pane: &str, format: &str) -> String {
        self.tmux(&["display-message", "-p", "-t", pane, format])
    }

    /// Returns a pane of the server by its name.
    #[must_use]
    pub fn pane(&self, id: &str) -> Pane {
        let number = |format: &str| self.show(id, format).parse::<u32>().expect("a number");
        Pane {
            multiplexer: MultiplexerKind::Tmux,
            server: ServerId {
                socket: self.socket(),
                pid: number("#{pid}"),
                started: i64::from(number("#{start_time}")),
                namespace: crate::environment::namespace(),
            },
            session: self.show(id, "#{session_name}"),
            window: self.show(id, "#{window_id}"),
            id: PaneId::new(id),
            pid: number("#{pane_pid}"),
        }
    }

    /// Returns the first pane.
    #[must_use]
    pub fn director(&self) -> Pane {
        self.pane("%0")
    }

    /// Returns what an adapter in the first pane would be told.
    #[must_use]
    pub fn options(&self) -> TmuxOptions {
        TmuxOptions {
            tmux_env: Some(format!("{},{},0", self.socket(), self.director().server.pid)),
            tmux_pane_env: Some("%0".to_owned()),
            exec_helper: vec![binary("exec_file")],
            program: program(),
            ..TmuxOptions::default()
        }
    }

    /// Returns the adapter as if it ran in the first pane.
    #[must_use]
    pub fn multiplexer(&self) -> TmuxMultiplexer {
        TmuxMultiplexer::new(self.options())
    }

    /// Returns a request for a recorder beside the first pane that writes to `name`, with further arguments.
    #[must_use]
    pub fn recorder(&self, mode: &str, name: &str, further: &[&str]) -> SpawnRequest {
        let mut argv = vec![binary("pane_recorder"), mode.to_owned(), self.file(name).display().to_string()];
        argv.extend(further.iter().map(|&word| word.to_owned()));
        let directory = self.directory().to_owned();
        SpawnRequest { beside: self.director(), argv, directory, tag: "recorder".to_owned() }
    }

    /// Returns the path of a file in the test's directory.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }

    /// Returns the bytes that a recorder has read so far.
    #[must_use]
    pub fn recorded(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).unwrap_or_default()
    }

    /// Waits until a pane shows `text`.
    pub fn wait_for(&self, pane: &Pane, text: &str) {
        let id = pane.id.as_str();
        self.until(text, || self.tmux(&["capture-pane", "-p", "-t", id]).contains(text).then_some(()));
    }

    /// Waits until `look` finds something and returns it.
    ///
    /// # Panics
    /// When it finds nothing within ten seconds.
    pub fn until<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            pause();
        }
    }
}

impl Drop for PrivateTmux {
    fn drop(&mut self) {
        let _ = self.client().args(["-S", &self.socket(), "kill-server"]).output();
    }
}

/// Returns the path of a program that this crate builds beside its tests.
#[must_use]
pub fn binary(name: &str) -> String {
    let test = std::env::current_exe().expect("a test has a path");
    let directory = test.parent().and_then(Path::parent).expect("tests are in target/<profile>/deps");
    directory.join(name).display().to_string()
}

#[expect(clippy::disallowed_methods, reason = "waits for another process; no rule under test sees this time")]
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}
