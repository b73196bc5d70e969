//! `/openapi.json`, the explorer at `/docs`, and the page.

use cafleet_tests::environment::Environment;
use cafleet_tests::server::{Server, served};
use cafleet_tests::workspace;
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&workspace::file("openapi/openapi.json").text).expect("JSON")
}

#[test]
fn the_served_document_is_the_committed_one() {
    let environment = Environment::new();
    let server = Server::start(&environment);
    let served = server.get(0, "/openapi.json");
    assert_eq!(served.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(served.text(), workspace::file("openapi/openapi.json").text);
}

#[test]
fn every_operation_is_described() {
    let document = document();
    assert_eq!((&document["openapi"], &document["info"]["version"]), (&"3.0.0".into(), &"1.0.0".into()));
    let mut seen = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        assert!(path.starts_with("/api/"), "{path}");
        for (method, operation) in methods.as_object().expect("methods") {
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no id"));
            seen.push(id.to_owned());
            assert!(operation["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{id}");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id}");
            let responses = operation["responses"].as_object().expect("responses");
            for (status, response) in responses {
                if status == "101" {
                    continue;
                }
                assert_eq!(response["content"].as_object().map(serde_json::Map::len), Some(1), "{id} {status}");
            }
            let expected: &[&str] = match method.as_str() {
                "get" if path.starts_with("/api/panes/") => &["101", "400", "403", "404", "409", "500", "503"],
                "get" if path.ends_with("/stream") => &["101", "400", "403", "404", "500", "503"],
                "get" => &["200", "400", "403", "404", "500", "503"],
                _ if path.starts_with("/api/panes/") => {
                    &["200", "400", "403", "404", "409", "413", "415", "422", "500", "503"]
                }
                _ => &["200", "400", "403", "404", "413", "415", "422", "500", "503"],
            };
            assert_eq!(responses.keys().collect::<Vec<_>>(), expected, "{id}");
        }
    }
    seen.sort_unstable();
    let expected = [
        "acknowledge_message",
        "change_schedule",
        "list_agents",
        "list_fleets",
        "list_inbox",
        "list_sent",
        "list_timeline",
        "listen",
        "listen_on_web_socket",
        "permit_typing",
        "send_message",
        "show_monitor",
        "show_schedule",
        "watch_pane",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn every_answer_fits_its_schema() {
    let (environment, fleet, server) = served();
    let _ = fleet.send(&environment, fleet.ada, fleet.director, "hello");
    let document = document();
    for (path, schema, pick) in [
        ("/api/fleets", "Fleet", "/0"),
        ("/api/agents", "Agent", "/agents/0"),
        ("/api/timeline", "Message", "/messages/0"),
        ("/api/monitor", "Monitor", ""),
        ("/api/agents/1/monitor", "Schedule", ""),
    ] {
        let answer = server.get(fleet.id, path).ok();
        let object = answer.pointer(pick).and_then(Value::as_object).expect("an object");
        let schema = &document["components"]["schemas"][schema];
        let required = schema["required"].as_array().expect("fields that are always there");
        assert!(required.iter().eq(object.keys().map(|key| key.as_str())), "{path}: {:?}", object.keys());
        for (name, value) in object {
            let nullable = schema["properties"][name]["nullable"] == true
                || schema["properties"][name]["allOf"][0]["nullable"] == true;
            assert!(nullable || !value.is_null(), "{path}: {name} may not be null");
        }
    }
}

#[test]
fn the_explorer_needs_nothing_from_elsewhere_and_runs_under_the_policy() {
    let environment = Environment::new();
    let server = Server::start(&environment);
    let page = server.get(0, "/docs");
    let head = "<!doctype html>\n<html lang=\"en\">";
    assert!(page.text().starts_with(head), "{}", &page.text()[..300]);
    assert!(page.text().contains("<title>The API of CAFleet</title>"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let html = page.text();
    let scripts: Vec<&str> = html.split("<script").skip(1).collect();
    assert_eq!(scripts.len(), 2);
    for script in scripts {
        let (source, rest) = script.strip_prefix(" src=\"").and_then(|rest| rest.split_once('"')).expect("a file");
        assert!(rest.starts_with("></script>"), "nothing inline");
        let file = server.get(0, &format!("/{source}"));
        assert_eq!(file.header("content-type"), Some("text/javascript; charset=utf-8"), "{source}");
        assert!(!file.body.is_empty());
    }
    let outside = ["src=\"http", "href=\"http", "url(http", "@import"];
    assert!(outside.iter().all(|reference| !html.contains(reference)));
    assert!(server.get(0, "/docs/explorer-1.js").text().contains("url: root + 'openapi.json'"));
}

#[test]
fn scripts_and_styles_are_compressed_for_those_who_read_it() {
    let environment = Environment::new();
    let server = Server::start(&environment);
    let page = server.get(0, "/").text();
    let files: Vec<&str> = page.split('"').filter(|path| path.contains("assets/")).collect();
    assert!(files.len() >= 2, "{page}");
    for file in files {
        let path = format!("/{}", file.trim_start_matches("./").trim_start_matches('/'));
        let head =
            |accepted: &str| format!("GET {path} HTTP/1.1\nHost: {}\nAccept-Encoding: {accepted}", server.address);
        let (plain, small) = (server.send(&head("br"), b""), server.send(&head("gzip, br"), b""));
        assert_eq!((plain.status, plain.header("content-encoding")), (200, None), "{path}");
        assert_eq!((small.status, small.header("content-encoding")), (200, Some("gzip")), "{path}");
        assert_eq!(small.header("content-type"), plain.header("content-type"), "{path}");
        assert_eq!((small.header("vary"), plain.header("vary")), (Some("accept-encoding"), Some("accept-encoding")));
        assert!(small.body.starts_with(&[0x1f, 0x8b]) && small.body.len() * 2 < plain.body.len(), "{path}");
    }
}

#[test]
fn every_other_path_is_the_page() {
    let environment = Environment::new();
    let server = Server::start(&environment);
    let page = server.get(0, "/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    for path in ["/fleets", "/x/y", "/apis", "/openapi.yaml", "/index.html"] {
        assert!(server.get(0, path).body == page.body, "{path}");
    }
    assert!(page.text().contains("src=\"/assets/"), "{}", page.text());
}
