//! A second fleet, whose Director lives in embedded terminals.

use std::fs;

use cafleet_tests::embedded::EmbeddedTerminals;
use cafleet_tests::environment::{Environment, Fleet, eventually};

/// The fleet and its terminals.
#[derive(Debug)]
pub(crate) struct Annex {
    pub(crate) fleet: Fleet,
    pub(crate) terminals: EmbeddedTerminals,
    /// The Director's pane.
    pub(crate) pane: String,
}

impl Annex {
    /// Opens a pane for a claude, and tells it who it is.
    pub(crate) fn open(environment: &Environment) -> Self {
        // nobody sits there who could allow it anything
        let settings = environment.path("home").join(".claude/settings.json");
        fs::create_dir_all(settings.parent().expect("a folder")).expect("the folder is made");
        fs::write(settings, r#"{"permissions":{"allow":["Bash(cafleet *)"]}}"#).expect("the file is written");
        let answer =
            environment.json(&["--multiplexer", "pty", "fleet", "create", "--spawn", "--coding-agent", "claude"]);
        let number = |key: &str| answer.pointer(key).and_then(serde_json::Value::as_i64).expect("an id");
        let (id, director) = (number("/fleet_id"), number("/director/agent_id"));
        let fleet = Fleet { id, director, administrator: number("/administrator_agent_id"), ada: 0, grace: 0 };
        let terminals = EmbeddedTerminals::of(environment);
        let pane = terminals.panes().first().expect("the Director's pane").pane.id.to_string();
        let annex = Self { fleet, terminals, pane };
        annex.until_screen("❯", "the agent of the second fleet");
        annex.press(&format!("FLEET ID: {id} YOUR AGENT ID: {director}"));
        annex.until_screen("YOUR AGENT ID", "its introduction");
        annex.press("\r");
        annex.until_screen("heard", "its first answer");
        annex
    }

    fn press(&self, keys: &str) {
        self.terminals.type_bytes(&self.terminals.pane(&self.pane), keys.as_bytes());
    }

    fn until_screen(&self, text: &str, what: &str) {
        let pane = self.terminals.pane(&self.pane);
        eventually(what, || self.terminals.screen(&pane).contains(text).then_some(()));
    }
}
