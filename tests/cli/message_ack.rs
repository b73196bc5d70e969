//! `cafleet message ack`

use cafleet_tests::environment::{Environment, Outcome};

use crate::support::{NOT_AN_ID, refuses_strangers, without_times};

#[test]
fn acknowledges_once_and_says_so_every_time() {
    let (environment, fleet) = Environment::with_fleet();
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    let line = fleet.words(&format!("message ack --agent-id @grace --task-id {id}"));
    let first = environment.ok(&line);
    assert_eq!(
        without_times(&first),
        format!("Message acknowledged.\n[{id} | from:{} | <time>]\n  hello\n", fleet.ada)
    );
    assert_eq!(environment.ok(&line), first, "the first time stands");
    let json = environment.json(&line);
    assert_eq!(json["text"], "hello");
    assert!(first.contains(json["ts"].as_str().expect("a time")), "{json}");
    assert_eq!(environment.ok(&[line.clone(), vec!["--quiet".to_owned()]].concat()), format!("{id}\n"));
    assert_eq!(environment.json(&[line.clone(), vec!["--quiet".to_owned()]].concat()), id);
    let full = [line.clone(), vec!["--full".to_owned()]].concat();
    assert!(environment.ok(&full).contains("\nstatus_state:     completed\n"));
    assert_eq!(environment.json(&full)["status_state"], "completed");
    let both = [line, vec!["--full".to_owned(), "--quiet".to_owned()]].concat();
    environment.fails(&both, 2, "the argument '--full' cannot be used with '--quiet'");
    assert_eq!(environment.ok(&fleet.words("message poll --agent-id @grace")), "No messages found.\n");
}

#[test]
fn only_the_recipient_acknowledges() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    let foreign = other.send(&environment, other.ada, other.grace, "hello");
    for not_recipient in ["@ada", "@director", "@admin"] {
        let line = fleet.words(&format!("message ack --agent-id {not_recipient} --task-id {id}"));
        environment.fails(&line, 1, &format!("only the recipient can acknowledge task {id}"));
    }
    for nothing in [foreign, 4_711, i64::MAX] {
        let line = fleet.words(&format!("message ack --agent-id @grace --task-id {nothing}"));
        environment.fails(&line, 1, &format!("task {nothing} not found"));
    }
    for bad in ["0", "-1", "9223372036854775808", "first"] {
        let line = fleet.words(&format!("message ack --agent-id @grace --task-id {bad}"));
        environment.fails(&line, 2, &format!("invalid value '{bad}' for '--task-id <INT>': {NOT_AN_ID}"));
    }
    refuses_strangers(&environment, &fleet, "message ack", &format!("--task-id {id}"));
    assert_eq!(environment.number("SELECT count(*) FROM tasks WHERE status_state = 'input_required'"), 2);
}

#[test]
fn a_canceled_message_and_a_summary_are_not_acknowledged() {
    let (environment, fleet) = Environment::with_fleet();
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    environment.ok(&fleet.words(&format!("message cancel --agent-id @ada --task-id {id}")));
    let line = fleet.words(&format!("message ack --agent-id @grace --task-id {id}"));
    environment.fails(&line, 1, &format!("task {id} was canceled by its sender"));
    let summary = environment.json(&fleet.words("message broadcast --agent-id @ada --text all"))["id"].clone();
    let line = fleet.words(&format!("message ack --agent-id @ada --task-id {summary}"));
    environment.fails(&line, 1, &format!("only the recipient can acknowledge task {summary}"));
}

#[test]
fn an_acknowledgement_against_a_cancellation_has_one_winner() {
    let (environment, fleet) = Environment::with_fleet();
    for _ in 0..8 {
        let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
        let acks = [0; 2]
            .map(|_| environment.spawn(&fleet.words(&format!("message ack --quiet --agent-id @grace --task-id {id}"))));
        let cancel = environment.spawn(&fleet.words(&format!("message cancel --agent-id @ada --task-id {id}")));
        let acks = acks.map(Outcome::finish);
        let cancel = Outcome::finish(cancel);
        let state: String = environment
            .open()
            .query_row("SELECT status_state FROM tasks WHERE task_id = ?", [id], |row| row.get(0))
            .expect("a state");
        let acknowledged = state == "completed";
        for ack in acks {
            assert_eq!(ack.status == 0, acknowledged, "{state}: {ack:?}");
        }
        assert_eq!(cancel.status == 0, !acknowledged, "{state}: {cancel:?}");
    }
}
