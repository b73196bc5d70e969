//! `GET /api/events`.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use cafleet_tests::environment::eventually;
use cafleet_tests::http_client::{Event, EventSource};
use cafleet_tests::server::{Server, served};
use serde_json::{Value, json};

use crate::messages::many;

#[test]
fn tells_what_other_processes_do() {
    let (environment, fleet, server) = served();
    let mut events = server.listen(fleet.id);
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "<b>hello</b>");
    let told = events.wait_for("message");
    assert_eq!(told.data, server.get(fleet.id, "/api/timeline").ok()["messages"][0], "the row of the timeline");
    environment.ok(&fleet.words(&format!("message ack --agent-id @grace --task-id {id}")));
    let told = events.wait_for("status").data;
    assert_eq!((&told["task_id"], &told["to_agent_id"]), (&json!(id), &json!(fleet.grace)));
    assert_eq!(told["status"], "completed");
    assert_eq!(told["status_timestamp"], server.get(fleet.id, "/api/timeline").ok()["messages"][0]["status_timestamp"]);

    let _ = fleet.send(&environment, fleet.ada, fleet.director, "no pane");
    assert!(events.wait_for("message").data["delivery"].is_object(), "it has a doorbell");
    let told = events.wait_for("delivery").data;
    assert!(told["delivery"]["reason"].is_string() && told["delivery"]["updated_at"].is_string(), "{told}");

    let new = environment.register(fleet.id, "Lin");
    let told = events.wait_for("agent").data;
    assert_eq!((&told["agent_id"], &told["agent"]["name"]), (&json!(new), &json!("Lin")));
    environment.ok(&fleet.words("monitor config --agent-id @director --interval 7"));
    assert_eq!(events.wait_for("agent").data["agent"]["monitor"]["interval_seconds"], 7);
    environment.ok(&fleet.words(&format!("agent deregister --agent-id {new}")));
    let told = events.wait_for("agent").data;
    assert_eq!((&told["agent_id"], &told["agent"]), (&json!(new), &Value::Null), "it owns nothing");

    let now = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00'";
    environment.sql(&format!("INSERT INTO monitor_runtime VALUES ({}, 4821, {now}, {now}, 5)", fleet.id));
    assert_eq!(events.wait_for("monitor").data["running"], true);
    environment.sql("DELETE FROM monitor_runtime");
    assert_eq!(events.wait_for("monitor").data["running"], false);
}

#[test]
fn tells_what_the_server_itself_does() {
    let (_environment, fleet, server) = served();
    let mut events = server.listen(fleet.id);
    let body = json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": "hello"});
    let sent = server.change("POST", fleet.id, "/api/messages/send", &body).ok();
    assert_eq!(events.wait_for("message").data["task_id"], sent["task_id"]);
    let path = format!("/api/agents/{}/monitor", fleet.director);
    let _ = server.change("PATCH", fleet.id, &path, &json!({"enabled": false})).ok();
    assert_eq!(events.wait_for("agent").data["agent"]["monitor"]["enabled"], false);
}

/// Collects messages until the one with this id.
fn messages_until(events: &mut EventSource, last: i64) -> Vec<Event> {
    let mut told = Vec::new();
    loop {
        let event = events.wait_for("message");
        let is_last = event.data["task_id"] == last;
        told.push(event);
        if is_last {
            return told;
        }
    }
}

fn ids(events: &[Event]) -> Vec<i64> {
    events.iter().map(|event| event.data["task_id"].as_i64().expect("an id")).collect()
}

#[test]
fn a_broken_connection_is_continued_without_gap_or_repeat() {
    let (environment, fleet, server) = served();
    let mut events = server.listen(fleet.id);
    let mut told = Vec::new();
    for round in 0..5 {
        let id = fleet.send(&environment, fleet.ada, fleet.grace, "while listening");
        told.extend(ids(&messages_until(&mut events, id)));
        let last = events_last(&mut events, &environment, &fleet, &mut told);
        events.close();
        // nobody listens now; an odd round is longer than what is read at once
        many(&environment, fleet.ada, fleet.grace, if round % 2 == 0 { 3 } else { 700 });
        events = EventSource::open(server.address, fleet.id, Some(&last));
    }
    let end = fleet.send(&environment, fleet.ada, fleet.grace, "the end");
    told.extend(ids(&messages_until(&mut events, end)));
    assert!(told.iter().copied().eq(1..=end), "each message once, in order: {told:?}");
}

/// Sends one more, and returns the id that a browser would continue from.
fn events_last(
    events: &mut EventSource,
    environment: &cafleet_tests::environment::Environment,
    fleet: &cafleet_tests::environment::Fleet,
    told: &mut Vec<i64>,
) -> String {
    let id = fleet.send(environment, fleet.ada, fleet.grace, "the last before the break");
    let seen = messages_until(events, id);
    told.extend(ids(&seen));
    seen.last().and_then(|event| event.last_id.clone()).expect("an id")
}

