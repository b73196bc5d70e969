//! A fresh home that setup has prepared: the agent knows the skills, loads one, and gets to a member's answer with it.

use std::fs;

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::workspace;
use serde_json::{Value, json};

use crate::multiplexers::in_every_multiplexer;
use crate::team::{Team, monitor, on, sh, tool};

/// What a person says, with nothing else to go by.
const REQUEST: &str = "create a fleet and have a member review this file: notes.md";

/// Returns the call by which an agent loads the core skill, as its own instructions tell it to.
fn load(backend: Backend, home: &str) -> Value {
    match backend {
        Backend::CLAUDE => tool("Skill", &json!({"skill": "cafleet"})),
        // codex reads the file that its list of skills names
        Backend::CODEX => sh(format!("cat {home}/.agents/skills/cafleet/SKILL.md")),
        _ => tool("skill", &json!({"name": "cafleet"})),
    }
}

/// Returns the call by which an agent reads what a skill refers to.
fn read(backend: Backend, home: &str) -> Value {
    let file = "skills/cafleet/references/director.md";
    match backend {
        Backend::CLAUDE => tool("Read", &json!({"file_path": format!("{home}/.claude/{file}")})),
        Backend::CODEX => sh(format!("cat {home}/.agents/{file}")),
        _ => tool("read", &json!({"filePath": format!("{home}/.agents/{file}")})),
    }
}

/// Returns the call by which a member reads the file; one in opencode may run no command but its own of `cafleet`.
fn look_at_notes(backend: Backend, home: &str) -> Value {
    match backend {
        Backend::OPENCODE => tool("read", &json!({"filePath": format!("{home}/../work/notes.md")})),
        _ => sh("cat notes.md"),
    }
}

/// What a model does that has read the skill: the commands are the skill's, with its numbers filled in.
fn rules(backend: Backend, home: &str) -> Vec<Value> {
    let member = format!("member create --agent-id 1 --name Ada --description \"Reviews\" --coding-agent {backend}");
    let ask = "Review notes.md and send me what you find.";
    vec![
        on(
            REQUEST,
            vec![
                load(backend, home),
                read(backend, home),
                sh(format!("cafleet fleet create --label review --coding-agent {backend}")),
                monitor(backend),
                sh(format!("cafleet --fleet-id 1 {member}")),
            ],
        ),
        on(
            "\nready",
            vec![
                sh("cafleet --fleet-id 1 message ack --agent-id 1 --task-id {task}"),
                sh(format!("cafleet --fleet-id 1 message send --agent-id 1 --to 3 --text \"{ask}\"")),
            ],
        ),
        on(
            ask,
            vec![
                sh("cafleet --fleet-id 1 message poll --agent-id 3 --full"),
                sh("cafleet --fleet-id 1 message ack --agent-id 3 --task-id {task}"),
                look_at_notes(backend, home),
                sh("cafleet --fleet-id 1 message send --agent-id 3 --to 1 --text \"one finding: line 1 ends early\""),
            ],
        ),
        on("one finding", vec![sh("cafleet --fleet-id 1 message ack --agent-id 1 --task-id {task}")]),
    ]
}

fn works_with_no_further_reading(backend: Backend, multiplexer: MultiplexerKind) {
    let team = Team::start(backend, multiplexer, |environment| {
        fs::write(environment.path("work/notes.md"), "the first line ends ear\n").expect("a file");
        rules(backend, &environment.path("home").display().to_string())
    });
    team.tell(REQUEST);
    let offered = team.offered(REQUEST);
    assert_eq!(offered, ["cafleet", "cafleet-design-doc-create", "cafleet-design-doc-execute"], "{backend}");
    let last_line = |path: &str| {
        let text = workspace::file(path).text;
        text.lines().next_back().expect("a line").to_owned()
    };
    team.answered(&last_line("app/skills/cafleet/SKILL.md"));
    team.answered(&last_line("app/skills/cafleet/references/director.md"));
    team.acknowledged(1, "ready");
    team.acknowledged(3, "Review notes.md");
    team.answered("the first line ends ear");
    team.acknowledged(1, "one finding");
    assert_eq!(
        team.story(),
        ["3>1 ready", "1>3 Review notes.md and send", "3>1 one finding: line 1 ends"],
        "{backend}"
    );
}

in_every_multiplexer!(works_with_no_further_reading);
