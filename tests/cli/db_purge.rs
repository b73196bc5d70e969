//! `cafleet db purge`

use cafleet_tests::environment::Environment;

const DURATION: &str = "must be a whole number and a unit: 90s, 30m, 12h, 7d or 4w";

#[test]
fn drops_what_is_over_and_old_and_nothing_else() {
    let (environment, fleet) = Environment::with_fleet();
    let gone = environment.create_fleet("gone");
    let _ = gone.send(&environment, gone.ada, gone.grace, "in a deleted fleet");
    environment.ok(&["fleet", "delete", &gone.id.to_string()]);
    let acked = fleet.send(&environment, fleet.ada, fleet.grace, "acknowledged");
    let canceled = fleet.send(&environment, fleet.ada, fleet.grace, "canceled");
    let waiting = fleet.send(&environment, fleet.ada, fleet.grace, "waiting");
    environment.ok(&fleet.words(&format!("message ack --agent-id @grace --task-id {acked}")));
    environment.ok(&fleet.words(&format!("message cancel --agent-id @ada --task-id {canceled}")));
    let before = environment.rows();
    let young = ["db", "purge", "--older-than", "1h"];
    assert_eq!(environment.ok(&young), "Dropped 0 fleets, 0 agents, 0 messages, 0 deliveries.\n");
    assert_eq!(environment.rows(), before);
    let dry = environment.json(&["db", "purge", "--older-than", "0s", "--dry-run"]);
    assert_eq!(dry.to_string(), r#"{"dry_run":true,"fleets":1,"agents":4,"tasks":3,"deliveries":0}"#);
    assert_eq!(
        environment.ok(&["db", "purge", "--older-than", "0s", "--dry-run"]),
        "Would drop 1 fleets, 4 agents, 3 messages, 0 deliveries.\n"
    );
    assert_eq!(environment.rows(), before, "a dry run drops nothing");
    assert_eq!(
        environment.ok(&["db", "purge", "--older-than", "0s"]),
        "Dropped 1 fleets, 4 agents, 3 messages, 0 deliveries.\n"
    );
    assert!(environment.ok(&fleet.words("message poll --agent-id @grace")).starts_with(&format!("[{waiting} | ")));
    assert_eq!(environment.rows()["tasks"], 1);
    environment.fails(&["fleet", "show", &gone.id.to_string()], 1, &format!("fleet '{}' not found.", gone.id));
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
    assert!(fleet.send(&environment, fleet.ada, fleet.grace, "new") > waiting, "ids are never used again");
}

#[test]
fn a_fleet_that_is_named_is_the_only_one_that_is_purged() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    for fleet in [&fleet, &other] {
        let task = fleet.send(&environment, fleet.ada, fleet.grace, "acknowledged");
        environment.ok(&fleet.words(&format!("message ack --agent-id @grace --task-id {task}")));
    }
    let gone = environment.create_fleet("gone");
    environment.ok(&["fleet", "delete", &gone.id.to_string()]);
    let purge = |id: i64| environment.ok(&["--fleet-id", &id.to_string(), "db", "purge", "--older-than", "0d"]);
    assert_eq!(purge(fleet.id), "Dropped 0 fleets, 0 agents, 1 messages, 0 deliveries.\n");
    assert_eq!(environment.rows()["tasks"], 1, "that of the other fleet");
    environment.fails(&["db", "purge", "--older-than", "0d", "--fleet-id", "99"], 1, "fleet '99' not found.");
    environment.ok(&["fleet", "show", &gone.id.to_string()]);
    assert_eq!(purge(gone.id), "Dropped 1 fleets, 4 agents, 0 messages, 0 deliveries.\n");
    assert_eq!(environment.rows()["tasks"], 1);
}

#[test]
fn a_duration_needs_a_unit() {
    let (environment, _) = Environment::with_fleet();
    for bad in ["7", "d", "1.5h", "1y", "7 d", "99999999999999999999d"] {
        let error = format!("invalid value '{bad}' for '--older-than <DURATION>': {DURATION}");
        environment.fails(&["db", "purge", "--older-than", bad], 2, &error);
    }
    environment.fails(
        &["db", "purge"],
        2,
        "the following required arguments were not provided: --older-than <DURATION>",
    );
    for unit in ["90s", "30m", "12h", "7d", "4w", "30500568904943w"] {
        environment.ok(&["db", "purge", "--older-than", unit]);
    }
}
