//! `cafleet agent deregister`

use cafleet_tests::environment::Environment;

use crate::support::refuses_strangers;

#[test]
fn takes_an_agent_out_and_keeps_its_messages() {
    let (environment, fleet) = Environment::with_fleet();
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    let line = fleet.words("agent deregister --agent-id @ada");
    assert_eq!(environment.ok(&line), "Agent deregistered successfully.\n");
    assert_eq!(
        environment.json(&fleet.words("agent deregister --agent-id @grace")).to_string(),
        r#"{"status":"deregistered"}"#
    );
    assert_eq!(environment.rows()["tasks"], 1);
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn a_second_time_changes_nothing() {
    let (environment, fleet) = Environment::with_fleet();
    let line = fleet.words("agent deregister --agent-id @ada");
    environment.ok(&line);
    let show = fleet.words("agent show --agent-id @ada --id @ada --full");
    let before = environment.json(&show);
    environment.ok(&line);
    assert_eq!(environment.json(&show), before);
}

#[test]
fn the_built_in_agents_stay() {
    let (environment, fleet) = Environment::with_fleet();
    let error = "cannot deregister the root Director; use 'cafleet fleet delete' instead";
    environment.fails(&fleet.words("agent deregister --agent-id @director"), 1, error);
    environment.fails(&fleet.words("agent deregister --agent-id @admin"), 1, "Administrator cannot be deregistered");
    refuses_strangers(&environment, &fleet, "agent deregister", "");
    assert_eq!(environment.ok(&fleet.words("agent list")).matches(" active").count(), 4);
}
