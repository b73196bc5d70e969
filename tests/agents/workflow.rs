//! A team of three different agents carries a piece of work from a request to a document, and from there to commits.
//!
//! The models follow rules; everything else is real: skills, role files, messages, doorbells, permissions, commits.

use std::fs;
use std::process::Command;

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::Environment;
use cafleet_tests::workspace;
use serde_json::{Value, json};

use crate::team::{Team, monitor, on, sh, tool};

const DOCUMENT: &str = "design-docs/0001-greeting/design-doc.md";

/// What a project allows a claude that has to write, as the skills say.
const PROJECT_SETTINGS: &str =
    r#"{"permissions": {"allow": ["Edit", "Write", "Bash(sed *)", "Bash(sh *)", "Bash(git *)"]}}"#;

/// What a person allows an opencode there.
const OPENCODE_SETTINGS: &str = r#"{"agent": {"cafleet": {"permission": {"bash": {"mkdir *": "allow", "printf *": "allow", "cat *": "allow", "sed *": "allow", "sh *": "allow", "git *": "allow"}}}}}"#;

/// Runs git in the throw-away repository.
fn git(environment: &Environment, words: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org"])
        .args(words)
        .current_dir(environment.path("work"))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", environment.path("home"))
        .output()
        .expect("git runs");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Makes the repository, with what all its agents need.
fn repository(environment: &Environment) {
    let write = |name: &str, text: &str| {
        let file = environment.path("work").join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
        fs::write(file, text).expect("the file is written");
    };
    write(".claude/settings.json", PROJECT_SETTINGS);
    write("opencode.json", OPENCODE_SETTINGS);
    write("README.md", "A greeting.\n");
    fs::write(environment.path("home/.gitconfig"), "[user]\n\tname = Ada\n\temail = ada@example.org\n")
        .expect("a file");
    git(environment, &["init", "-q", "-b", "main"]);
    git(environment, &["add", "."]);
    git(environment, &["commit", "-q", "-m", "Begin"]);
}

fn ack(agent: i64) -> Value {
    sh(format!("cafleet --fleet-id 1 message ack --agent-id {agent} --task-id {{task}}"))
}

fn send(from: i64, to: i64, text: &str) -> Value {
    sh(format!("cafleet --fleet-id 1 message send --agent-id {from} --to {to} --text \"{text}\""))
}

/// Creates a member as a skill says.
fn create(name: &str, backend: Backend, skill: &str, home: &str) -> Value {
    let role = name.to_lowercase();
    sh(format!(
        "cafleet --fleet-id 1 member create --agent-id 1 --name {name} --description \"{name}\" --coding-agent {backend} \
         --prompt-file {home}/.claude/skills/{skill}/roles/{role}.md"
    ))
}

fn begin(request: &str, skill: &str, members: Vec<Value>) -> Value {
    let first = [
        tool("Skill", &json!({"skill": skill})),
        sh("cafleet fleet create --label greeting --coding-agent claude"),
        monitor(Backend::CLAUDE),
    ];
    on(request, first.into_iter().chain(members).collect())
}

/// The document, with one step that is not done.
fn document() -> String {
    let template = workspace::file("app/skills/cafleet-design-doc-create/references/template.md").text;
    template.replace("<Title>", "A greeting").replace("- [ ] 1. <what>", "- [ ] 1. greet.sh greets")
}

/// What a person asks for, and the design of the greeting comes of.
const CREATE: &str = "design a greeting with a team";

/// What Director, Drafter and Reviewer do.
fn design(environment: &Environment) -> Vec<Value> {
    repository(environment);
    let home = environment.path("home").display().to_string();
    let skill = "cafleet-design-doc-create";
    let members =
        vec![create("Drafter", Backend::OPENCODE, skill, &home), create("Reviewer", Backend::CODEX, skill, &home)];
    let draft = format!("{home}/.agents/skills/{skill}/references/template.md");
    vec![
        begin(CREATE, skill, members),
        // the Reviewer reports second or first: the draft is asked for when the Drafter has
        on(" from 3 ", vec![ack(1)]),
        on(" from 4 ", vec![ack(1)]),
        on("say draft it", vec![send(1, 3, &format!("Draft {DOCUMENT} from {draft}"))]),
        on(
            "Draft design-docs",
            vec![
                ack(3),
                sh("mkdir -p design-docs/0001-greeting"),
                sh(format!("printf '# A greeting\\n\\nStatus: draft\\n\\n- [ ] 1. greet.sh greets\\n' > {DOCUMENT}")),
                send(3, 1, "drafted"),
            ],
        ),
        on("say review it", vec![send(1, 4, &format!("Review round 1 of {DOCUMENT}"))]),
        on("Review round 1", vec![ack(4), sh(format!("cat {DOCUMENT}")), send(4, 1, "changes 1. whom it greets")]),
        on("say fix it", vec![send(1, 3, "Finding 1: whom it greets")]),
        on(
            "Finding 1",
            vec![ack(3), sh(format!("sed -i 's/greets$/greets the world/' {DOCUMENT}")), send(3, 1, "done 1")],
        ),
        on("say review again", vec![send(1, 4, &format!("Review round 2 of {DOCUMENT}"))]),
        on("Review round 2", vec![ack(4), sh(format!("cat {DOCUMENT}")), send(4, 1, "approved")]),
        on("say close it", vec![send(1, 3, "Set the status to approved and commit")]),
        on(
            "Set the status",
            vec![
                ack(3),
                sh(format!("sed -i 's/^Status: draft/Status: approved/' {DOCUMENT}")),
                sh("git add design-docs"),
                sh("git commit -q -m 'Design a greeting'"),
                send(3, 1, "committed"),
            ],
        ),
    ]
}

#[test]
fn create_goes_from_a_request_to_an_approved_document_in_tmux() {
    goes_from_a_request_to_an_approved_document(MultiplexerKind::Tmux);
}

#[test]
fn create_goes_from_a_request_to_an_approved_document_embedded() {
    goes_from_a_request_to_an_approved_document(MultiplexerKind::Pty);
}

#[test]
fn execute_goes_from_a_document_to_a_commit_in_tmux() {
    goes_from_a_document_to_a_commit(MultiplexerKind::Tmux);
}

#[test]
fn execute_goes_from_a_document_to_a_commit_embedded() {
    goes_from_a_document_to_a_commit(MultiplexerKind::Pty);
}

/// Director: claude; Drafter, 3: opencode; Reviewer, 4: codex.
fn goes_from_a_request_to_an_approved_document(multiplexer: MultiplexerKind) {
    let team = Team::start(Backend::CLAUDE, multiplexer, design);
    team.tell(CREATE);
    assert!(team.offered(CREATE).contains(&"cafleet-design-doc-create".to_owned()));
    team.answered("# Create a design document");
    let read = "SELECT count(DISTINCT from_agent_id) FROM tasks WHERE to_agent_id = 1 AND text = 'ready' \
                AND status_state = 'completed'";
    team.until("both to report", |team| (team.environment.number(read) == 2).then_some(()));
    for (said, answer) in [
        ("say draft it", "drafted"),
        ("say review it", "changes 1."),
        ("say fix it", "done 1"),
        ("say review again", "approved"),
        ("say close it", "committed"),
    ] {
        team.tell(said);
        team.acknowledged(1, answer);
    }
    let document = fs::read_to_string(team.environment.path("work").join(DOCUMENT)).expect("the document");
    assert_eq!(document, "# A greeting\n\nStatus: approved\n\n- [ ] 1. greet.sh greets the world\n");
    assert_eq!(git(&team.environment, &["log", "--format=%s"]), "Design a greeting\nBegin\n");
    let story = team.story();
    assert_eq!(
        story[2..],
        [
            "1>3 Draft design-docs/0001-g",
            "3>1 drafted",
            "1>4 Review round 1 of design",
            "4>1 changes 1. whom it greet",
            "1>3 Finding 1: whom it greet",
            "3>1 done 1",
            "1>4 Review round 2 of design",
            "4>1 approved",
            "1>3 Set the status to approv",
            "3>1 committed",
        ]
    );
}

/// Director: claude; Tester, 3: codex; Programmer, 4: opencode; Verifier, 5: claude.
fn goes_from_a_document_to_a_commit(multiplexer: MultiplexerKind) {
    const REQUEST: &str = "execute the greeting with a team";
    let team = Team::start(Backend::CLAUDE, multiplexer, |environment| {
        repository(environment);
        let file = environment.path("work").join(DOCUMENT);
        fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is made");
        fs::write(file, document().replace("Status: draft", "Status: approved")).expect("the document");
        git(environment, &["add", "."]);
        git(environment, &["commit", "-q", "-m", "Design a greeting"]);
        let home = environment.path("home").display().to_string();
        let skill = "cafleet-design-doc-execute";
        let members = vec![
            create("Tester", Backend::CODEX, skill, &home),
            create("Programmer", Backend::OPENCODE, skill, &home),
            create("Verifier", Backend::CLAUDE, skill, &home),
        ];
        let test = "printf 'test \"$(sh greet.sh)\" = hello && echo passed\\n' > greet_test.sh";
        vec![
            begin(REQUEST, skill, members),
            on(" from 3 ", vec![ack(1)]),
            on(" from 4 ", vec![ack(1)]),
            on(" from 5 ", vec![ack(1)]),
            on("say test it", vec![send(1, 3, "Step 1: write its test")]),
            on("write its test", vec![ack(3), sh(test), sh("sh greet_test.sh"), send(3, 1, "it fails")]),
            on("say code it", vec![send(1, 4, "Step 1: make greet_test.sh pass")]),
            on(
                "make greet_test.sh pass",
                vec![
                    ack(4),
                    sh("printf 'echo hello\\n' > greet.sh"),
                    sh("sh greet_test.sh"),
                    sh("git add greet.sh greet_test.sh"),
                    sh("git commit -q -m 'Greet'"),
                    send(4, 1, "committed"),
                ],
            ),
            on("say verify it", vec![send(1, 5, "Step 1: try it")]),
            on("try it", vec![ack(5), sh("sh greet.sh"), send(5, 1, "works")]),
            on(
                "say tick it",
                vec![
                    sh(format!("sed -i 's/- \\[ \\] 1/- [x] 1/; s/^Status: approved/Status: done/' {DOCUMENT}")),
                    sh(format!("git add {DOCUMENT}")),
                    sh("git commit -q -m 'Tick the greeting'"),
                ],
            ),
        ]
    });
    team.tell(REQUEST);
    team.answered("# Execute a design document");
    let read = "SELECT count(DISTINCT from_agent_id) FROM tasks WHERE to_agent_id = 1 AND text = 'ready' \
                AND status_state = 'completed'";
    team.until("all three to report", |team| (team.environment.number(read) == 3).then_some(()));
    for (said, answer) in [("say test it", "it fails"), ("say code it", "committed"), ("say verify it", "works")] {
        team.tell(said);
        team.acknowledged(1, answer);
    }
    team.tell("say tick it");
    let log = ["Tick the greeting", "Greet", "Design a greeting", "Begin"].map(|line| format!("{line}\n")).concat();
    team.until("the last commit", |team| (git(&team.environment, &["log", "--format=%s"]) == log).then_some(()));
    team.answered("passed");
    let document = git(&team.environment, &["show", &format!("HEAD:{DOCUMENT}")]);
    assert!(document.contains("- [x] 1. greet.sh greets") && document.contains("\nStatus: done\n"), "{document}");
    let step = git(&team.environment, &["show", "--stat", "--format=", "HEAD~1"]);
    assert!(step.contains("greet.sh") && step.contains("greet_test.sh") && step.contains("2 files changed"), "{step}");
    let story = team.story();
    assert_eq!(
        story[3..],
        [
            "1>3 Step 1: write its test",
            "3>1 it fails",
            "1>4 Step 1: make greet_test.",
            "4>1 committed",
            "1>5 Step 1: try it",
            "5>1 works",
        ]
    );
}
