//! `GET /api/events/stream`.

use cafleet_tests::environment::Fleet;
use cafleet_tests::server::{Server, served};
use cafleet_tests::web_socket::{PaneViewer, Received};
use serde_json::{Value, json};

use crate::messages::many;

/// Listens to a fleet, after the event `last` if there is one; that the stream is there has been read.
fn listen(server: &Server, fleet: &Fleet, last: Option<&str>) -> PaneViewer {
    let last = last.map(|last| format!("&last_event_id={last}")).unwrap_or_default();
    let path = format!("/api/events/stream?fleet_id={}{last}", fleet.id);
    let mut events = PaneViewer::open(server.address, &path, Some(&format!("http://{}", server.address)));
    assert_eq!(events.next_message(), Received::Told(json!({"event": "alive"})));
    events
}

/// Returns the next event that has an id: screens have none.
fn next_event(events: &mut PaneViewer) -> Value {
    loop {
        match events.next_message() {
            Received::Told(told) if told["id"].is_string() => return told,
            Received::Told(told) => assert!(told["event"] == "alive" || told["event"] == "agent", "{told}"),
            other => panic!("no event: {other:?}"),
        }
    }
}

#[test]
fn a_web_socket_tells_what_the_stream_of_server_sent_events_tells() {
    let (environment, fleet, server) = served();
    let mut events = listen(&server, &fleet, None);
    let mut other = server.listen(fleet.id);
    let ready = next_event(&mut events);
    assert_eq!((&ready["event"], &ready["data"]), (&json!("ready"), &json!({"fleet_id": fleet.id})));
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "<b>\"hello\"</b>");
    let (told, expected) = (next_event(&mut events), other.wait_for("message"));
    assert_eq!(told, json!({"event": "message", "id": expected.last_id, "data": expected.data}));
    // it says that it is there while nothing happens
    assert_eq!(events.next_message(), Received::Told(json!({"event": "alive"})));
}

#[test]
fn a_web_socket_is_continued_without_gap_or_repeat() {
    let (environment, fleet, server) = served();
    let mut events = listen(&server, &fleet, None);
    let ready = next_event(&mut events);
    drop(events);
    many(&environment, fleet.ada, fleet.grace, 700);
    let last = fleet.send(&environment, fleet.ada, fleet.grace, "the last one");
    let mut events = listen(&server, &fleet, ready["id"].as_str());
    let mut told = Vec::new();
    while told.last() != Some(&last) {
        let event = next_event(&mut events);
        assert_ne!(event["event"], "ready", "it continues");
        if event["event"] == "message" {
            told.push(event["data"]["task_id"].as_i64().expect("an id"));
        }
    }
    assert!(told.iter().copied().eq(1..=last), "each message once, in order: {told:?}");
}

#[test]
fn a_web_socket_of_events_takes_nothing_and_ends_with_the_server() {
    let (_environment, fleet, server) = served();
    let mut talker = listen(&server, &fleet, None);
    let mut events = listen(&server, &fleet, None);
    talker.say("hello");
    let closed = |viewer: &mut PaneViewer| loop {
        if let Received::Closed(code) = viewer.next_message() {
            return code;
        }
    };
    assert_eq!(closed(&mut talker), 1008);
    assert_eq!(server.stop("-TERM"), Some(0));
    assert_eq!(closed(&mut events), 1001);
}

#[test]
fn a_web_socket_of_events_is_refused_to_pages_of_other_sites_and_for_fleets_that_are_not_there() {
    let (_environment, fleet, server) = served();
    let ask = |fleet: i64, headers: &str| {
        let upgrade = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        let path = format!("/api/events/stream?fleet_id={fleet}");
        server.send(&format!("GET {path} HTTP/1.1\nHost: {}\n{headers}{upgrade}", server.address), b"")
    };
    let _ = ask(fleet.id, "Origin: http://evil.example\n").refused(403);
    let _ = ask(fleet.id + 1, "").refused(404);
    let plain = server.get(fleet.id, &format!("/api/events/stream?fleet_id={}", fleet.id));
    assert_eq!(plain.status, 400, "{}", plain.text());
}
