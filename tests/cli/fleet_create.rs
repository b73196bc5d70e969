//! `cafleet fleet create`

use std::time::{Duration, Instant};

use cafleet_tests::environment::Environment;
use cafleet_tests::stage::Stage;

use crate::support::without_times;

const OUTSIDE: &str = "cafleet fleet create must be run inside a tmux session";

#[test]
fn makes_the_callers_pane_a_directors() {
    let stage = Stage::start();
    let environment = &stage.environment;
    assert_eq!(environment.ok(&["fleet", "create", "--label", "first"]), "1 director=1 admin=2\n");
    assert_eq!(
        without_times(&environment.ok(&["fleet", "create", "--full", "--again"])),
        "2\n3\nlabel:\ncreated_at:       <time>\ndirector_name:    Director\npane:             main:@0:%0\nadministrator:    4\n"
    );
    let json = environment.json(&["fleet", "create", "--label", "日本", "--coding-agent", "codex", "--again"]);
    assert_eq!(
        without_times(&json.to_string()),
        r#"{"fleet_id":3,"label":"日本","created_at":"<time>","administrator_agent_id":6,"director":{"agent_id":5,"name":"Director","description":"Root Director for this fleet","registered_at":"<time>","placement":{"director_agent_id":null,"tmux_session":"main","tmux_window_id":"@0","tmux_pane_id":"%0","coding_agent":"codex","created_at":"<time>"}}}"#
    );
    let rows = environment.rows();
    assert_eq!((rows["fleets"], rows["agents"], rows["agent_placements"], rows["monitor_config"]), (3, 6, 3, 3));
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn labels_are_short_single_lines() {
    let stage = Stage::start();
    let environment = &stage.environment;
    environment.ok(&["db", "init"]);
    for (label, error) in [
        ("", "label may not be empty"),
        ("a\nb", "label may not contain line breaks or other control characters"),
        (&"x".repeat(201), "label is 201 characters long; the limit is 200"),
    ] {
        environment.fails(&["fleet", "create", "--label", label], 2, error);
    }
    assert_eq!(environment.json(&["fleet", "create", "--label", "--json"])["label"], "--json");
}

#[test]
fn outside_of_tmux_nothing_is_written() {
    let mut environment = Environment::new();
    let refused = |environment: &Environment, line: &[&str]| {
        let outcome = environment.run(line);
        let hint = "Without tmux, let it open a terminal for the Director: cafleet fleet create --spawn";
        assert_eq!((outcome.status, outcome.stderr), (1, format!("Error: {OUTSIDE}\n{hint}\n")));
    };
    refused(&environment, &["fleet", "create"]);
    assert!(!environment.database().exists(), "not even a database");
    environment.ok(&["db", "init"]);
    let before = environment.rows();
    environment.set("TMUX_PANE", "%0");
    refused(&environment, &["fleet", "create", "--label", "x"]);
    environment.set("TMUX", "");
    refused(&environment, &["fleet", "create"]);
    assert_eq!(environment.rows(), before);
}

#[test]
fn a_tmux_that_is_gone_or_a_variable_that_makes_no_sense_is_told() {
    let mut environment = Environment::new();
    environment.ok(&["db", "init"]);
    environment.set("TMUX_PANE", "%0");
    for variable in ["nonsense", "/nowhere/socket,1,0"] {
        environment.set("TMUX", variable);
        let before = environment.rows();
        let error = environment.run(&["fleet", "create"]).error(1);
        assert!(error.contains("TMUX") || error.contains("tmux"), "{variable}: {error}");
        assert_eq!(environment.rows(), before);
    }
}

#[test]
fn a_server_that_was_started_again_is_not_the_callers() {
    let stage = Stage::start();
    stage.tmux.kill_server();
    stage.tmux.boot("cat");
    let error = stage.environment.run(&["fleet", "create"]).error(1);
    assert!(error.contains("tmux"), "{error}");
    assert_eq!(stage.environment.ok(&["fleet", "list"]), "No fleets found.\n");
}

#[test]
fn without_tmux_the_program_is_named() {
    let mut environment = Environment::new();
    environment.set("PATH", environment.path("bin"));
    environment.set("TMUX", "/nowhere/socket,1,0");
    environment.fails(&["fleet", "create"], 1, "tmux is not installed or not on PATH");
    environment.unset("PATH");
    let error = environment.run(&["fleet", "create"]).error(1);
    assert!(!error.is_empty() && environment.ok(&["fleet", "list"]) == "No fleets found.\n", "{error}");
}

#[test]
fn a_tmux_that_does_not_answer_is_given_up() {
    let mut environment = Environment::new();
    environment.install("tmux", "#!/bin/sh\nexec sleep 600\n");
    environment.set("TMUX", "/nowhere/socket,1,0");
    environment.set("TMUX_PANE", "%0");
    let begun = Instant::now();
    let error = environment.run(&["fleet", "create"]).error(1);
    assert_eq!(error, "tmux did not answer within 5 s");
    assert!(begun.elapsed() >= Duration::from_secs(4) && begun.elapsed() < Duration::from_secs(30));
}
