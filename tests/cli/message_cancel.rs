//! `cafleet message cancel`

use cafleet_tests::environment::Environment;

use crate::support::{NOT_AN_ID, refuses_strangers, without_times};

#[test]
fn takes_a_message_back() {
    let (environment, fleet) = Environment::with_fleet();
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    let line = fleet.words(&format!("message cancel --agent-id @ada --task-id {id}"));
    let first = environment.ok(&line);
    assert_eq!(without_times(&first), format!("Task canceled.\n[{id} | from:{} | <time>]\n  hello\n", fleet.ada));
    assert_eq!(environment.ok(&line), first, "a second time changes nothing");
    assert_eq!(environment.json(&line)["id"], id);
    let full = [line, vec!["--full".to_owned()]].concat();
    assert!(environment.ok(&full).contains("\nstatus_state:     canceled\n"));
    assert_eq!(environment.json(&full)["status_state"], "canceled");
    assert_eq!(environment.ok(&fleet.words("message poll --agent-id @grace")), "No messages found.\n");
}

#[test]
fn only_its_sender_takes_it_back_and_not_once_it_is_acknowledged() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    let foreign = other.send(&environment, other.ada, other.grace, "hello");
    for not_sender in ["@grace", "@director", "@admin"] {
        let line = fleet.words(&format!("message cancel --agent-id {not_sender} --task-id {id}"));
        environment.fails(&line, 1, &format!("only the sender can cancel task {id}"));
    }
    for nothing in [foreign, 4_711, i64::MAX] {
        let line = fleet.words(&format!("message cancel --agent-id @ada --task-id {nothing}"));
        environment.fails(&line, 1, &format!("task {nothing} not found"));
    }
    let line = fleet.words("message cancel --agent-id @ada --task-id 0");
    environment.fails(&line, 2, &format!("invalid value '0' for '--task-id <INT>': {NOT_AN_ID}"));
    refuses_strangers(&environment, &fleet, "message cancel", &format!("--task-id {id}"));
    environment.ok(&fleet.words(&format!("message ack --agent-id @grace --task-id {id}")));
    let line = fleet.words(&format!("message cancel --agent-id @ada --task-id {id}"));
    environment.fails(&line, 1, &format!("task {id} was already acknowledged"));
}

#[test]
fn a_summary_takes_back_what_is_not_acknowledged() {
    let (environment, fleet) = Environment::with_fleet();
    let summary = environment.json(&fleet.words("message broadcast --agent-id @director --text all"))["id"].clone();
    let acked = environment.json(&fleet.words("message poll --agent-id @ada"))[0]["id"].clone();
    environment.ok(&fleet.words(&format!("message ack --agent-id @ada --task-id {acked}")));
    let text = environment.ok(&fleet.words(&format!("message cancel --agent-id @director --task-id {summary}")));
    assert!(
        text.starts_with(&format!("Task canceled.\n[{summary} | ")) && text.contains("kind:broadcast_summary"),
        "{text}"
    );
    let count = |state: &str| {
        environment.number(&format!("SELECT count(*) FROM tasks WHERE type = 'unicast' AND status_state = '{state}'"))
    };
    assert_eq!((count("completed"), count("canceled"), count("input_required")), (1, 1, 0));
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}
