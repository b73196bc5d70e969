//! A real agent as a member of a fleet: private home, private multiplexer, and a model of our own.

pub mod home;
pub mod model;
pub mod terminals;

use std::fs;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_domain::preview::unmarked;
use serde_json::Value;

use crate::environment::{Environment, Fleet, Outcome, pause};
use model::Model;
use terminals::Terminals;

/// How long an agent may take for anything, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a screen stays as it is before it counts as drawn.
const MOMENT: Duration = Duration::from_millis(250);

/// How a member runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// As CAFleet starts it: it never asks.
    Member,
    /// As a member, but under another program: tmux lets a child of its own that is stopped go on at once.
    Stoppable,
    /// It asks a person before it runs a command other than `cafleet`, as it would with other presets.
    Asking,
    /// It asks and can be stopped.
    AskingStoppable,
    /// As a member, but a key moves its session to the background, as with one that a person has started.
    Leaving,
}

impl Manners {
    fn asks(self) -> bool {
        matches!(self, Self::Asking | Self::AskingStoppable)
    }

    fn is_stoppable(self) -> bool {
        matches!(self, Self::Stoppable | Self::AskingStoppable)
    }
}

/// A fleet with one member that runs a real agent.
#[derive(Debug)]
pub struct Lab {
    /// The panes.
    pub terminals: Terminals,
    /// The fleet; its Director's pane runs `cat`.
    pub fleet: Fleet,
    /// What the member runs.
    pub backend: Backend,
    /// The member.
    pub member: i64,
    /// The member's pane.
    pub pane: String,
    model: Model,
    monitor: Option<Child>,
    /// Where commands run; the Director's pane is theirs. Last, for the agents that end before write to its files.
    pub environment: Environment,
}

impl Lab {
    /// Creates the fleet and its member, and waits until the member has reported to the Director and is at rest.
    ///
    /// # Panics
    /// When an agent is not installed, with the command that installs it; and when the member does not report.
    #[must_use]
    pub fn start(backend: Backend, manners: Manners, multiplexer: MultiplexerKind) -> Self {
        let mut environment = home::environment(manners, &[backend]);
        let model = Model::start(&environment.path("model.jsonl"), &[]);
        home::settle(&mut environment, model.port());
        let terminals = Terminals::start(multiplexer, &mut environment, &["/bin/cat"]);
        let fleet = create_fleet(&environment);
        let pane = String::new();
        let mut lab = Self { environment, terminals, fleet, backend, member: 0, pane, model, monitor: None };
        let created = lab.json(&format!(
            "member create --agent-id @director --name Ada --description tests --coding-agent {backend}"
        ));
        lab.member = created["agent_id"].as_i64().expect("an id");
        created["placement"]["tmux_pane_id"].as_str().expect("a pane").clone_into(&mut lab.pane);
        lab.until("the first turn", |lab| lab.inbox(lab.fleet.director).iter().any(|text| text == "ready"));
        lab.until_done();
        lab
    }

    /// Ends the member's program and starts it anew, in another pane, and waits until it has taken its first turn.
    ///
    /// # Panics
    /// As [`Lab::until`].
    pub fn restart(&mut self) {
        let noted = |lab: &Self| lab.model.noted(<[Value]>::len);
        let before = noted(self);
        let restarted = self.json("member restart --force --member-id @member");
        restarted["placement"]["tmux_pane_id"].as_str().expect("a pane").clone_into(&mut self.pane);
        self.until("the first turn", |lab| noted(lab) > before);
        self.until_done();
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

    /// Ends the monitor, if there is one.
    pub fn unwatch(&mut self) {
        if let Some(mut monitor) = self.monitor.take() {
            let _ended_already = monitor.kill();
            let _reaped = monitor.wait();
        }
    }

    /// Waits until the monitor has looked once more from beginning to end.
    ///
    /// # Panics
    /// As [`Lab::until`].
    pub fn until_looked(&self) {
        // a monitor that starts writes its record before it looks
        let beat = || -> Option<String> {
            let query = "SELECT last_tick_at FROM monitor_runtime WHERE last_tick_at > started_at";
            self.environment.open().query_row(query, [], |row| row.get(0)).ok()
        };
        // the first look may have begun before
        for _ in 0..2 {
            let before = beat();
            self.until("a look of the monitor", |_| beat().is_some_and(|now| Some(now) != before));
        }
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
        self.terminals.screen(&self.pane)
    }

    /// Gives the member's pane the ASCII characters that the keys of a person send.
    pub fn press(&self, keys: &str) {
        self.terminals.press(&self.pane, keys);
    }

    /// Sends a signal to the member's program, which must be [stoppable](Manners::Stoppable).
    ///
    /// # Panics
    /// When there is no such program.
    pub fn signal(&self, signal: &str) {
        let parent = self.terminals.process(&self.pane);
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).expect("its children");
        let child = children.split_whitespace().next().expect("the agent");
        let sent = Command::new("/bin/kill").args([signal, child]).status().expect("kill runs");
        assert!(sent.success(), "{signal} to {child}");
    }

