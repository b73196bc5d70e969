//! `cafleet monitor status` and `cafleet monitor config`

use cafleet_tests::stage::Stage;

#[test]
fn says_stopped_and_lists_who_is_enrolled() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, _) = stage.member(&fleet, "claude", "Linus");
    let text = stage.environment.ok(&fleet.words("monitor status"));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "monitor: stopped");
    assert_eq!(lines[1], "  agent_id  name      role      interval  last_ping  enabled  pending");
    assert_eq!(lines[2], "  --------  --------  --------  --------  ---------  -------  -------");
    assert_eq!(lines[3], format!("  {:<8}  Director  director  60s       never      yes      0", fleet.director));
    assert_eq!(lines[4], format!("  {member:<8}  Linus     member    60s       never      yes      0"));
    assert_eq!(lines.len(), 5, "neither the Administrator nor who has no pane");
    let json = stage.environment.json(&fleet.words("monitor status"));
    assert_eq!(
        json["runtime"].to_string(),
        r#"{"running":false,"pid":null,"tick_seconds":null,"last_tick_at":null,"last_tick_age_seconds":null,"started_at":null}"#
    );
    assert_eq!(
        json["agents"][1].to_string(),
        format!(
            r#"{{"agent_id":{member},"name":"Linus","role":"member","interval_seconds":60,"last_ping_at":null,"enabled":true,"pending_count":0}}"#
        )
    );
    let explained = stage.environment.ok(&fleet.words("monitor status --explain"));
    assert!(explained.lines().nth(4).is_some_and(|row| row.contains("interval ends in ")), "{explained}");
}

#[test]
fn judges_by_the_heartbeat() {
    let (stage, fleet) = Stage::with_fleet();
    let heartbeat = |age: &str| {
        stage.environment.sql(&format!(
            "DELETE FROM monitor_runtime; INSERT INTO monitor_runtime VALUES ({}, 4821, '2026-06-13T04:50:00.000000+00:00',
             strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now', '-{age} seconds'), 5)",
            fleet.id
        ));
        stage.environment.ok(&fleet.words("monitor status")).lines().next().unwrap_or_default().to_owned()
    };
    let running = heartbeat("2");
    assert!(running.starts_with("monitor: running (pid 4821, last tick "), "{running}");
    assert!(running.ends_with("s ago, tick 5s, started 2026-06-13T04:50:00+00:00)"), "{running}");
    assert_eq!(heartbeat("20"), "monitor: stopped");
    let runtime = stage.environment.json(&fleet.words("monitor status"))["runtime"].clone();
    assert_eq!(
        (&runtime["running"], &runtime["pid"], &runtime["tick_seconds"]),
        (&false.into(), &().into(), &5.into())
    );
}

#[test]
fn config_shows_and_edits() {
    let (stage, fleet) = Stage::with_fleet();
    let ok = |line: &str| stage.environment.ok(&fleet.words(&format!("monitor config --agent-id @director{line}")));
    let agent = fleet.director;
    assert_eq!(ok(""), format!("agent {agent}: interval 60s, enabled, last_ping never\n"));
    assert_eq!(ok(" --interval 5 --disable"), format!("agent {agent}: interval 5s, disabled, last_ping never\n"));
    assert_eq!(ok(" --enable"), format!("agent {agent}: interval 5s, enabled, last_ping never\n"));
    let json = stage.environment.json(&fleet.words("monitor config --agent-id @director"));
    assert_eq!(
        json.to_string(),
        format!(r#"{{"agent_id":{agent},"interval_seconds":5,"last_ping_at":null,"enabled":true}}"#)
    );
    let fails = |line: &str, status, error: &str| stage.environment.fails(&fleet.words(line), status, error);
    fails(
        "monitor config --agent-id @director --enable --disable",
        2,
        "--enable and --disable are mutually exclusive.",
    );
    fails(
        "monitor config --agent-id @director --interval 0",
        2,
        "invalid value '0' for '--interval <SECONDS>': 0 is not in 1..=31536000",
    );
    for nobody in [fleet.administrator, fleet.ada, 999] {
        fails(
            &format!("monitor config --agent-id {nobody}"),
            1,
            &format!("agent {nobody} is not enrolled in monitoring for fleet {}.", fleet.id),
        );
    }
}
