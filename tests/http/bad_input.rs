//! Every 4xx: one line for each wrong request.

use cafleet_tests::environment::Fleet;
use cafleet_tests::http_client::Answer;
use cafleet_tests::server::{Server, served};
use serde_json::{Value, json};

/// Sends a request with exactly these further lines in its head.
fn head(server: &Server, request: &str, lines: &str) -> Answer {
    server.send(&format!("{request} HTTP/1.1\nHost: {}\n{lines}", server.address), b"")
}

#[test]
fn a_fleet_is_named_by_one_header_with_a_number() {
    let (_environment, fleet, server) = served();
    let paths = [
        "/api/agents".to_owned(),
        "/api/timeline".to_owned(),
        "/api/monitor".to_owned(),
        format!("/api/agents/{}/inbox", fleet.ada),
        format!("/api/agents/{}/sent", fleet.ada),
        format!("/api/agents/{}/monitor", fleet.ada),
    ];
    let huge = "9".repeat(10_000);
    for path in paths {
        let request = format!("GET {path}");
        for (lines, status, detail) in [
            ("", 400, "X-Fleet-Id: is required"),
            ("X-Fleet-Id:", 400, "X-Fleet-Id: must be an integer of 64 bits"),
            ("X-Fleet-Id: one", 400, "X-Fleet-Id: must be an integer of 64 bits"),
            ("X-Fleet-Id: 1.0", 400, "X-Fleet-Id: must be an integer of 64 bits"),
            ("X-Fleet-Id: 9223372036854775808", 400, "X-Fleet-Id: must be an integer of 64 bits"),
            (&format!("X-Fleet-Id: {huge}"), 400, "X-Fleet-Id: must be an integer of 64 bits"),
            ("X-Fleet-Id: 1\nX-Fleet-Id: 1", 400, "the header x-fleet-id was given more than once"),
            ("X-Fleet-Id: 99", 404, "Fleet not found"),
            ("X-Fleet-Id: 0", 404, "Fleet not found"),
            ("X-Fleet-Id: -1", 404, "Fleet not found"),
            ("X-Fleet-Id: 9223372036854775807", 404, "Fleet not found"),
        ] {
            let answer = head(&server, &request, lines);
            assert_eq!(answer.refused(status), detail, "{path} with {:.40}", lines);
        }
    }
}

#[test]
fn what_is_not_there_is_said_in_json() {
    let (environment, fleet, server) = served();
    let deleted = environment.create_fleet("deleted");
    environment.ok(&["fleet", "delete", &deleted.id.to_string()]);
    assert_eq!(server.get(deleted.id, "/api/agents").refused(404), "Fleet not found");
    for path in ["inbox", "sent"] {
        for agent in ["99", "0", "-1", "9223372036854775807"] {
            let answer = server.get(fleet.id, &format!("/api/agents/{agent}/{path}"));
            assert_eq!(answer.refused(404), "Agent not found", "{agent}");
        }
        for agent in ["Ada", "1.5", "9223372036854775808", "%00", "1%2F2"] {
            let answer = server.get(fleet.id, &format!("/api/agents/{agent}/{path}"));
            assert_eq!(answer.refused(400), "id: must be an integer of 64 bits", "{agent}");
        }
    }
    for path in ["/api/timeline?cursor=x", "/api/timeline?cursor=", "/api/timeline?cursor=9223372036854775808"] {
        assert_eq!(server.get(fleet.id, path).refused(400), "cursor: must be an integer of 64 bits", "{path}");
    }
    for path in ["/api", "/api/", "/api/x", "/api/agents/1", "/api/agents/1/inbox/2", "/api/../x", "/api//fleets"] {
        assert_eq!(server.get(fleet.id, path).refused(404), "Not found", "{path}");
    }
}

