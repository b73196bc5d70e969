//! The real binary in an environment of its own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use cafleet_domain::backend::Backend;
use cafleet_domain::id::PaneId;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::Maintenance;
use cafleet_domain::ports::storage::{FleetRequest, FleetStore};
use cafleet_domain::timestamp::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use crate::embedded::end_daemon;

/// How long a test waits for something that it expects.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it looks.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A home, a data directory and a search path that nobody else uses; removed with the value, as is the terminal daemon that
/// commands have started.
///
/// Every command runs with these and no other variable of the caller's.
#[derive(Debug)]
pub struct Environment {
    root: TempDir,
    variables: BTreeMap<OsString, OsString>,
}

/// A fleet whose Director's pane never existed, with two registered agents that have no pane.
#[derive(Debug, Clone, Copy)]
pub struct Fleet {
    /// Its id.
    pub id: i64,
    /// The root Director.
    pub director: i64,
    /// The Administrator.
    pub administrator: i64,
    /// An agent.
    pub ada: i64,
    /// Another one.
    pub grace: i64,
}

impl Environment {
    /// Makes an environment without a database.
    #[must_use]
    pub fn new() -> Self {
        Self::below(&std::env::temp_dir())
    }

    /// Makes an environment without a database, in a directory below `parent`.
    #[must_use]
    pub fn below(parent: &Path) -> Self {
        let root = tempfile::Builder::new().prefix("cafleet-cli-").tempdir_in(parent).expect("a private directory");
        for folder in ["home", "data", "bin", "work", "tmp"] {
            fs::create_dir(root.path().join(folder)).expect("a folder");
        }
        let path = format!("{}:/usr/bin:/bin", root.path().join("bin").display());
        let mut environment = Self { root, variables: BTreeMap::new() };
        environment.set("PATH", path);
        environment.set("HOME", environment.path("home"));
        environment.set("XDG_DATA_HOME", environment.path("data"));
        environment.set("TMPDIR", environment.path("tmp"));
        environment.set("LC_ALL", "C.UTF-8");
        environment.set("TERM", "xterm-256color");
        environment
    }

    /// Makes an environment with a fleet in its database.
    #[must_use]
    pub fn with_fleet() -> (Self, Fleet) {
        let environment = Self::new();
        let fleet = environment.create_fleet("test");
        (environment, fleet)
    }

    /// Sets a variable for every later command.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Forgets a variable.
    pub fn unset(&mut self, name: &str) {
        self.variables.remove(OsStr::new(name));
    }

    /// Returns the variables.
    pub fn variables(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }

