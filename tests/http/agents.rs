//! `GET /api/agents`.

use cafleet_tests::environment::{Environment, eventually};
use cafleet_tests::private_tmux::PrivateTmux;
use cafleet_tests::server::{Server, served};
use serde_json::{Value, json};

fn agent(list: &Value, id: i64) -> Option<Value> {
    list["agents"].as_array().expect("agents").iter().find(|agent| agent["agent_id"] == id).cloned()
}

#[test]
fn lists_what_is_known_of_each_agent() {
    let (environment, fleet, server) = served();
    environment.ok(&fleet.words("message send --agent-id @director --to @ada --text hello"));
    let list = server.get(fleet.id, "/api/agents").ok();
    let ids: Vec<&Value> = list["agents"].as_array().expect("agents").iter().map(|agent| &agent["agent_id"]).collect();
    assert_eq!(ids, [fleet.director, fleet.administrator, fleet.ada, fleet.grace]);

    let director = agent(&list, fleet.director).expect("the Director");
    let time = "2026-04-15T10:00:00.123456+00:00";
    let placement = json!({
        "director_agent_id": null,
        "multiplexer": "tmux",
        "tmux_session": "main",
        "tmux_window_id": "@3",
        "tmux_pane_id": "%0",
        "coding_agent": "claude",
        "created_at": time,
    });
    for (field, expected) in [
        ("name", json!("Director")),
        ("description", json!("Root Director for this fleet")),
        ("status", json!("active")),
        ("registered_at", json!(time)),
        ("kind", json!("director")),
        ("coding_agent", json!("claude")),
        ("pane_id", json!("%0")),
        ("monitor", json!({"interval_seconds": 60, "last_ping_at": null, "enabled": true})),
        ("pending_count", json!(0)),
        ("stuck", json!(null)),
        ("placement", placement),
        ("skills", json!([])),
    ] {
        assert_eq!(director[field], expected, "{field}");
    }
    let administrator = agent(&list, fleet.administrator).expect("the Administrator");
    assert_eq!(administrator["kind"], "builtin-administrator");
    let ada = agent(&list, fleet.ada).expect("Ada");
    assert_eq!((&ada["kind"], &ada["pending_count"]), (&json!("user"), &json!(1)));
    for field in
        ["coding_agent", "pane_id", "monitor", "placement", "state", "state_rule", "state_question", "state_since"]
    {
        assert_eq!(ada.get(field), Some(&Value::Null), "{field}");
    }
}

#[test]
fn who_is_not_reached_is_told_with_the_reason_until_it_is_no_longer_owed() {
    let (environment, fleet, server) = served();
    let first = fleet.send(&environment, fleet.ada, fleet.director, "hello");
    environment.sql("UPDATE deliveries SET state = 'held', last_error = 'is asking a question'");
    let stuck = |server: &Server| {
        agent(&server.get(fleet.id, "/api/agents").ok(), fleet.director).expect("the Director")["stuck"].clone()
    };
    let told = stuck(&server);
    assert_eq!((&told["state"], &told["reason"]), (&json!("held"), &json!("is asking a question")));
    assert!(told["updated_at"].is_string(), "{told}");
    environment.ok(&fleet.words(&format!("message cancel --agent-id @ada --task-id {first}")));
    assert_eq!(stuck(&server), Value::Null);
}

#[test]
fn who_has_left_is_listed_as_long_as_it_owns_messages() {
    let (environment, fleet, server) = served();
    let silent = environment.register(fleet.id, "Silent");
    environment.ok(&fleet.words("message send --agent-id @director --to @ada --text hello"));
    environment.ok(&fleet.words("message send --agent-id @grace --to @director --text hello"));
    for id in [fleet.ada, fleet.grace, silent] {
        environment.ok(&fleet.words(&format!("agent deregister --agent-id {id}")));
    }
    let list = server.get(fleet.id, "/api/agents").ok();
    for id in [fleet.ada, fleet.grace] {
        assert_eq!(agent(&list, id).expect("it owns a message")["status"], "deregistered");
    }
    assert_eq!(agent(&list, silent), None);
}

/// A fleet in a private tmux, with one member whose program is the scripted agent.
fn fleet_in_tmux(tmux: &PrivateTmux) -> Environment {
    let mut environment = Environment::new();
    environment.install_agents();
    environment.set("TMUX", format!("{},{},0", tmux.socket(), tmux.director().server.pid));
    environment.set("TMUX_PANE", "%0");
    environment.ok(&["fleet", "create"]);
    environment.ok(&[
        "--fleet-id",
        "1",
        "member",
        "create",
        "--agent-id",
        "1",
        "--name",
        "Ada",
        "--description",
        "tests",
    ]);
    environment
}

#[test]
fn the_state_is_read_from_the_pane_and_told_when_it_changes() {
    let tmux = PrivateTmux::start();
    let environment = fleet_in_tmux(&tmux);
    let server = Server::start(&environment);
    let mut events = server.listen(1);
    let state = |server: &Server| agent(&server.get(1, "/api/agents").ok(), 3).expect("the member");
    let seen = eventually("the member at rest", || Some(state(&server)).filter(|member| member["state"] == "at_rest"));
    assert_eq!(seen["state_rule"], "composer is empty");
    assert!(seen["state_since"].is_string());
    let other = Server::start(&environment);
    let again = eventually("its look", || Some(state(&other)).filter(|member| member["state"] == "at_rest"));
    assert_eq!(again["state_since"], seen["state_since"], "the next server goes on where this one is");
    drop(other);
    tmux.tmux(&["kill-pane", "-t", seen["pane_id"].as_str().expect("a pane")]);
    let told = loop {
        let event = events.wait_for("agent");
        if event.data["agent_id"] == 3 && event.data["agent"]["state"] == "gone" {
            break event;
        }
    };
    assert_eq!(told.data["agent"]["state_rule"], "pane is gone");
    assert_eq!(state(&server)["state"], "gone");
}

#[test]
fn nobody_looks_at_panes_when_nobody_asks() {
    let (mut environment, fleet) = Environment::with_fleet();
    let log = environment.path("looks");
    environment.install("tmux", &format!("#!/bin/sh\necho look >> '{}'\nexit 1\n", log.display()));
    environment.set("TMUX", "/nowhere,1,0");
    let server = Server::start(&environment);
    let looks = || std::fs::read_to_string(&log).unwrap_or_default().lines().count();
    for _ in 0..20 {
        let _ = server.get(fleet.id, "/api/timeline").ok();
    }
    assert_eq!(looks(), 0);
    for _ in 0..50 {
        let _ = server.get(fleet.id, "/api/agents").ok();
    }
    eventually("a look", || (looks() > 0).then_some(()));
    assert!(looks() < 10, "{} looks for fifty questions", looks());
}
