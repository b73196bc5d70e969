//! The document, taken at its word: schemathesis makes requests from it, right ones and wrong ones, and holds every answer
//! against it.

use std::process::Command;

use cafleet_tests::environment::Environment;
use cafleet_tests::server::Server;
use cafleet_tests::workspace;

/// Where `tests/install` puts it.
const PROGRAM: &str = "target/schemathesis/bin/schemathesis";

/// As [`PROGRAM`], by other people: holds the document against the specification of OpenAPI.
const VALIDATOR: &str = "target/openapi/bin/openapi-spec-validator";

/// How many requests it thinks of for each operation, besides those for every limit and every omission.
const EXAMPLES: &str = "40";

/// Runs it on every operation but the streams, which have no end; returns what it says when it finds something.
fn fuzz(environment: &Environment, url: &str, options: &[&str]) -> Result<String, String> {
    let mut command = Command::new(workspace::root().join(PROGRAM));
    command.args([
        "run",
        url,
        "--exclude-operation-id",
        "listen",
        "--exclude-operation-id",
        "listen_on_web_socket",
        "--exclude-operation-id",
        "watch_pane",
        "--max-examples",
        EXAMPLES,
    ]);
    command.args(["--checks", "all", "--no-color", "--generation-database", "none", "--warnings", "off"]);
    // without this, an environment that has proxies would send the requests there
    command.args(options).env("NO_PROXY", "*").current_dir(environment.path("work"));
    let output = command.output().expect("schemathesis is there: tests/install puts it there");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(said) } else { Err(said) }
}

#[test]
#[ignore = "needs a validator of OpenAPI documents: run it by tests/http/fuzz, as tests/run does"]
fn the_document_is_valid() {
    let document = workspace::root().join("openapi/openapi.json");
    let output =
        Command::new(workspace::root().join(VALIDATOR)).arg(document).output().expect("the validator is there");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
#[ignore = "needs schemathesis: run it by tests/http/fuzz, as tests/run does"]
fn every_answer_is_one_that_the_document_promises() {
    let environment = Environment::new();
    environment.ok(&["db", "init"]);
    // a number that a request in any fleet does not hit by accident
    environment.sql("INSERT INTO sqlite_sequence (name, seq) VALUES ('fleets', 471100)");
    let fleet = environment.create_fleet("fuzzed");
    let server = Server::start(&environment);
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    let url = format!("http://{}/openapi.json", server.address);
    let in_the_fleet = format!("X-Fleet-Id: {}", fleet.id);
    // In a fleet that is there, right requests come further than its header; that one names a sender of another fleet is
    // no fault of the document. In any fleet, wrong requests are made as well.
    let in_the_fleet =
        ["--header", in_the_fleet.as_str(), "--mode", "positive", "--exclude-checks", "positive_data_acceptance"];
    for options in [&in_the_fleet[..], &[]] {
        let said = fuzz(&environment, &url, options).unwrap_or_else(|said| panic!("{said}"));
        assert!(said.contains("Tested: 11"), "{said}");
    }
    assert_eq!(server.get(fleet.id, "/api/fleets").status, 200, "it goes on");
}
