//! A real agent as a member of a fleet: private home, private tmux server, and a model of our own.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cafleet_domain::backend::Backend;
use serde_json::{Value, json};

use crate::environment::{Environment, Fleet, Outcome, pause};
use crate::private_tmux::PrivateTmux;
use crate::workspace;

/// Not a key; claude asks once whether it may use one, and remembers the answer by its end.
const KEY: &str = "sk-ant-no-real-key-at-all-0000000000";

/// How long an agent may take for anything, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a member runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// As CAFleet starts it: it never asks.
    Member,
    /// As a member, but under another program: tmux lets a child of its own that is stopped go on at once.
    Stoppable,
    /// It asks a person before it runs a command, as it would with other presets.
    Asking,
}

/// A fleet with one member that runs a real agent.
#[derive(Debug)]
pub struct Lab {
    /// Where commands run; the Director's pane is theirs.
    pub environment: Environment,
    /// The server.
    pub tmux: PrivateTmux,
    /// The fleet; its Director's pane runs `cat`.
    pub fleet: Fleet,
    /// What the member runs.
    pub backend: Backend,
    /// The member.
    pub member: i64,
    /// The member's pane.
    pub pane: String,
    model: Child,
    monitor: Option<Child>,
    /// What was read of the model's notes so far, and how many bytes that was.
    notes: RefCell<(usize, Vec<Value>)>,
}

impl Lab {
    /// Creates the fleet and its member, and waits until the member has reported to the Director and is at rest.
    ///
    /// # Panics
    /// When an agent is not installed, with the command that installs it; and when the member does not report.
    #[must_use]
    pub fn start(backend: Backend, manners: Manners) -> Self {
        // codex refuses to work from a home below the folder for temporary files
        let mut environment = Environment::below(Path::new("/var/tmp"));
        let model = start_model(&environment);
        let (model, port) = model;
        prepare_home(&environment, port);
        install(&environment, backend, manners);
        for (name, value) in variables(port) {
            environment.set(name, value);
        }
        let tmux = PrivateTmux::start();
        for (name, value) in environment.variables() {
            tmux.tmux(&["set-environment", "-g", &name.to_string_lossy(), &value.to_string_lossy()]);
        }
        let options = tmux.options();
        environment.set("TMUX", options.tmux_env.expect("a server"));
        environment.set("TMUX_PANE", options.tmux_pane_env.expect("a pane"));
        let fleet = create_fleet(&environment);
        let mut lab = Self {
            environment,
            tmux,
            fleet,
            backend,
            member: 0,
            pane: String::new(),
            model,
            monitor: None,
            notes: RefCell::default(),
        };
        // only a member that may run `cafleet` unasked can report
        let prompt = if manners == Manners::Asking { " -- [[say here]]" } else { "" };
        let created = lab.json(&format!(
            "member create --agent-id @director --name Ada --description tests --coding-agent {backend}{prompt}"
        ));
        lab.member = created["agent_id"].as_i64().expect("an id");
        created["placement"]["tmux_pane_id"].as_str().expect("a pane").clone_into(&mut lab.pane);
        lab.until("the first turn", |lab| match manners {
            Manners::Member | Manners::Stoppable => lab.inbox(lab.fleet.director).iter().any(|text| text == "ready"),
            Manners::Asking => lab.heard("[[say here]]") == 1,
        });
        lab.until_state("at_rest");
        lab
    }

    /// Runs a command line of the fleet, as [`Fleet::words`] reads it, with `@member` for the member.
    #[must_use]
    pub fn run(&self, line: &str) -> Outcome {
        self.environment.run(&self.words(line))
    }

    /// Runs a command line with `--json` that must succeed.
    #[must_use]
    pub fn json(&self, line: &str) -> Value {
        self.environment.json(&self.words(line))
    }

    /// Returns the words of a command line.
    #[must_use]
    pub fn words(&self, line: &str) -> Vec<String> {
        self.fleet.words(&line.replace("@member", &self.member.to_string()))
    }

