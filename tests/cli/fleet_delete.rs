//! `cafleet fleet delete`

use cafleet_tests::environment::Environment;

use crate::support::NOT_AN_ID;

#[test]
fn deregisters_everybody_and_keeps_the_messages() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    environment.ok(&fleet.words("agent deregister --agent-id @grace"));
    assert_eq!(environment.ok(&["fleet", "delete", "1"]), "Deleted fleet 1. Deregistered 3 agents.\n");
    let stamp = environment.json(&["fleet", "show", "1"])["deleted_at"].clone();
    assert_eq!(environment.ok(&["fleet", "delete", "1"]), "Deleted fleet 1. Deregistered 0 agents.\n");
    assert_eq!(environment.json(&["fleet", "delete", "1"]).to_string(), r#"{"fleet_id":1,"deregistered_count":0}"#);
    assert_eq!(environment.json(&["fleet", "show", "1"])["deleted_at"], stamp, "the first time stands");
    let rows = environment.rows();
    assert_eq!((rows["tasks"], rows["agent_placements"], rows["monitor_config"]), (1, 1, 1));
    assert_eq!(environment.ok(&other.words("agent list")).matches(" active").count(), 4);
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn an_unknown_fleet_is_an_error() {
    let (environment, _) = Environment::with_fleet();
    environment.fails(&["fleet", "delete", "99"], 1, "fleet '99' not found.");
    environment.fails(&["fleet", "delete", "0"], 2, &format!("invalid value '0' for '<FLEET_ID>': {NOT_AN_ID}"));
}
