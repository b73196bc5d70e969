//! A fourth agent, which CAFleet's own crates do not know: it gets messages as the others do.

use std::path::{Path, PathBuf};

use cafleet_tests::embedded::EmbeddedTerminals;
use cafleet_tests::environment::{Environment, eventually};
use serde_json::Value;

/// A fleet whose Director is a parrot.
struct Scene {
    environment: Environment,
}

impl Scene {
    fn new() -> Self {
        let environment = Environment::new();
        environment.link("parrot", Path::new(env!("CARGO_BIN_EXE_parrot")));
        let scene = Self { environment };
        scene.ok("fleet create --spawn --coding-agent parrot");
        scene
    }

    fn ok(&self, line: &str) -> Value {
        let cafleet = PathBuf::from(env!("CARGO_BIN_EXE_cafleet_with_parrot"));
        let words: Vec<&str> = ["--json"].into_iter().chain(line.split(' ')).collect();
        let output = self.environment.command_of(&cafleet, &words).output().expect("it starts");
        assert!(output.status.success(), "{line}: {output:?}");
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn send(&self, text: &str) -> Value {
        self.ok(&format!("--fleet-id 1 message send --agent-id 2 --to 1 --text {text}"))["delivery"].clone()
    }

    fn until_it_waits(&self) {
        eventually("parrot waits", || self.screen().contains("= waiting").then_some(()));
    }

    fn screen(&self) -> String {
        let terminals = EmbeddedTerminals::of(&self.environment);
        terminals.screen(&terminals.of_agent(1, 1))
    }

    fn press(&self, key: &[u8]) {
        let terminals = EmbeddedTerminals::of(&self.environment);
        terminals.type_bytes(&terminals.of_agent(1, 1), key);
    }

    /// Returns the bodies of the messages that the parrot was told.
    fn heard(&self) -> Vec<String> {
        let heard = std::fs::read_to_string(self.environment.path("work/heard.txt")).expect("what it heard");
        let mut lines = heard.lines();
        let mut bodies = Vec::new();
        while let Some(line) = lines.next() {
            if line.starts_with("[cafleet msg ") {
                bodies.push(lines.next().unwrap_or_default().to_owned());
            }
        }
        bodies
    }
}

#[test]
fn is_started_listed_and_told_each_message_once() {
    let scene = Scene::new();
    scene.until_it_waits();
    assert_eq!(scene.send("hello")["state"], "submitted");
    assert_eq!(scene.send("again")["state"], "submitted");
    assert_eq!(scene.heard(), ["hello", "again"]);
    let doctor = scene.ok("doctor");
    let named = |backend: &&Value| backend["name"] == "parrot";
    let parrot = doctor["coding_agents"].as_array().expect("agents").iter().find(named).expect("a parrot");
    assert_eq!((&parrot["version"], &parrot["newer_than_recorded"]), (&"parrot 1.0.0".into(), &false.into()));
}

#[test]
fn is_not_typed_to_where_its_screen_is_not_known() {
    let scene = Scene::new();
    scene.until_it_waits();
    scene.press(b"?");
    eventually("a view", || scene.screen().contains("a view of parrot's own").then_some(()));
    let held = scene.send("hello");
    assert_eq!(held["state"], "held", "{held}");
    assert!(scene.screen().contains("a view of parrot's own"), "no key closed it");
    scene.press(b"x");
    scene.until_it_waits();
    assert_eq!(scene.send("again")["state"], "submitted");
    assert_eq!(scene.heard(), ["hello", "again"]);
}

#[test]
fn is_listed_and_left_alone_by_a_program_that_does_not_know_it() {
    let scene = Scene::new();
    scene.until_it_waits();
    let agent = scene.environment.json(&["--fleet-id", "1", "agent", "show", "--agent-id", "2", "--id", "1"]);
    assert_eq!(agent["coding_agent"], "parrot", "{agent}");
    let line = "--fleet-id 1 message send --agent-id 2 --to 1 --text hello";
    let sent = scene.environment.json(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(sent["delivery"]["state"], "held", "{sent}");
    scene.press(b"?");
    eventually("a view", || scene.screen().contains("a view of parrot's own").then_some(()));
    let line = "--fleet-id 1 member send-input --member-id 1 --choice 1";
    let refused = scene.environment.run(&line.split(' ').collect::<Vec<_>>());
    assert!(refused.status == 1 && scene.screen().contains("a view of parrot's own"), "no key: {refused:?}");
    scene.press(b"x");
    scene.until_it_waits();
    assert_eq!(scene.send("again")["state"], "submitted");
    assert_eq!(scene.heard(), ["hello", "again"]);
}