    /// Returns how often `text` stands in what the user has said to the model, as the model was told it last.
    #[must_use]
    pub fn heard(&self, text: &str) -> usize {
        let count = |users: &Vec<Value>| {
            users.iter().map(|user| unmarked(user.as_str().unwrap_or_default()).matches(text).count()).sum::<usize>()
        };
        self.model.noted(|notes| {
            let last = notes.iter().rev().filter_map(|note| note["users"].as_array()).take(3);
            last.map(count).max().unwrap_or(0)
        })
    }

    /// Returns the time, in seconds since 1970, of the first request whose newest message holds `text`; none when there
    /// was none.
    #[must_use]
    pub fn heard_at(&self, text: &str) -> Option<f64> {
        let holds = |note: &&Value| {
            note["users"].is_array() && note["text"].as_str().is_some_and(|newest| unmarked(newest).contains(text))
        };
        self.model.noted(|notes| notes.iter().find(holds).and_then(|note| note["at"].as_f64()))
    }

    /// Returns the last things that the model has noted, for people.
    fn recent(&self) -> String {
        let brief = |entry: &Value| {
            let text = entry["text"].as_str().unwrap_or_default().replace('\n', "⏎");
            let start = text.char_indices().rev().nth(200).map_or(0, |(at, _)| at);
            format!("{} answered {} ended {}: {}", entry["at"], entry["answered"], entry["ended"], &text[start..])
        };
        self.model
            .noted(|notes| notes[notes.len().saturating_sub(8)..].iter().map(brief).collect::<Vec<_>>().join("\n"))
    }

    /// Returns the turns that the agent did not take to their end.
    #[must_use]
    pub fn aborted(&self) -> Vec<String> {
        self.model.noted(|notes| {
            let ends = notes.iter().filter(|entry| entry["ended"] == false);
            ends.map(|entry| entry["text"].to_string()).collect()
        })
    }

    /// Waits until the member's screen says so.
    pub fn until_state(&self, state: &str) {
        self.until(state, |lab| lab.state() == state);
    }

    /// Waits until the member is done with everything: its model answers nothing any more, and its screen is at rest and
    /// stays as it is for a moment.
    pub fn until_done(&self) {
        self.until("the end of its turns", |lab| {
            let before = lab.screen();
            lab.model_is_silent() && lab.state() == "at_rest" && {
                pause(MOMENT);
                lab.model_is_silent() && lab.screen() == before
            }
        });
    }

    /// Tells whether every request to the model is answered.
    fn model_is_silent(&self) -> bool {
        self.model.noted(|notes| {
            let count = |key: &str| notes.iter().filter(|note| !note[key].is_null()).count();
            count("users") == count("ended")
        })
    }

    /// Waits until something holds.
    ///
    /// # Panics
    /// When it does not within two minutes; the message shows the screen.
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
        self.unwatch();
    }
}

/// Returns the preview of a message, from what its sender was told.
#[must_use]
pub fn preview(sent: &Value) -> String {
    format!("{}\n{}", header(sent), sent["text"].as_str().expect("a text"))
}

/// Returns the header of a message without its mark, from what its sender was told.
#[must_use]
pub fn header(sent: &Value) -> String {
    let text = |key: &str| sent[key].as_str().map_or_else(|| sent[key].to_string(), str::to_owned);
    format!("[cafleet msg {} from {} {}]", text("task_id"), text("from_agent_id"), text("created_at"))
}

/// Creates a fleet whose Director lives in the first pane.
#[must_use]
pub fn create_fleet(environment: &Environment) -> Fleet {
    let answer = environment.json(&["fleet", "create", "--label", "lab"]);
    let number = |value: &Value| value.as_i64().expect("an id");
    let id = number(&answer["fleet_id"]);
    let (director, administrator) =
        (number(&answer["director"]["agent_id"]), number(&answer["administrator_agent_id"]));
    // the two that other suites have do not live here
    Fleet { id, director, administrator, ada: 0, grace: 0 }
}
