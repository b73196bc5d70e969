//! `cafleet fleet delete`

use cafleet_tests::environment::Environment;
use cafleet_tests::stage::Stage;

use crate::support::NOT_AN_ID;

#[test]
fn deregisters_everybody_and_keeps_the_messages() {
    let (environment, fleet) = Environment::with_fleet();
    let other = environment.create_fleet("other");
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    environment.ok(&fleet.words("agent deregister --agent-id @grace"));
    assert_eq!(environment.ok(&["fleet", "delete", "1"]), "Deleted fleet 1. Deregistered 3 agents.\n");
    let stamp = environment.json(&["fleet", "show", "1"])["deleted_at"].clone();
    assert_eq!(environment.ok(&["fleet", "delete", "1"]), "Deleted fleet 1. Deregistered 0 agents.\n");
    assert_eq!(
        environment.json(&["fleet", "delete", "1"]).to_string(),
        r#"{"fleet_id":1,"deregistered_count":0,"closed_panes":[],"left_panes":[]}"#
    );
    assert_eq!(environment.json(&["fleet", "show", "1"])["deleted_at"], stamp, "the first time stands");
    let rows = environment.rows();
    assert_eq!((rows["tasks"], rows["agent_placements"], rows["monitor_config"]), (1, 1, 1));
    assert_eq!(environment.ok(&other.words("agent list")).matches(" active").count(), 4);
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn an_unknown_fleet_is_an_error() {
    let (environment, _) = Environment::with_fleet();
    environment.fails(&["fleet", "delete", "99"], 1, "fleet '99' not found.");
    environment.fails(&["fleet", "delete", "0"], 2, &format!("invalid value '0' for '<FLEET_ID>': {NOT_AN_ID}"));
}

#[test]
fn agents_in_panes_are_named_and_closed_or_left() {
    let (stage, fleet) = Stage::with_fleet();
    let (ada, pane) = stage.member(&fleet, "claude", "Linus");
    let refused = stage.environment.run(&["fleet", "delete", "1"]);
    assert_eq!((refused.status, refused.stdout.as_str()), (1, ""), "{refused:?}");
    let lines = [
        "Error: fleet 1 has agents that run, or may run, in a pane; nothing was deleted",
        &format!("  agent {ada} Linus in pane {pane}: see it with 'cafleet --fleet-id 1 attach --member-id {ada}'"),
        "End them with 'cafleet fleet delete 1 --close', or leave them running with --leave.",
    ];
    assert_eq!(refused.stderr.lines().collect::<Vec<_>>(), lines);
    let deregister = fleet.words(&format!("agent deregister --agent-id {ada}"));
    let error = format!(
        "agent {ada} runs, or may run, in a pane; end it with 'cafleet member delete', or add --leave to leave it running"
    );
    stage.environment.fails(&deregister, 1, &error);
    let closed = stage.environment.run(&["fleet", "delete", "1", "--close"]);
    assert_eq!(closed.stdout, "Deleted fleet 1. Deregistered 5 agents.\n", "{closed:?}");
    assert_eq!(closed.stderr, "Director keeps running in pane %0, which was opened by hand.\n");
    assert_eq!(stage.panes(), ["%0"]);
    assert_eq!(stage.environment.ok(&["pane", "list"]), "No panes found.\n");
}

#[test]
fn a_pane_that_was_left_is_found_and_closed() {
    let (stage, fleet) = Stage::with_fleet();
    let (_, pane) = stage.member(&fleet, "codex", "Linus");
    let left = stage.environment.json(&["fleet", "delete", "1", "--leave"]);
    assert_eq!(left["left_panes"][0]["pane"], format!("tmux:{pane}"), "{left}");
    let rows = stage.environment.json(&["pane", "list"]);
    let row = &rows[0];
    assert_eq!(
        (row["owner"].as_str(), row["name"].as_str(), row["state"].as_str()),
        (Some("former"), Some("Linus"), Some("alive"))
    );
    let table = stage.environment.ok(&["pane", "list"]);
    assert!(table.lines().nth(1).is_some_and(|row| row.contains("Linus (has left)")), "{table}");
    stage.environment.fails(&["pane", "close", &pane], 1, "cannot ask for confirmation without a terminal; add --yes");
    assert_eq!(stage.panes().len(), 2);
    assert_eq!(stage.environment.ok(&["pane", "close", &pane, "--yes"]), format!("Closed pane tmux:{pane}.\n"));
    assert_eq!(stage.panes(), ["%0"]);
    let error = format!("no agent has a pane {pane}; see 'cafleet pane list'");
    stage.environment.fails(&["pane", "close", &pane, "--yes"], 1, &error);
}
