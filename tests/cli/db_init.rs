//! `cafleet db init`

use std::os::unix::fs::PermissionsExt;

use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use cafleet_domain::ports::Maintenance;
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

/// Makes the environment's database as an older version made it, before the schema had constraints.
async fn older(environment: &Environment) {
    let database = environment.database();
    std::fs::create_dir_all(database.parent().expect("a directory")).expect("a directory");
    let options = SqliteOptions { database: database.display().to_string(), synchronous: Synchronous::Normal };
    let migrations = || SqliteStorage::migrations().into_iter().take(9).collect();
    let store = SqliteStorage::with_migrations(&options, migrations).expect("a valid path");
    store.prepare().await.expect("a database");
    store.close().await.expect("a close");
}

#[tokio::test]
async fn an_upgrade_that_rows_do_not_fit_names_them_and_says_what_to_do() {
    let environment = Environment::new();
    older(&environment).await;
    environment.sql(
        "INSERT INTO fleets (fleet_id, created_at) VALUES (1, '2026-04-15T10:00:00.000000+00:00');
         INSERT INTO agents (agent_id, fleet_id, name, description, kind, status, registered_at, agent_card_json) VALUES
             (1, 1, 'Ada', '', 'boss', 'active', '2026-04-15T10:00:00.000000+00:00', '{}'),
             (2, 1, 'Grace', '', 'user', 'gone', '2026-04-15T10:00:00.000000+00:00', '{}')",
    );
    let outcome = environment.run(&["db", "init"]);
    let backup = format!("{}.schema-9.bak", environment.database().display());
    let head = SqliteStorage::migrations().len();
    assert_eq!(
        outcome.stderr,
        format!(
            "Error: database schema stays at 9: what is in 2 rows does not fit schema {head}\n  \
             agent 1 has the kind 'boss'\n  agent 2 has the status 'gone'\n\
             Nothing was changed. A copy of the database is {backup}.\n\
             Repair these rows with SQLite's own program, sqlite3, and run 'cafleet db init' again. \
             Until then, a cafleet that needs schema 9 can use the database.\n"
        )
    );
    assert_eq!((outcome.status, outcome.stdout.as_str()), (1, ""));
    assert!(std::path::Path::new(&backup).exists());
    environment.sql("UPDATE agents SET kind = 'user', status = 'active'");
    let upgraded = environment.json(&["db", "init"]);
    assert_eq!((&upgraded["status"], &upgraded["from"]), (&"upgraded".into(), &9.into()));
}