    /// Returns a path in the environment's directory.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Returns where the database is unless a variable says otherwise.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path("data/cafleet/cafleet.db")
    }

    /// Returns the directory of the terminal daemon's socket.
    #[must_use]
    pub fn terminals(&self) -> PathBuf {
        let runtime = self.variables.get(OsStr::new("CAFLEET_RUNTIME_DIR"));
        runtime.map_or_else(|| self.path("data/cafleet"), PathBuf::from).join("pty")
    }

    /// Puts a program into the directory that comes first on the search path.
    pub fn install(&self, name: &str, script: &str) {
        let program = self.path("bin").join(name);
        fs::write(&program, script).expect("the program is written");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("it can be run");
    }

    /// Puts a program that is elsewhere into the directory that comes first on the search path.
    pub fn link(&self, name: &str, program: &Path) {
        std::os::unix::fs::symlink(program, self.path("bin").join(name)).expect("a link");
    }

    /// Puts the scripted agent in place of every coding agent.
    pub fn install_agents(&self) {
        let program = binary();
        self.link("cafleet", &program);
        for style in Backend::BUILT_IN {
            let program = program.display();
            self.install(
                style.as_str(),
                &format!("#!/bin/sh\nexec '{program}' demo-agent --style {style} -- \"$@\"\n"),
            );
        }
    }

    /// Prepares a command.
    #[must_use]
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        self.command_of(&binary(), arguments)
    }

    /// Prepares a command of another program.
    #[must_use]
    pub fn command_of<S: AsRef<OsStr>>(&self, program: &Path, arguments: &[S]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(&self.variables).current_dir(self.path("work"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    #[must_use]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Outcome {
        Outcome::of(self.command(arguments).output().expect("the binary starts"))
    }

    /// Runs a command that reads `input`.
    #[must_use]
    pub fn run_with_input<S: AsRef<OsStr>>(&self, arguments: &[S], input: &[u8]) -> Outcome {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("its input");
        let input = input.to_owned();
        // what the command does not want to read is no failure of the test
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let outcome = Outcome::finish(child);
        writer.join().expect("the writer ends");
        outcome
    }

    /// Starts a command and leaves it running.
    #[must_use]
    pub fn spawn<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Child {
        self.command(arguments).spawn().expect("the binary starts")
    }

    /// Runs a command that must succeed, and returns what it prints.
    ///
    /// # Panics
    /// When it fails, or says something on standard error.
    pub fn ok<S: AsRef<OsStr>>(&self, arguments: &[S]) -> String {
        self.run(arguments).ok()
    }

    /// Runs a command with `--json` that must succeed, and returns what it prints.
    ///
    /// # Panics
    /// As [`Outcome::json`].
    #[must_use]
    pub fn json<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Value {
        let json = [OsStr::new("--json")].into_iter().chain(arguments.iter().map(AsRef::as_ref));
        self.run(&json.collect::<Vec<_>>()).json()
    }

    /// Runs a command that must fail with this code and exactly this error, in both forms of output, and that must
    /// leave the database as it is.
    ///
    /// # Panics
    /// When it does not.
    pub fn fails<S: AsRef<OsStr>>(&self, arguments: &[S], status: i32, error: &str) {
        let before = self.database().exists().then(|| self.rows());
        let text = self.run(arguments);
        assert_eq!((text.status, text.stderr.as_str()), (status, format!("Error: {error}\n").as_str()), "{text:?}");
        assert_eq!(text.stdout, "", "{text:?}");
        let json = [OsStr::new("--json")].into_iter().chain(arguments.iter().map(AsRef::as_ref));
        let json = self.run(&json.collect::<Vec<_>>());
        assert_eq!((json.status, json.stdout.as_str()), (status, ""), "{json:?}");
        let value: Value = serde_json::from_str(&json.stderr).unwrap_or_else(|_| panic!("no JSON: {json:?}"));
        assert_eq!(value["error"]["message"], error, "{json:?}");
        assert!(value["error"]["code"].as_str().is_some_and(|code| !code.is_empty()), "{json:?}");
        assert_eq!(json.stderr.lines().count(), 1, "{json:?}");
        if let Some(before) = before {
            assert_eq!(self.rows(), before, "something was written");
        }
    }

    /// Counts the rows of every table but the record of changes, which also grows when something is taken back.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<String, i64> {
        let database = self.open();
        let query =
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'changes'";
        let mut tables = database.prepare(query).expect("a statement");
        let names =
            tables.query_map([], |row| row.get::<_, String>(0)).expect("the tables").map(|name| name.expect("a name"));
        let count = |name: String| {
            let rows = database.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0));
            (name, rows.expect("a number"))
        };
        names.map(count).collect()
    }

    /// Opens the database beside the binary.
    #[must_use]
    pub fn open(&self) -> rusqlite::Connection {
        let database = rusqlite::Connection::open(self.database()).expect("the database opens");
        database.busy_timeout(PATIENCE).expect("a timeout");
        database
    }

    /// Runs a statement on the database.
    pub fn sql(&self, statement: &str) {
        self.open().execute_batch(statement).expect("the statement runs");
    }

    /// Returns the only number that a query answers.
    #[must_use]
    pub fn number(&self, query: &str) -> i64 {
        self.open().query_row(query, [], |row| row.get(0)).expect("a number")
    }

    /// Creates a fleet without a multiplexer, with two registered agents.
    #[must_use]
    pub fn create_fleet(&self, label: &str) -> Fleet {
        let socket = self.path("no-tmux").display().to_string();
        let pane = Pane {
            multiplexer: MultiplexerKind::Tmux,
            server: ServerId { socket, pid: 1, started: 1, namespace: namespace() },
            session: "main".to_owned(),
            window: "@3".to_owned(),
            id: PaneId::new("%0"),
            pid: 1,
        };
        let request = FleetRequest {
            label: Some(label.to_owned()),
            coding_agent: Backend::CLAUDE,
            multiplexer: MultiplexerKind::Tmux,
            pane: Some(pane),
            now: Timestamp::from_unix_micros(1_776_247_200_123_456),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let detail = runtime.block_on(async {
            let options =
                SqliteOptions { database: self.database().display().to_string(), synchronous: Synchronous::Normal };
            let storage = SqliteStorage::new(&options).expect("a place");
            let detail = storage.create_fleet(&request).await.expect("a fleet");
            storage.close().await.expect("the database closes");
            detail
        });
        let id = detail.fleet.id.get();
        let [ada, grace] = ["Ada", "Grace"].map(|name| self.register(id, name));
        Fleet { id, director: detail.director.id.get(), administrator: detail.administrator.get(), ada, grace }
    }

    /// Lets an agent that has a placement live in a pane that is there.
    pub fn place(&self, agent: i64, pane: &Pane) {
        let Pane { multiplexer, server, session, window, id, pid } = pane;
        self.sql(&format!(
            "UPDATE agent_placements SET multiplexer = '{}', server = '{server}', pane_pid = {pid}, \
             tmux_session = '{session}', tmux_window_id = '{window}', tmux_pane_id = '{id}' WHERE agent_id = {agent}",
            multiplexer.as_str()
        ));
    }

    /// Registers an agent without a pane, and returns its id.
    #[must_use]
    pub fn register(&self, fleet: i64, name: &str) -> i64 {
        let fleet = fleet.to_string();
        let answer = self.json(&["--fleet-id", &fleet, "agent", "register", "--name", name, "--description", "tests"]);
        answer["agent_id"].as_i64().expect("an id")
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        end_daemon(&self.terminals());
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::new()
    }
}