    /// Sends a message from the Director to the member, and returns what the sender is told.
    #[must_use]
    pub fn send(&self, text: &str) -> Value {
        self.environment.json(&self.sending(text))
    }

    /// Returns the command line that sends a message from the Director to the member.
    #[must_use]
    pub fn sending(&self, text: &str) -> Vec<String> {
        let mut words = self.words("message send --full --agent-id @director --to @member --text");
        words.push(text.to_owned());
        words
    }

    /// Starts the monitor, which looks once a second.
    pub fn watch(&mut self) {
        let monitor = self.environment.spawn(&self.words("monitor start --tick 1"));
        self.monitor = Some(monitor);
    }

    /// Returns the texts that an agent has been sent and not acknowledged.
    #[must_use]
    pub fn inbox(&self, agent: i64) -> Vec<String> {
        let tasks = self.json(&format!("message poll --full --agent-id {agent}"));
        let tasks = tasks.as_array().map(Vec::as_slice).unwrap_or_default();
        tasks.iter().map(|task| task["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Returns the name of what the member's screen says.
    #[must_use]
    pub fn state(&self) -> String {
        let explained = self.json("member explain --member-id @member");
        explained["state"].as_str().expect("a state").to_owned()
    }

    /// Returns what the member's pane shows.
    #[must_use]
    pub fn screen(&self) -> String {
        self.tmux.tmux(&["capture-pane", "-p", "-t", &self.pane])
    }

    /// Gives the member's pane keys, as a person would.
    pub fn keys(&self, keys: &[&str]) {
        self.tmux.tmux(&[&["send-keys", "-t", &self.pane], keys].concat());
    }

    /// Gives the member's pane keys, whatever tmux says of it: in copy mode it fails.
    pub fn strike(&self, keys: &[&str]) {
        let words = ["-S", &self.tmux.socket(), "send-keys", "-t", &self.pane];
        let _failure_is_the_point = Command::new("tmux").args(words).args(keys).output().expect("tmux runs");
    }

    /// Sends a signal to the member's program, which must be [stoppable](Manners::Stoppable).
    ///
    /// # Panics
    /// When there is no such program.
    pub fn signal(&self, signal: &str) {
        let parent = self.tmux.show(&self.pane, "#{pane_pid}");
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).expect("its children");
        let child = children.split_whitespace().next().expect("the agent");
        let sent = Command::new("/bin/kill").args([signal, child]).status().expect("kill runs");
        assert!(sent.success(), "{signal} to {child}");
    }

    /// Reads on in the model's notes, and returns what `look` makes of all of them.
    fn noted<T>(&self, look: impl FnOnce(&[Value]) -> T) -> T {
        let text = fs::read(log_file(&self.environment)).unwrap_or_default();
        let mut notes = self.notes.borrow_mut();
        let new = &text[notes.0..];
        let end = new.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = new[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let entries: Vec<Value> = lines.map(|line| serde_json::from_slice(line).expect("a note")).collect();
        notes.0 += end;
        notes.1.extend(entries);
        look(&notes.1)
    }

    /// Returns how often `text` stands in what the user has said to the model, as the model was told it last.
    #[must_use]
    pub fn heard(&self, text: &str) -> usize {
        let count = |users: &Vec<Value>| {
            users.iter().map(|user| user.as_str().unwrap_or_default().matches(text).count()).sum::<usize>()
        };
        self.noted(|notes| {
            let last = notes.iter().rev().filter_map(|note| note["users"].as_array()).take(3);
            last.map(count).max().unwrap_or(0)
        })
    }

    /// Returns the time, in seconds since 1970, of the first request whose newest message holds `text`; none when there
    /// was none.
    #[must_use]
    pub fn heard_at(&self, text: &str) -> Option<f64> {
        let holds = |note: &&Value| {
            note["users"].is_array() && note["text"].as_str().is_some_and(|newest| newest.contains(text))
        };
        self.noted(|notes| notes.iter().find(holds).and_then(|note| note["at"].as_f64()))
    }

    /// Returns the last things that the model has noted, for people.
    fn recent(&self) -> String {
        let brief = |entry: &Value| {
            let text = entry["text"].as_str().unwrap_or_default().replace('\n', "⏎");
            let start = text.char_indices().rev().nth(200).map_or(0, |(at, _)| at);
            format!("{} answered {} ended {}: {}", entry["at"], entry["answered"], entry["ended"], &text[start..])
        };
        self.noted(|notes| notes[notes.len().saturating_sub(8)..].iter().map(brief).collect::<Vec<_>>().join("\n"))
    }

    /// Returns the turns that the agent did not take to their end.
    #[must_use]
    pub fn aborted(&self) -> Vec<String> {
        self.noted(|notes| {
            let ends = notes.iter().filter(|entry| entry["ended"] == false);
            ends.map(|entry| entry["text"].to_string()).collect()
        })
    }

    /// Waits until the member's screen says so.
    pub fn until_state(&self, state: &str) {
        self.until(state, |lab| lab.state() == state);
    }

    /// Waits until something holds.
    ///
    /// # Panics
    /// When it does not within half a minute; the message shows the screen.
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let held = self.comes(PATIENCE, holds);
        assert!(held, "{}: waited in vain for {what}\n{}\n{}", self.backend, self.screen(), self.recent());
    }

    /// Waits until something holds, and tells whether it did within `limit`.
    pub fn comes(&self, limit: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let start = Instant::now();
        while !holds(self) {
            if start.elapsed() > limit {
                return false;
            }
            pause(Duration::from_millis(50));
        }
        true
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for process in self.monitor.iter_mut().chain([&mut self.model]) {
            let _ended_already = process.kill();
            let _reaped = process.wait();
        }
    }
}

/// Returns the preview of a message, from what its sender was told.
#[must_use]
pub fn preview(sent: &Value) -> String {
    format!("{}\n{}", header(sent), sent["text"].as_str().expect("a text"))
}

/// Returns the header of a message, from what its sender was told.
#[must_use]
pub fn header(sent: &Value) -> String {
    let text = |key: &str| sent[key].as_str().map_or_else(|| sent[key].to_string(), str::to_owned);
    format!("[cafleet msg {} from {} {}]", text("task_id"), text("from_agent_id"), text("created_at"))
}

/// Returns the folder with the agents.
#[must_use]
pub fn agents() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "a person may keep the agents elsewhere")]
    let folder = std::env::var_os("CAFLEET_TEST_AGENTS");
    folder.map_or_else(|| workspace::root().join("target/agents"), PathBuf::from).join("bin")
}

