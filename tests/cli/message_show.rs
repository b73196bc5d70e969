//! `cafleet message show`

use cafleet_tests::environment::Environment;

use crate::support::{NOT_AN_ID, refuses_strangers, without_times};

#[test]
fn shows_a_message_and_its_delivery_to_anyone_of_the_fleet() {
    let (environment, fleet) = Environment::with_fleet();
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    for viewer in ["@ada", "@grace", "@director", "@admin"] {
        let line = fleet.words(&format!("message show --agent-id {viewer} --task-id {id}"));
        assert_eq!(without_times(&environment.ok(&line)), format!("[{id} | from:{} | <time>]\n  hello\n", fleet.ada));
    }
    let line = fleet.words(&format!("message show --agent-id @ada --task-id {id}"));
    assert_eq!(
        without_times(&environment.json(&line).to_string()),
        format!(r#"{{"id":{id},"from":{},"ts":"<time>","text":"hello"}}"#, fleet.ada)
    );
    let full = [line, vec!["--full".to_owned()]].concat();
    assert_eq!(environment.ok(&full).lines().count(), 10);
    let rung = fleet.send(&environment, fleet.ada, fleet.director, "to a pane that never was");
    let json = environment.json(&fleet.words(&format!("message show --agent-id @ada --task-id {rung}")));
    assert_eq!((&json["delivery"]["state"], &json["delivery"]["attempts"]), (&"failed".into(), &1.into()), "{json}");
    let text = environment.ok(&fleet.words(&format!("message show --full --agent-id @ada --task-id {rung}")));
    assert!(text.starts_with("delivery:         failed (the recipient has no pane any more), 1 attempts, "), "{text}");
}

#[test]
fn who_left_still_reads_what_concerns_the_fleet() {
    let (environment, fleet) = Environment::with_fleet();
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    environment.ok(&["fleet", "delete", &fleet.id.to_string()]);
    let line = fleet.words(&format!("message show --agent-id @grace --task-id {id}"));
    assert!(environment.ok(&line).ends_with("hello\n"));
}

#[test]
fn nothing_of_another_fleet_is_visible() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    let foreign = other.send(&environment, other.ada, other.grace, "secret");
    let _summary = environment.json(&other.words("message broadcast --agent-id @ada --text secret"));
    let tasks = environment.rows()["tasks"];
    for nothing in (foreign..=tasks).chain([4_711, i64::MAX]) {
        let line = fleet.words(&format!("message show --agent-id @ada --task-id {nothing}"));
        environment.fails(&line, 1, &format!("task {nothing} not found"));
    }
    refuses_strangers(&environment, &fleet, "message show", &format!("--task-id {foreign}"));
    let line = fleet.words("message show --agent-id @ada --task-id x");
    environment.fails(&line, 2, &format!("invalid value 'x' for '--task-id <INT>': {NOT_AN_ID}"));
}