#[test]
fn a_method_that_is_not_there_is_answered_with_those_that_are() {
    let (_environment, fleet, server) = served();
    for (method, path, permitted) in [
        ("POST", "/api/fleets", "GET, HEAD"),
        ("DELETE", "/api/agents", "GET, HEAD"),
        ("PUT", "/api/agents/1/monitor", "GET, PATCH, HEAD"),
        ("GET", "/api/messages/send", "POST"),
        ("HEAD", "/api/messages/send", "POST"),
        ("POST", "/api/events?fleet_id=1", "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("DELETE", "/docs", "GET, HEAD"),
        ("PUT", "/fleets", "GET, HEAD"),
        ("TRACE", "/api/timeline", "GET, HEAD"),
        ("OPTIONS", "/api/timeline", "GET, HEAD"),
        ("COFFEE", "/api/timeline", "GET, HEAD"),
    ] {
        // whether or not the request has a body, and of what kind
        for lines in ["", "Content-Type: application/json\nContent-Length: 0", "Content-Type: text/plain"] {
            let answer = head(&server, &format!("{method} {path}"), &format!("X-Fleet-Id: {}\n{lines}", fleet.id));
            assert_eq!((answer.status, answer.header("allow")), (405, Some(permitted)), "{method} {path} {lines}");
            if method != "HEAD" {
                assert_eq!(answer.refused(405), "Method not allowed", "{method} {path}");
            }
        }
    }
    for path in ["/api/fleets", "/api/agents", "/", "/docs", "/openapi.json"] {
        let answer = head(&server, &format!("HEAD {path}"), &format!("X-Fleet-Id: {}", fleet.id));
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{path}");
    }
    assert_eq!(server.change("POST", fleet.id, "/api/x", &json!({})).refused(404), "Not found");
}

#[test]
fn events_need_a_fleet_that_is_there() {
    let (_environment, _fleet, server) = served();
    for (query, status, detail) in [
        ("", 400, "fleet_id: is required"),
        ("?fleet_id=", 400, "fleet_id: must be an integer of 64 bits"),
        ("?fleet_id=x", 400, "fleet_id: must be an integer of 64 bits"),
        ("?fleet_id=99", 404, "Fleet not found"),
        ("?fleet_id=0", 404, "Fleet not found"),
    ] {
        assert_eq!(head(&server, &format!("GET /api/events{query}"), "").refused(status), detail, "{query}");
    }
}

/// What does not fit, as place and type.
fn misfits(detail: &Value) -> Vec<(String, String)> {
    let misfits = detail.as_array().expect("a list").iter().map(|misfit| {
        assert!(misfit["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{misfit}");
        assert_eq!(misfit.as_object().map(serde_json::Map::len), Some(3), "{misfit}");
        let place = misfit["loc"].as_array().expect("a place").iter().map(|part| part.as_str().expect("text"));
        (place.collect::<Vec<_>>().join("."), misfit["type"].as_str().expect("a type").to_owned())
    });
    misfits.collect()
}

fn message(fleet: &Fleet) -> Value {
    json!({"from_agent_id": fleet.ada, "to_agent_id": fleet.grace, "text": "hello"})
}

#[test]
fn a_message_that_does_not_fit_is_taken_apart() {
    let (environment, fleet, server) = served();
    let post = |body: &[u8]| server.change_raw("POST", fleet.id, "/api/messages/send", body);
    for body in ["", "{", "hello", "{\"text\": }", "\u{feff}{}", "{} {}", "{\"from_agent_id\": 01}"] {
        assert_eq!(misfits(&post(body.as_bytes()).refused(422)), [("body".into(), "json_invalid".into())], "{body:?}");
    }
    assert_eq!(misfits(&post(b"{\"text\": \"\xff\"}").refused(422)), [("body".into(), "json_invalid".into())]);
    for body in ["null", "1", "\"x\"", "[]"] {
        assert_eq!(misfits(&post(body.as_bytes()).refused(422)), [("body".into(), "wrong_type".into())], "{body}");
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(misfits(&post(deep.as_bytes()).refused(422)), [("body".into(), "json_invalid".into())]);
    let all = ["from_agent_id", "to_agent_id", "text"].map(|name| (format!("body.{name}"), "missing".to_owned()));
    assert_eq!(misfits(&post(b"{}").refused(422)), all);
    for (field, value) in [
        ("from_agent_id", json!("1")),
        ("from_agent_id", json!(null)),
        ("from_agent_id", json!(1.5)),
        ("from_agent_id", json!(u64::MAX)),
        ("to_agent_id", json!("all")),
        ("to_agent_id", json!("**")),
        ("to_agent_id", json!([1])),
        ("text", json!(1)),
        ("text", json!(null)),
        ("text", json!({"html": "x"})),
    ] {
        let mut body = message(&fleet);
        body[field] = value.clone();
        let found = misfits(&post(body.to_string().as_bytes()).refused(422));
        assert_eq!(found, [(format!("body.{field}"), "wrong_type".to_owned())], "{field} = {value}");
    }
    let mut body = message(&fleet);
    body["to"] = json!(1);
    let found = misfits(&post(body.to_string().as_bytes()).refused(422));
    assert_eq!(found, [("body.to".to_owned(), "unknown_field".to_owned())]);
    assert_eq!(environment.number("SELECT count(*) FROM tasks"), 0);
}

#[test]
fn who_may_not_send_or_receive_is_told_so() {
    let (environment, fleet, server) = served();
    let other = environment.create_fleet("other");
    let left = environment.register(fleet.id, "Left");
    environment.ok(&fleet.words(&format!("agent deregister --agent-id {left}")));
    for (field, agents, status, detail) in [
        ("from_agent_id", [left, other.ada, 99, 0, -1], 400, "from_agent not in fleet"),
        ("to_agent_id", [left, other.ada, 99, 0, -1], 404, "Agent not found"),
    ] {
        for agent in agents {
            let mut body = message(&fleet);
            body[field] = json!(agent);
            let answer = server.change("POST", fleet.id, "/api/messages/send", &body);
            assert_eq!(answer.refused(status), detail, "{field} = {agent}");
        }
    }
    let broadcast = json!({"from_agent_id": left, "to_agent_id": "*", "text": "x"});
    let answer = server.change("POST", fleet.id, "/api/messages/send", &broadcast);
    assert_eq!(answer.refused(400), "from_agent not in fleet");
    assert_eq!(server.change("POST", 99, "/api/messages/send", &message(&fleet)).refused(404), "Fleet not found");
    assert_eq!(environment.number("SELECT count(*) FROM tasks"), 0);
}

#[test]
fn a_schedule_that_does_not_fit_is_taken_apart() {
    let (environment, fleet, server) = served();
    let path = format!("/api/agents/{}/monitor", fleet.director);
    for (body, field, kind) in [
        (json!({"interval_seconds": 0}), "interval_seconds", "out_of_range"),
        (json!({"interval_seconds": -1}), "interval_seconds", "out_of_range"),
        (json!({"interval_seconds": 31_536_001}), "interval_seconds", "out_of_range"),
        (json!({"interval_seconds": 1.5}), "interval_seconds", "wrong_type"),
        (json!({"interval_seconds": "60"}), "interval_seconds", "wrong_type"),
        (json!({"interval_seconds": null}), "interval_seconds", "wrong_type"),
        (json!({"interval_seconds": u64::MAX}), "interval_seconds", "wrong_type"),
        (json!({"enabled": 1}), "enabled", "wrong_type"),
        (json!({"enabled": null}), "enabled", "wrong_type"),
        (json!({"interval": 60}), "interval", "unknown_field"),
    ] {
        let found = misfits(&server.change("PATCH", fleet.id, &path, &body).refused(422));
        assert_eq!(found, [(format!("body.{field}"), kind.to_owned())], "{body}");
    }
    assert_eq!(environment.number("SELECT count(*) FROM monitor_config WHERE interval_seconds = 60 AND enabled"), 1);
}