fn log_file(environment: &Environment) -> PathBuf {
    environment.path("model.jsonl")
}

/// Starts the model server and returns it with its port.
fn start_model(environment: &Environment) -> (Child, u16) {
    let script = workspace::root().join("tests/agents/mock_model.py");
    let mut model = Command::new("python3")
        .arg(script)
        .arg("0")
        .arg(log_file(environment))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut port = String::new();
    let stdout = model.stdout.take().expect("its output");
    BufReader::new(stdout).read_line(&mut port).expect("the model server starts");
    (model, port.trim().parse().expect("a port"))
}

/// Answers every question of a first start, and sends the agents to the model server.
fn prepare_home(environment: &Environment, port: u16) {
    let project = environment.path("work").display().to_string();
    let write = |name: &str, text: String| {
        let file = environment.path("home").join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
        fs::write(file, text).expect("the file is written");
    };
    let claude = json!({
        "hasCompletedOnboarding": true,
        "customApiKeyResponses": { "approved": [&KEY[KEY.len() - 20..]], "rejected": [] },
        "projects": { &project: { "hasTrustDialogAccepted": true } },
    });
    write(".claude.json", claude.to_string());
    let codex = format!(
        "model = \"mock-1\"\nmodel_provider = \"mock\"\ncheck_for_update_on_startup = false\n\
         [model_providers.mock]\nname = \"mock\"\nbase_url = \"http://127.0.0.1:{port}/v1\"\n\
         wire_api = \"responses\"\nenv_key = \"MOCK_API_KEY\"\n[analytics]\nenabled = false\n\
         [projects.\"{project}\"]\ntrust_level = \"trusted\"\n"
    );
    write(".codex/config.toml", codex);
    let provider = json!({
        "npm": "@ai-sdk/openai-compatible", "name": "Mock", "models": { "mock-1": { "name": "Mock 1" } },
        "options": { "baseURL": format!("http://127.0.0.1:{port}/v1"), "apiKey": "none" },
    });
    let opencode = json!({
        "autoupdate": false, "share": "disabled", "model": "mock/mock-1", "small_model": "mock/mock-1",
        "enabled_providers": ["mock"], "provider": { "mock": provider }, "permission": { "bash": "ask" },
    });
    write(".config/opencode/opencode.json", opencode.to_string());
    // codex asks a login shell, whose profile sets the search path anew
    write(".profile", format!("PATH=\"{}:$PATH\"\n", environment.path("bin").display()));
}

