//! The schema is the one of the data model.

use cafleet_adapters::sqlite::SqliteStorage;
use cafleet_domain::ports::Maintenance;
use cafleet_tests::temp_database::TempDatabase;

/// Table → columns in order; `?` marks those that may be null.
const TABLES: [(&str, &str); 10] = [
    ("fleets", "fleet_id, label?, created_at, deleted_at?, director_agent_id?, fleet_key?"),
    ("agents", "agent_id, fleet_id, name, description, kind, status, registered_at, deregistered_at?, agent_card_json"),
    (
        "agent_placements",
        "agent_id, director_agent_id?, multiplexer, server?, pane_pid?, tmux_session?, tmux_window_id?, \
         tmux_pane_id?, coding_agent, typing_until?, created_at, agent_process?, directory?, model?",
    ),
    (
        "tasks",
        "task_id, context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp, \
         origin_task_id?, text, notice",
    ),
    ("deliveries", "task_id, agent_id, state, attempts, last_error?, updated_at, typing"),
    ("monitor_config", "agent_id, interval_seconds, last_ping_at?, enabled, told?"),
    ("monitor_runtime", "fleet_id, pid, started_at, last_tick_at, tick_seconds"),
    ("sightings", "agent_id, state, since, seen_at"),
    ("unrecognised_screens", "coding_agent, version, times, last_at"),
    ("changes", "change_id, fleet_id, kind, subject_id"),
];

/// Table, column → table, and what a deletion does.
const REFERENCES: [(&str, &str, &str, &str); 12] = [
    ("agent_placements", "agent_id", "agents", "CASCADE"),
    ("agent_placements", "director_agent_id", "agents", "RESTRICT"),
    ("agents", "fleet_id", "fleets", "RESTRICT"),
    ("deliveries", "agent_id", "agents", "RESTRICT"),
    ("deliveries", "task_id", "tasks", "RESTRICT"),
    ("fleets", "director_agent_id", "agents", "RESTRICT"),
    ("monitor_config", "agent_id", "agents", "CASCADE"),
    ("monitor_runtime", "fleet_id", "fleets", "RESTRICT"),
    ("sightings", "agent_id", "agent_placements", "CASCADE"),
    ("tasks", "context_id", "agents", "RESTRICT"),
    ("tasks", "from_agent_id", "agents", "RESTRICT"),
    ("tasks", "origin_task_id", "tasks", "NO ACTION"),
];

async fn fresh() -> TempDatabase {
    let database = TempDatabase::new();
    let store = database.storage();
    store.prepare().await.unwrap();
    store.close().await.unwrap();
    database
}

#[tokio::test]
async fn tables_and_columns_are_those_of_the_data_model() {
    let raw = fresh().await;
    let raw = raw.raw();
    let mut tables =
        raw.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").unwrap();
    let mut found: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut expected: Vec<&str> = TABLES.iter().map(|(table, _)| *table).collect();
    found.sort();
    expected.sort_unstable();
    assert_eq!(found, expected);
    for (table, columns) in TABLES {
        let sql = "SELECT name || iif(\"notnull\" OR pk, '', '?') FROM pragma_table_info(?)";
        let mut found = raw.prepare(sql).unwrap();
        let found: Vec<String> = found.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(found.join(", "), columns, "{table}");
    }
}

#[tokio::test]
async fn references_are_those_of_the_data_model() {
    let database = fresh().await;
    let raw = database.raw();
    let mut found = raw
        .prepare(
            "SELECT t.name, f.\"from\", f.\"table\", f.on_delete FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f
             WHERE t.type = 'table' ORDER BY 1, 2",
        )
        .unwrap();
    let found: Vec<(String, String, String, String)> = found
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let expected = REFERENCES.iter().map(|(table, column, to, action)| {
        ((*table).to_owned(), (*column).to_owned(), (*to).to_owned(), (*action).to_owned())
    });
    assert!(found.iter().cloned().eq(expected), "{found:?}");
}

#[tokio::test]
async fn ids_that_people_see_are_never_reused() {
    let database = fresh().await;
    let raw = database.raw();
    for table in ["fleets", "agents", "tasks"] {
        let sql: String =
            raw.query_row("SELECT sql FROM sqlite_schema WHERE name = ?", [table], |row| row.get(0)).unwrap();
        assert!(sql.contains("AUTOINCREMENT"), "{sql}");
    }
}

#[test]
fn migrations_are_dated_and_in_order() {
    let migrations = SqliteStorage::migrations();
    let names: Vec<&str> = migrations.iter().map(|migration| migration.name()).collect();
    assert!(names.is_sorted(), "{names:?}");
    for (number, name) in names.iter().enumerate() {
        let (date, rest) = name.strip_prefix('m').and_then(|name| name.split_once('_')).expect(name);
        assert!(date.len() == 8 && date.bytes().all(|digit| digit.is_ascii_digit()), "{name}");
        assert_eq!(names.iter().filter(|other| other.contains(rest)).count(), 1, "{name} ({number})");
    }
}
