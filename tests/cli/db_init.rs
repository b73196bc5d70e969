//! `cafleet db init`

use std::os::unix::fs::PermissionsExt;

use cafleet_tests::environment::{Environment, Outcome};

#[test]
fn creates_once_and_says_what_it_did() {
    let environment = Environment::new();
    assert_eq!(environment.ok(&["db", "init"]), "created\n");
    assert_eq!(environment.ok(&["db", "init"]), "already at head\n");
    assert_eq!(environment.json(&["db", "init"]).to_string(), r#"{"status":"already at head"}"#);
    let mode = environment.database().metadata().expect("the database").permissions().mode();
    assert_eq!(mode & 0o077, 0, "messages are nobody else's business: {mode:o}");
    let fresh = Environment::new();
    assert_eq!(fresh.json(&["--fleet-id", "7", "db", "init"]).to_string(), r#"{"status":"created"}"#);
}

#[test]
fn any_other_command_creates_it_silently() {
    let environment = Environment::new();
    assert_eq!(environment.ok(&["fleet", "list"]), "No fleets found.\n");
    assert_eq!(environment.ok(&["db", "init"]), "already at head\n");
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn eight_that_start_at_once_on_no_database_all_succeed() {
    for _ in 0..5 {
        let environment = Environment::new();
        let line = |n: usize| if n.is_multiple_of(2) { ["db", "init"] } else { ["fleet", "list"] };
        let children: Vec<_> = (0..8).map(|n| environment.spawn(&line(n))).collect();
        let said: Vec<String> = children.into_iter().map(|child| Outcome::finish(child).ok()).collect();
        assert!(said.iter().filter(|text| *text == "created\n").count() <= 1, "{said:?}");
        assert_eq!(environment.ok(&["db", "check"]), "ok\n");
    }
}

#[test]
fn an_older_schema_is_refused_by_all_and_not_touched() {
    let (environment, _) = Environment::with_fleet();
    // there is no older schema yet than the first: one that claims to be newer stands for what this program lacks
    let head = environment.number("PRAGMA user_version");
    environment.sql(&format!("PRAGMA user_version = {}", head + 1));
    let error = format!(
        "database schema is at {}, this cafleet needs {head}; install a cafleet that knows schema {}",
        head + 1,
        head + 1
    );
    for line in
        ["db init", "db check", "fleet list", "agent list --fleet-id 1", "message poll --fleet-id 1 --agent-id 3"]
    {
        environment.fails(&line.split(' ').collect::<Vec<_>>(), 1, &error);
    }
    assert_eq!(environment.number("PRAGMA user_version"), head + 1);
    environment.sql(&format!("PRAGMA user_version = {head}"));
    environment.ok(&["fleet", "list"]);
}
