//! `cafleet db check`

use cafleet_tests::environment::Environment;

#[test]
fn a_sound_database_is_ok() {
    let (environment, fleet) = Environment::with_fleet();
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    environment.ok(&fleet.words(&format!("message ack --agent-id @grace --task-id {id}")));
    environment.ok(&fleet.words("message broadcast --agent-id @ada --text hello"));
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
    assert_eq!(environment.json(&["db", "check"]).to_string(), r#"{"ok":true,"findings":[]}"#);
}

#[test]
fn what_breaks_a_rule_is_named_and_counted() {
    let (environment, fleet) = Environment::with_fleet();
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    environment.sql("INSERT INTO monitor_config VALUES (2, 60, NULL, 1, NULL)");
    let outcome = environment.run(&["db", "check"]);
    let finding = "Administrator 2 is enrolled in monitoring\n";
    assert_eq!((outcome.status, outcome.stdout.as_str()), (1, finding), "{outcome:?}");
    assert_eq!(outcome.stderr, "Error: the database has 1 problem\n");
    environment.sql(&format!(
        "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;
         UPDATE tasks SET from_agent_id = 4711; UPDATE agents SET status = 'deregistered' WHERE agent_id = {}",
        fleet.director
    ));
    let outcome = environment.run(&["--json", "db", "check"]);
    let value: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    let findings = value["findings"].as_array().expect("findings").len();
    assert!(findings > 3 && value["ok"] == false, "{value}");
    assert!(outcome.stderr.contains(&format!(r#""message":"the database has {findings} problems""#)), "{outcome:?}");
}

#[test]
fn what_other_commands_call_corrupt_is_found() {
    for (spoil, finding) in [
        ("UPDATE tasks SET created_at = 'noon', status_timestamp = 'noon'", "tasks.created_at of row 1"),
        ("UPDATE tasks SET type = 'x'", "tasks.type of row 1"),
        ("UPDATE agents SET agent_card_json = '{' WHERE agent_id = 3", "agents.agent_card_json of row 3"),
        ("UPDATE agents SET registered_at = '' WHERE agent_id = 3", "agents.registered_at of row 3"),
        ("UPDATE fleets SET created_at = 'x'", "fleets.created_at of row 1"),
        ("UPDATE fleets SET fleet_key = 'x'", "fleets.fleet_key of row 1"),
        ("UPDATE agent_placements SET coding_agent = 'X Y'", "agent_placements.coding_agent of row 1"),
    ] {
        let (environment, fleet) = Environment::with_fleet();
        let _ = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
        environment.sql(&format!("PRAGMA ignore_check_constraints = ON; {spoil}"));
        let outcome = environment.run(&["db", "check"]);
        assert!(outcome.status == 1 && outcome.stdout.contains(finding), "{spoil}: {outcome:?}");
    }
}

#[test]
fn a_value_that_is_none_is_named_by_whoever_meets_it() {
    let (environment, fleet) = Environment::with_fleet();
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    environment.sql("UPDATE tasks SET created_at = 'yesterday', status_timestamp = 'yesterday'");
    let line = fleet.words(&format!("message show --agent-id @ada --task-id {id}"));
    let error = environment.run(&line).error(1);
    assert!(error.starts_with(&format!("corrupt database: tasks.created_at of row {id}: ")), "{error}");
    environment.sql(
        "PRAGMA ignore_check_constraints = ON; UPDATE tasks SET status_state = 'lost',
         created_at = (SELECT created_at FROM fleets)",
    );
    let error = environment.run(&line).error(1);
    assert!(error.starts_with(&format!("corrupt database: tasks.status_state of row {id}: ")), "{error}");
}
