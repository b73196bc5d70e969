//! `cafleet agent list`

use cafleet_tests::environment::Environment;

use crate::support::{FLEET_ID_MISSING, without_times};

#[test]
fn lists_the_active_agents_of_the_fleet() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    environment.ok(&fleet.words("agent deregister --agent-id @grace"));
    let (director, administrator, ada) = (fleet.director, fleet.administrator, fleet.ada);
    assert_eq!(
        environment.ok(&fleet.words("agent list")),
        format!("{director} Director active\n\n{administrator} Administrator active\n\n{ada} Ada active\n")
    );
    assert_eq!(environment.ok(&other.words("agent list")).matches("active").count(), 4);
    let json = environment.json(&fleet.words("agent list"));
    assert_eq!(json[2].to_string(), format!(r#"{{"id":{ada},"name":"Ada","description":"tests","status":"active"}}"#));
    assert_eq!(json.as_array().map(Vec::len), Some(3));
}

#[test]
fn full_shows_every_column_but_the_card() {
    let (environment, fleet) = Environment::with_fleet();
    let text = environment.ok(&fleet.words("agent list --full"));
    let blocks: Vec<&str> = text.trim_end().split("\n\n").collect();
    assert_eq!(blocks.len(), 4);
    assert_eq!(
        blocks[2],
        format!("agent_id:    {}\nname:        Ada\ndescription: tests\nstatus:      active", fleet.ada)
    );
    let json = environment.json(&fleet.words("agent list --full"));
    assert_eq!(
        without_times(&json[2].to_string()),
        format!(
            r#"{{"agent_id":{},"fleet_id":1,"name":"Ada","description":"tests","kind":"user","status":"active","registered_at":"<time>","deregistered_at":null}}"#,
            fleet.ada
        )
    );
    assert_eq!((&json[0]["kind"], &json[1]["kind"]), (&"director".into(), &"administrator".into()));
}

#[test]
fn long_descriptions_are_cut_after_60_characters() {
    let (environment, fleet) = Environment::with_fleet();
    let describe = |description: String| {
        let mut line = fleet.words("agent register --name x --description");
        line.push(description);
        environment.ok(&line);
    };
    describe("日".repeat(60));
    describe("日".repeat(61));
    describe("line\nbreak".to_owned());
    let json = environment.json(&fleet.words("agent list"));
    assert_eq!(json[4]["description"], "日".repeat(60));
    assert_eq!(json[5]["description"], "日".repeat(60) + "…");
    assert_eq!(json[6]["description"], "line\nbreak");
    let json = environment.json(&fleet.words("agent list --full"));
    assert_eq!(json[5]["description"], "日".repeat(61));
    assert!(environment.ok(&fleet.words("agent list --full")).contains("\ndescription: line⏎break\n"));
}

#[test]
fn a_deleted_fleet_has_no_agents_and_an_unknown_one_is_an_error() {
    let (environment, fleet) = Environment::with_fleet();
    environment.ok(&["fleet", "delete", "1"]);
    assert_eq!(environment.ok(&fleet.words("agent list")), "No agents found.\n");
    assert_eq!(environment.json(&fleet.words("agent list")).to_string(), "[]");
    environment.fails(&["--fleet-id", "99", "agent", "list"], 1, "fleet '99' not found.");
    environment.fails(&["agent", "list"], 2, FLEET_ID_MISSING);
}
