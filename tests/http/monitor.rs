//! `GET /api/monitor`, and `GET` and `PATCH /api/agents/{id}/monitor`.

use cafleet_tests::server::served;
use serde_json::{Value, json};

#[test]
fn shows_whether_a_monitor_runs() {
    let (environment, fleet, server) = served();
    let nothing = |tick: Value| {
        json!({
            "running": false, "pid": null, "tick_seconds": tick, "last_tick_at": null, "last_tick_age_seconds": null,
            "started_at": null,
        })
    };
    assert_eq!(server.get(fleet.id, "/api/monitor").ok(), nothing(Value::Null));
    let now = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'";
    environment.sql(&format!("INSERT INTO monitor_runtime VALUES ({}, 4821, {now}, {now}, 5)", fleet.id));
    let running = server.get(fleet.id, "/api/monitor").ok();
    assert_eq!(
        (&running["running"], &running["pid"], &running["tick_seconds"]),
        (&json!(true), &json!(4821), &json!(5))
    );
    assert!(running["last_tick_age_seconds"].as_i64().is_some_and(|age| age < 15), "{running}");
    assert!(running["started_at"].is_string() && running["last_tick_at"].is_string(), "{running}");
    environment.sql("UPDATE monitor_runtime SET last_tick_at = '2026-04-15T10:00:00.123456+00:00'");
    assert_eq!(server.get(fleet.id, "/api/monitor").ok(), nothing(json!(5)), "the tick is kept from the last run");
}

#[test]
fn shows_and_changes_when_an_agent_is_woken() {
    let (environment, fleet, server) = served();
    let path = format!("/api/agents/{}/monitor", fleet.director);
    let schedule =
        |seconds: i64, enabled: bool| json!({"interval_seconds": seconds, "last_ping_at": null, "enabled": enabled});
    assert_eq!(server.get(fleet.id, &path).ok(), schedule(60, true));
    let patch = |body: Value| server.change("PATCH", fleet.id, &path, &body).ok();
    assert_eq!(patch(json!({"interval_seconds": 1})), schedule(1, true));
    assert_eq!(patch(json!({"enabled": false})), schedule(1, false));
    assert_eq!(patch(json!({"interval_seconds": 31_536_000, "enabled": true})), schedule(31_536_000, true));
    assert_eq!(patch(json!({})), schedule(31_536_000, true));
    assert_eq!(server.get(fleet.id, &path).ok(), schedule(31_536_000, true));
    let told = environment.json(&fleet.words("monitor config --agent-id @director"));
    assert_eq!(told["interval_seconds"], 31_536_000, "the command line says the same");
}

#[test]
fn who_is_not_enrolled_has_no_schedule() {
    let (_environment, fleet, server) = served();
    for agent in [fleet.ada, fleet.administrator, 99, 0, -1] {
        let path = format!("/api/agents/{agent}/monitor");
        assert_eq!(server.get(fleet.id, &path).refused(404), "Agent not enrolled");
        let patch = server.change("PATCH", fleet.id, &path, &json!({"enabled": false}));
        assert_eq!(patch.refused(404), "Agent not enrolled");
    }
}
