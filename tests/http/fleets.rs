//! `GET /api/fleets`.

use cafleet_tests::server::served;
use serde_json::json;

#[test]
fn lists_live_fleets_newest_first() {
    let (environment, fleet, server) = served();
    let second = environment.create_fleet("<script>alert(1)</script>");
    let expected = json!([
        {
            "fleet_id": fleet.id,
            "director_agent_id": fleet.director,
            "label": "test",
            "created_at": "2026-04-15T10:00:00.123456+00:00",
            "agent_count": 4,
        },
        {
            "fleet_id": second.id,
            "director_agent_id": second.director,
            "label": "<script>alert(1)</script>",
            "created_at": "2026-04-15T10:00:00.123456+00:00",
            "agent_count": 4,
        },
    ]);
    assert_eq!(server.get(0, "/api/fleets").ok(), expected, "of the same time by id");
    environment.sql("UPDATE fleets SET created_at = '2026-04-16T10:00:00.123456+00:00' WHERE fleet_id = 2");
    assert_eq!(server.get(0, "/api/fleets").ok()[0]["fleet_id"], second.id);
    environment.ok(&["fleet", "delete", &second.id.to_string()]);
    assert_eq!(server.get(0, "/api/fleets").ok(), json!([expected[0]]));
}
