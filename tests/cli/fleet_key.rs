//! `--fleet-id <number>-<key>`: a command that was written for one database does nothing in another.

use std::fs;

use cafleet_tests::environment::Environment;
use cafleet_tests::stage::Stage;

/// How a fleet is named in the commands that are dictated.
fn named(environment: &Environment, fleet: i64) -> String {
    let query = format!("SELECT fleet_key FROM fleets WHERE fleet_id = {fleet}");
    let key: String = environment.open().query_row(&query, [], |row| row.get(0)).expect("a key");
    format!("{fleet}-{key}")
}

#[test]
fn number_and_key_do_wherever_the_number_does() {
    let (environment, fleet) = Environment::with_fleet();
    let named = named(&environment, fleet.id);
    let plain = environment.ok(&["--fleet-id", "1", "agent", "list"]);
    assert_eq!(environment.ok(&["--fleet-id", &named, "agent", "list"]), plain);
    assert_eq!(environment.ok(&["agent", "list", "--fleet-id", &named]), plain);
    assert_eq!(environment.ok(&["fleet", "show", &named]), environment.ok(&["fleet", "show", "1"]));
    environment.ok(&["--fleet-id", &named, "db", "purge", "--older-than", "1d"]);
    for bad in ["1-", "1-xyz", "1-0000000"] {
        let error = environment.run(&["--fleet-id", bad, "agent", "list"]).error(2);
        assert!(error.contains("may be followed by '-' and its key"), "{error}");
    }
    environment.ok(&["fleet", "delete", &named]);
}

#[test]
fn a_command_for_the_fleet_of_another_database_is_refused_by_name_and_does_nothing() {
    let (ours, _) = Environment::with_fleet();
    let named = named(&ours, 1);
    let (theirs, fleet) = Environment::with_fleet();
    let id = fleet.send(&theirs, fleet.ada, fleet.grace, "theirs");
    let before = theirs.rows();
    let (ada, grace, task) = (fleet.ada.to_string(), fleet.grace.to_string(), id.to_string());
    for line in [
        vec!["message", "poll", "--agent-id", &grace],
        vec!["message", "ack", "--agent-id", &grace, "--task-id", &task],
        vec!["message", "send", "--agent-id", &ada, "--to", &grace, "--text", "x"],
        vec!["agent", "deregister", "--agent-id", &ada],
        vec!["db", "purge", "--older-than", "0d"],
        vec!["doctor"],
    ] {
        let error = theirs.run(&[&["--fleet-id", &named], &line[..]].concat()).error(1);
        assert!(
            error.starts_with(&format!(
                "fleet {named} is not in this database, where fleet 1 is another fleet or does not exist"
            )),
            "{error}"
        );
        assert!(error.contains("CAFLEET_DATABASE_URL"), "{error}");
    }
    assert!(theirs.run(&["fleet", "delete", &named]).error(1).contains("another database"));
    assert_eq!(theirs.rows(), before);
    assert!(theirs.ok(&fleet.words("message poll --agent-id @grace")).ends_with("  theirs\n"));
    let empty = Environment::new();
    assert!(empty.run(&["--fleet-id", &named, "agent", "list"]).error(1).contains("another fleet or does not exist"));
}

#[test]
fn what_selects_the_database_travels_with_a_spawn() {
    let (stage, fleet) = Stage::with_fleet();
    let (_, pane) = stage.member(&fleet, "claude", "Linus");
    let pid = stage.tmux.tmux(&["display-message", "-p", "-t", &pane, "#{pane_pid}"]);
    let environ = fs::read(format!("/proc/{}/environ", pid.trim())).expect("an environment");
    let place = format!("CAFLEET_DATABASE_URL={}", stage.environment.database().display());
    let found = environ.split(|&byte| byte == 0).filter(|variable| variable.starts_with(b"CAFLEET_DATABASE_URL="));
    assert_eq!(found.map(String::from_utf8_lossy).collect::<Vec<_>>(), [place]);
}
