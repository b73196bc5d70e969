//! `cafleet agent show`

use cafleet_tests::environment::Environment;

use crate::support::{NOT_AN_ID, refuses_strangers, without_times};

#[test]
fn shows_one_agent() {
    let (environment, fleet) = Environment::with_fleet();
    let (ada, director) = (fleet.ada, fleet.director);
    let line = fleet.words("agent show --agent-id @grace --id @ada");
    assert_eq!(environment.ok(&line), format!("{ada} Ada active\n"));
    let json = environment.json(&line);
    assert_eq!(json.to_string(), format!(r#"{{"id":{ada},"name":"Ada","description":"tests","status":"active"}}"#));
    let placed = environment.json(&fleet.words("agent show --agent-id @grace --id @director"));
    assert_eq!((&placed["id"], &placed["coding_agent"]), (&director.into(), &"claude".into()));
    let full = environment.json(&fleet.words("agent show --agent-id @grace --id @director --full"));
    assert_eq!((&full["kind"], &full["coding_agent"]), (&"director".into(), &"claude".into()));
    let text = environment.ok(&fleet.words("agent show --agent-id @grace --id @ada --full"));
    assert_eq!(text, format!("agent_id:    {ada}\nname:        Ada\ndescription: tests\nstatus:      active\n"));
}

#[test]
fn shows_who_has_left() {
    let (environment, fleet) = Environment::with_fleet();
    environment.ok(&fleet.words("agent deregister --agent-id @ada"));
    assert_eq!(
        environment.ok(&fleet.words("agent show --agent-id @grace --id @ada")),
        format!("{} Ada deregistered\n", fleet.ada)
    );
    let json = environment.json(&fleet.words("agent show --agent-id @ada --id @ada --full"));
    assert_eq!(json["status"], "deregistered");
    let _checked = without_times(json["deregistered_at"].as_str().expect("a time"));
}

#[test]
fn nobody_of_another_fleet() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    for stranger in [other.ada, 4_711] {
        let line = fleet.words(&format!("agent show --agent-id @ada --id {stranger}"));
        environment.fails(&line, 1, &format!("Agent {stranger} not found"));
    }
    environment.fails(
        &fleet.words("agent show --agent-id @ada --id 0"),
        2,
        &format!("invalid value '0' for '--id <INT>': {NOT_AN_ID}"),
    );
    refuses_strangers(&environment, &fleet, "agent show", "--id @ada");
}
