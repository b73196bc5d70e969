//! A fleet on a private tmux server, with the scripted agent in place of every coding agent.

use std::process::{Child, Command};

use serde_json::Value;

use crate::environment::{Environment, Fleet, Outcome, eventually};
use crate::private_tmux::{PrivateTmux, program};

/// What every style of the scripted agent shows once it can hear, in the order claude, codex, opencode.
const READY_MARKS: [&str; 3] = ["⏵⏵", "› ", "┃  "];

/// An environment whose commands run in the first pane of a private tmux server.
///
/// The scripted agent in the style of claude is that pane's program, as if a person had started it there.
#[derive(Debug)]
pub struct Stage {
    /// Where the commands run.
    pub environment: Environment,
    /// The server.
    pub tmux: PrivateTmux,
}

impl Stage {
    /// Starts the server with the Director's agent in its first pane. There is no database yet.
    #[must_use]
    pub fn start() -> Self {
        let mut environment = Environment::new();
        environment.install_agents();
        if program() != "tmux" {
            environment.install("tmux", &format!("#!/bin/sh\nexec '{}' \"$@\"\n", program()));
        }
        let tmux = PrivateTmux::start();
        tmux.hand_on(&environment);
        let agent = environment.path("bin/claude").display().to_string();
        let work = environment.path("work").display().to_string();
        tmux.tmux(&["respawn-pane", "-k", "-c", &work, "-t", "%0", &agent, "--name", "Director"]);
        tmux.adopt(&mut environment);
        let stage = Self { environment, tmux };
        stage.until_ready("%0");
        stage
    }

    /// As [`Stage::start`], with a fleet whose Director lives in the first pane.
    #[must_use]
    pub fn with_fleet() -> (Self, Fleet) {
        let stage = Self::start();
        let answer = stage.environment.json(&["fleet", "create", "--label", "test"]);
        let number = |value: &Value| value.as_i64().expect("an id");
        let id = number(&answer["fleet_id"]);
        let [ada, grace] = ["Ada", "Grace"].map(|name| stage.environment.register(id, name));
        let director = number(&answer["director"]["agent_id"]);
        let administrator = number(&answer["administrator_agent_id"]);
        (stage, Fleet { id, director, administrator, ada, grace })
    }

    /// Creates a member that does nothing at first, and returns its id and its pane once it can hear.
    #[must_use]
    pub fn member(&self, fleet: &Fleet, style: &str, name: &str) -> (i64, String) {
        let line = fleet.words("member create --agent-id @director --description tests --coding-agent");
        let mut line: Vec<&str> = line.iter().map(String::as_str).collect();
        line.extend([style, "--name", name, "--", "[[say here]]"]);
        let answer = self.environment.json(&line);
        let pane = answer["placement"]["tmux_pane_id"].as_str().expect("a pane").to_owned();
        self.until_ready(&pane);
        self.until_shown(&pane, "here");
        (answer["agent_id"].as_i64().expect("an id"), pane)
    }

    /// Returns what a pane shows.
    #[must_use]
    pub fn screen(&self, pane: &str) -> String {
        self.tmux.tmux(&["capture-pane", "-p", "-t", pane])
    }

    /// Waits until a pane shows a text.
    ///
    /// # Panics
    /// When it does not.
    pub fn until_shown(&self, pane: &str, text: &str) {
        eventually(text, || self.screen(pane).contains(text).then_some(()));
    }

    /// Gives the agent in a pane a text as a person would.
    pub fn tell(&self, pane: &str, text: &str) {
        self.tmux.paste(pane, text);
        self.until_shown(pane, text);
        self.tmux.tmux(&["send-keys", "-t", pane, "Enter"]);
    }

    /// Returns the names of all panes.
    #[must_use]
    pub fn panes(&self) -> Vec<String> {
        self.tmux.panes()
    }

    /// Starts a command that reads nothing and leaves it running.
    #[must_use]
    pub fn spawn(&self, line: &[String]) -> Child {
        self.environment.spawn(line)
    }

    /// Runs a command in an environment that knows no tmux.
    #[must_use]
    pub fn outside(&self, line: &[String]) -> Outcome {
        let mut command: Command = self.environment.command(line);
        command.env_remove("TMUX").env_remove("TMUX_PANE");
        Outcome::finish(command.spawn().expect("the binary starts"))
    }

    fn until_ready(&self, pane: &str) {
        eventually("an agent that can hear", || {
            let screen = self.screen(pane);
            READY_MARKS.iter().any(|mark| screen.contains(mark)).then_some(())
        });
    }
}
