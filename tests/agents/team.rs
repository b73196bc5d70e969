//! A Director that runs a real agent, in a home that setup has prepared, and the members that it creates.

use std::fs;
use std::time::{Duration, Instant};

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::{Environment, pause};
use cafleet_tests::lab::model::Model;
use cafleet_tests::lab::terminals::Terminals;
use cafleet_tests::lab::{Manners, home};
use serde_json::{Value, json};

/// How long several agents may take for one piece of work, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// What an agent shows once it can hear, in the order claude, codex, opencode.
const READY_MARKS: [&str; 3] = ["❯", "› ", "┃"];

/// A call of a model by a rule: the shell, with this command.
pub(super) fn sh(command: impl Into<String>) -> Value {
    json!(["sh", command.into()])
}

/// A call of a model by a rule: a tool of the agent's own.
pub(super) fn tool(name: &str, arguments: &Value) -> Value {
    json!(["tool", format!("{name} {arguments}")])
}

/// The call by which an agent starts the monitor and goes on.
pub(super) fn monitor(director: Backend) -> Value {
    let command = "cafleet --fleet-id 1 monitor start";
    match director {
        Backend::CLAUDE => tool("Bash", &json!({"command": command, "run_in_background": true})),
        Backend::CODEX => tool("exec_command", &json!({"cmd": command, "yield_time_ms": 1000})),
        _ => sh(format!("{command} >/dev/null 2>&1 &")),
    }
}

/// A rule of a model: what it does when the text stands in the newest message.
pub(super) fn on(text: &str, calls: Vec<Value>) -> Value {
    json!({"on": text, "do": calls})
}

/// A Director's agent in the first pane.
pub(super) struct Team {
    terminals: Terminals,
    model: Model,
    director: Backend,
    /// Where commands run; the Director's pane is theirs. Last, for the agents that end before write to its files.
    pub(super) environment: Environment,
}

impl Team {
    /// Makes a home, has setup prepare it, and starts the Director's agent as a person would. `rules` puts files in place
    /// and returns what the models go by.
    pub(super) fn start(
        director: Backend,
        multiplexer: MultiplexerKind,
        rules: impl FnOnce(&Environment) -> Vec<Value>,
    ) -> Self {
        let mut environment = home::environment(Manners::Member, &Backend::BUILT_IN);
        let script = environment.path("rules.json");
        fs::write(&script, json!(rules(&environment)).to_string()).expect("the rules are written");
        let script = script.display().to_string();
        let model = Model::start(&environment.path("model.jsonl"), &["--script", &script]);
        home::settle(&mut environment, model.port());
        environment.ok(&["setup", "--write-permissions"]);
        // nobody sits there who could answer what a codex asks about the commands that change something
        let rules = environment.path("home/.codex/rules/of-the-person.rules");
        fs::write(rules, "prefix_rule(pattern = [\"cafleet\"], decision = \"allow\")\n").expect("the rule is written");
        let program = environment.path("bin").join(director.as_str()).display().to_string();
        let mut argv = vec![program.as_str()];
        // its server would outlive the test
        argv.extend((director == Backend::CODEX).then_some("--no-daemon"));
        let terminals = Terminals::start(multiplexer, &mut environment, &argv);
        let team = Self { environment, terminals, model, director };
        team.until("the Director's agent", |team| {
            let screen = team.terminals.screen("%0");
            READY_MARKS.iter().any(|mark| screen.contains(mark)).then_some(())
        });
        team
    }

    /// Gives the Director's agent a text as a person would.
    pub(super) fn tell(&self, text: &str) {
        // what the agent draws when it starts can take the place of what was typed too early
        pause(Duration::from_secs(2));
        self.terminals.paste("%0", text);
        let head: String = text.chars().take(30).collect();
        self.until("the text in the composer", |team| team.terminals.screen("%0").contains(&head).then_some(()));
        self.terminals.press("%0", "\r");
    }

    /// Returns the skills that a request named to the model which holds `text` as its newest message.
    pub(super) fn offered(&self, text: &str) -> Vec<String> {
        let found = self.until(&format!("a request with {text}"), |team| {
            team.model.noted(|notes| {
                let holds = |note: &&Value| note["text"].as_str().is_some_and(|newest| newest.contains(text));
                notes.iter().filter(holds).find_map(|note| note["skills"].as_array().cloned())
            })
        });
        found.iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits until a tool has answered a model with a text.
    pub(super) fn answered(&self, text: &str) {
        self.until(&format!("an answer of a tool with {text}"), |team| {
            team.model.noted(|notes| {
                let texts = notes.iter().filter_map(|note| note["results"].as_array()).flatten();
                texts.filter_map(Value::as_str).any(|answer| answer.contains(text)).then_some(())
            })
        });
    }

    /// Waits until an agent has been sent a message with this text and has acknowledged it.
    pub(super) fn acknowledged(&self, recipient: i64, text: &str) {
        let query = format!(
            "SELECT count(*) FROM tasks WHERE to_agent_id = {recipient} AND status_state = 'completed' \
             AND text LIKE '{text}%'"
        );
        self.until(&format!("{recipient} to acknowledge '{text}'"), |team| {
            (team.environment.database().exists() && team.environment.number(&query) > 0).then_some(())
        });
    }

    /// Returns what was written, in order: `from>to text`, each cut after some characters.
    pub(super) fn story(&self) -> Vec<String> {
        let database = self.environment.open();
        let query = "SELECT from_agent_id, to_agent_id, text FROM tasks ORDER BY task_id";
        let mut rows = database.prepare(query).expect("a statement");
        let told = rows.query_map([], |row| {
            let (from, to, text): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(format!("{from}>{to} {}", text.chars().take(24).collect::<String>()))
        });
        told.expect("rows").map(|line| line.expect("a row")).collect()
    }

    /// Waits until `look` finds something, and returns it.
    ///
    /// # Panics
    /// When it finds nothing in time; the message shows all panes and what the models heard last.
    pub(super) fn until<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            if start.elapsed() > PATIENCE {
                let panes = self.terminals.panes();
                let screens: Vec<String> = panes.iter().map(|pane| self.terminals.screen(pane)).collect();
                let last = self.model.noted(|notes| {
                    notes
                        .iter()
                        .rev()
                        .take(6)
                        .map(|note| note.to_string().chars().take(600).collect())
                        .collect::<Vec<String>>()
                });
                panic!(
                    "{}: waited in vain for {what}\n{}\n{}",
                    self.director,
                    screens.join("\n=====\n"),
                    last.join("\n")
                );
            }
            pause(Duration::from_millis(100));
        }
    }
}
