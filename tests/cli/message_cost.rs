//! What a member reads for each message that it handles.

use cafleet_tests::environment::Environment;
use cafleet_tests::workspace;

#[test]
fn a_message_costs_what_the_page_says() {
    let (environment, fleet) = Environment::with_fleet();
    let task = fleet.send(&environment, fleet.director, fleet.ada, &"x".repeat(200));
    let said = |line: &str| environment.ok(&fleet.words(line)).chars().count();
    let poll = said("message poll --agent-id @ada --full");
    let ack = said(&format!("message ack --agent-id @ada --task-id {task}"));
    let answer = "x".repeat(200);
    let send = said(&format!("message send --agent-id @ada --to @director --text {answer}"));
    let page = workspace::file("docs/src/agents.md").text;
    let rows = [("poll --full", poll), ("ack", ack), ("send", send)];
    let rows = rows.map(|(command, characters)| format!("| `cafleet message {command}` | {characters} |"));
    let missing: Vec<&String> = rows.iter().filter(|row| !page.contains(*row)).collect();
    assert!(missing.is_empty(), "docs/src/agents.md should have the rows {missing:#?}");
}