impl Fleet {
    /// Runs a command line written as a person would write it, of this fleet; blanks separate the words.
    #[must_use]
    pub fn words(&self, line: &str) -> Vec<String> {
        let id = self.id.to_string();
        let mut words = vec!["--fleet-id".to_owned(), id];
        words.extend(line.split_whitespace().map(|word| match word {
            "@director" => self.director.to_string(),
            "@admin" => self.administrator.to_string(),
            "@ada" => self.ada.to_string(),
            "@grace" => self.grace.to_string(),
            word => word.to_owned(),
        }));
        words
    }

    /// Sends a message and returns its id.
    ///
    /// # Panics
    /// When it cannot be sent.
    #[must_use]
    pub fn send(&self, environment: &Environment, from: i64, to: i64, text: &str) -> i64 {
        let mut words = self.words(&format!("message send --quiet --agent-id {from} --to {to} --text"));
        words.push(text.to_owned());
        environment.ok(&words).trim_end().parse().expect("an id")
    }
}

/// How a command ended and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its exit code; the negative number of a signal that ended it.
    pub status: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Outcome {
    /// Waits for a process that [`Environment::spawn`] started.
    #[must_use]
    pub fn finish(child: Child) -> Self {
        Self::of(child.wait_with_output().expect("the process ends"))
    }

    fn of(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let status = output.status.code().unwrap_or_else(|| -output.status.signal().unwrap_or_default());
        Self { status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Returns standard output of a command that must have succeeded in silence.
    ///
    /// # Panics
    /// When it has not.
    pub fn ok(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{self:?}");
        self.stdout
    }

    /// Returns the JSON that a command printed: one compact line.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    pub fn json(self) -> Value {
        let line = self.ok();
        let value: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert_eq!(line, format!("{value}\n"), "not one compact line");
        value
    }

    /// Returns the error of a command that must have failed with one line.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    pub fn error(self, status: i32) -> String {
        assert_eq!((self.status, self.stdout.as_str()), (status, ""), "{self:?}");
        let line = self.stderr.strip_suffix('\n').and_then(|line| line.strip_prefix("Error: "));
        let line = line.unwrap_or_else(|| panic!("no error: {self:?}"));
        assert!(!line.contains('\n'), "more than one line: {self:?}");
        line.to_owned()
    }
}

/// Returns the PID namespace in which the tests run.
#[must_use]
pub fn namespace() -> Option<u64> {
    fs::metadata("/proc/self/ns/pid").ok().map(|found| found.ino())
}

/// Returns the path of the binary under test.
///
/// # Panics
/// When it was not built; nextest does so first.
#[must_use]
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    // tests are in target/<profile>/deps, programs in target/<profile>
    let directory = test.ancestors().skip(1).find(|folder| !folder.ends_with("deps")).expect("a folder");
    let binary = directory.join("cafleet");
    assert!(
        binary.is_file(),
        "{} is missing; run the tests with cargo nextest, or cargo build -p cafleet first",
        binary.display()
    );
    binary
}

/// Looks again and again until `look` finds something, and returns it.
///
/// # Panics
/// When it finds nothing within half a minute.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        pause(LOOK_AGAIN);
    }
}

/// Lets time pass while another process works.
#[expect(clippy::disallowed_methods, reason = "watches another process, which no clock of ours moves")]
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
