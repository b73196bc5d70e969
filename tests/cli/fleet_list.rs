//! `cafleet fleet list`

use cafleet_tests::environment::Environment;

use crate::support::without_times;

#[test]
fn lists_live_fleets_newest_first() {
    let environment = Environment::new();
    assert_eq!(environment.ok(&["fleet", "list"]), "No fleets found.\n");
    assert_eq!(environment.json(&["fleet", "list"]).to_string(), "[]");
    let first = environment.create_fleet("日本");
    let second = environment.create_fleet("long label");
    let third = environment.create_fleet("gone");
    environment.sql("UPDATE fleets SET created_at = '2026-05-01T00:00:00.000000+00:00' WHERE fleet_id = 2");
    environment.ok(&["fleet", "delete", &third.id.to_string()]);
    environment.ok(&first.words("agent deregister --agent-id @ada"));
    assert_eq!(
        environment.ok(&["fleet", "list"]),
        format!(
            "FLEET_ID  DIRECTOR  LABEL       AGENTS  CREATED_AT\n\
             {}         {}         long label  4       2026-05-01T00:00:00.000000+00:00\n\
             {}         {}         日本        3       2026-04-15T10:00:00.123456+00:00\n",
            second.id, second.director, first.id, first.director
        )
    );
    let json = environment.json(&["fleet", "list"]);
    assert_eq!(json.as_array().map(Vec::len), Some(2));
    assert_eq!(
        without_times(&json[1].to_string()),
        format!(
            r#"{{"fleet_id":{},"director_agent_id":{},"label":"日本","created_at":"<time>","agent_count":3}}"#,
            first.id, first.director
        )
    );
}

#[test]
fn a_fleet_id_has_no_meaning_here() {
    let (environment, _) = Environment::with_fleet();
    let plain = environment.ok(&["fleet", "list"]);
    assert_eq!(environment.ok(&["--fleet-id", "99", "fleet", "list"]), plain);
    assert_eq!(environment.ok(&["fleet", "list", "--fleet-id", "99"]), plain);
    environment.fails(&["fleet", "list", "--full"], 2, "unexpected argument '--full' found");
}