/// Puts `cafleet` and the agent on the search path.
fn install(environment: &Environment, backend: Backend, manners: Manners) {
    let program = agents().join(backend.as_str());
    assert!(program.is_file(), "{} is missing; run tests/agents/install first", program.display());
    environment.link("cafleet", &crate::environment::binary());
    let program = program.canonicalize().expect("a path");
    if manners == Manners::Member {
        environment.link(backend.as_str(), &program);
        return;
    }
    if manners == Manners::Stoppable {
        let script = format!(
            "#!/usr/bin/env python3\nimport subprocess, sys\nsys.exit(subprocess.call(['{}', *sys.argv[1:]]))\n",
            program.display()
        );
        environment.install(backend.as_str(), &script);
        return;
    }
    // the launcher asks for its options, else the prompt comes last
    let options = match backend {
        Backend::Claude => "--permission-mode default --",
        Backend::Codex => "--no-daemon --ask-for-approval on-request --sandbox workspace-write --",
        Backend::Opencode => "--agent build",
    };
    let script = format!(
        "#!/bin/sh\ncase $1 in --help | --version | debug) exec '{0}' \"$@\" ;; esac\n\
         for last; do :; done\nexec '{0}' {options} \"$last\"\n",
        program.display()
    );
    environment.install(backend.as_str(), &script);
}

/// Returns what the agents are told beside their configuration.
fn variables(port: u16) -> BTreeMap<&'static str, String> {
    let fixed = [
        ("ANTHROPIC_API_KEY", KEY),
        ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ("DISABLE_AUTOUPDATER", "1"),
        ("DISABLE_TELEMETRY", "1"),
        ("MOCK_API_KEY", "none"),
        ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
        ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
        ("COLORTERM", "truecolor"),
        // a lab sends as fast as it can
        ("CAFLEET_LOOP_PAIR_LIMIT", "0"),
        ("SHELL", "/bin/sh"),
    ];
    let mut variables: BTreeMap<_, _> = fixed.map(|(name, value)| (name, value.to_owned())).into();
    variables.insert("ANTHROPIC_BASE_URL", format!("http://127.0.0.1:{port}"));
    variables
}

fn create_fleet(environment: &Environment) -> Fleet {
    let answer = environment.json(&["fleet", "create", "--label", "lab"]);
    let number = |value: &Value| value.as_i64().expect("an id");
    let id = number(&answer["fleet_id"]);
    let (director, administrator) =
        (number(&answer["director"]["agent_id"]), number(&answer["administrator_agent_id"]));
    // the two that other suites have do not live here
    Fleet { id, director, administrator, ada: 0, grace: 0 }
}