#[test]
fn a_restarted_server_continues_where_the_old_one_was() {
    let (environment, fleet, server) = served();
    let mut events = server.listen(fleet.id);
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "one");
    let last = events.wait_for("message").last_id.expect("an id");
    assert_eq!(server.stop("-TERM"), Some(0));
    assert_eq!(events.next_event(), None, "the stream has ended");
    let missed = fleet.send(&environment, fleet.ada, fleet.grace, "two");
    let server = Server::start(&environment);
    let mut events = EventSource::open(server.address, fleet.id, Some(&last));
    assert_eq!(events.wait_for("message").data["task_id"], missed);
    assert_eq!(missed, id + 1);
}

#[test]
fn who_cannot_be_told_everything_begins_anew() {
    let (environment, fleet, server) = served();
    let first = EventSource::open(server.address, fleet.id, None).next_event().expect("a first event");
    let id = first.last_id.expect("an id");
    let (file, number) = id.rsplit_once('-').expect("two parts");
    let future = format!("{file}-{}", number.parse::<i64>().expect("a number") + 1);
    for strange in ["", "x", "1", "0-0-1", &future, &format!("{file}--1"), &"9".repeat(5000)] {
        let mut events = EventSource::open(server.address, fleet.id, Some(strange));
        assert_eq!(events.next_event().expect("an event").name, "ready", "{strange:.40}");
    }
    environment.sql("DELETE FROM changes WHERE change_id < (SELECT max(change_id) FROM changes)");
    let mut events = EventSource::open(server.address, fleet.id, Some(&id));
    let one = fleet.send(&environment, fleet.ada, fleet.grace, "one");
    assert_eq!(events.wait_for("message").data["task_id"], one, "the last one is still known");
    environment.sql("DELETE FROM changes WHERE change_id < (SELECT max(change_id) FROM changes)");
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "two");
    environment.sql("DELETE FROM changes WHERE change_id < (SELECT max(change_id) FROM changes)");
    let mut events = EventSource::open(server.address, fleet.id, Some(&id));
    assert_eq!(events.next_event().expect("an event").name, "ready");
}

#[test]
fn the_record_of_changes_does_not_grow_for_ever() {
    let (environment, fleet, server) = served();
    let mut events = server.listen(fleet.id);
    many(&environment, fleet.ada, fleet.grace, 70_000);
    let (oldest, newest) = (
        environment.number("SELECT min(change_id) FROM changes"),
        environment.number("SELECT max(change_id) FROM changes"),
    );
    assert!(newest > 70_000 && (60_000..=67_000).contains(&(newest - oldest)), "{oldest} to {newest}");
    // a listener that falls behind is told all of it, or to begin anew
    let first = loop {
        let event = events.next_event().expect("an event");
        if event.name != "agent" {
            break event.name;
        }
    };
    assert!(["message", "ready"].contains(&first.as_str()), "{first}");
}

#[test]
fn a_thousand_listeners_are_told_the_same() {
    let (environment, fleet, server) = served();
    let mut listeners: Vec<EventSource> =
        (0..1000).map(|_| EventSource::open(server.address, fleet.id, None)).collect();
    for events in &mut listeners {
        assert_eq!(events.next_event().expect("a first event").name, "ready");
    }
    let id = fleet.send(&environment, fleet.ada, fleet.grace, "to all of you");
    let told: BTreeSet<String> = listeners
        .iter_mut()
        .map(|events| {
            let event = events.wait_for("message");
            assert_eq!(event.data["task_id"], id);
            event.last_id.expect("an id")
        })
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
}

#[test]
fn a_commit_of_another_process_is_told_soon() {
    let (environment, fleet, server) = served();
    let mut events = server.listen(fleet.id);
    let mut delays: Vec<Duration> = (0..20)
        .map(|_| {
            environment.sql(&format!(
                "UPDATE monitor_config SET interval_seconds = interval_seconds + 1 WHERE agent_id = {}",
                fleet.director
            ));
            let committed = Instant::now();
            let _ = events.wait_for("agent");
            committed.elapsed()
        })
        .collect();
    delays.sort_unstable();
    // half of them, for the machine may be busy with other tests
    assert!(delays[10] < Duration::from_millis(100), "{delays:?}");
}

#[test]
fn nobody_waits_for_changes_when_nobody_listens() {
    let (_environment, fleet, server) = served();
    let events = server.listen(fleet.id);
    let sleeps = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.and_then(|count| count.trim().parse::<u64>().ok()).expect("a number")
    };
    let in_a_second = || {
        let before = sleeps();
        let begun = Instant::now();
        eventually("a second", || (begun.elapsed() > Duration::from_secs(1)).then_some(()));
        sleeps() - before
    };
    assert!(in_a_second() > 20, "it looks for commits");
    events.close();
    drop(events);
    eventually("rest", || (in_a_second() < 5).then_some(()));
}
