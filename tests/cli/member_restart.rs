//! `cafleet member restart`

use cafleet_tests::environment::eventually;
use cafleet_tests::stage::Stage;

#[test]
fn a_member_is_started_again_with_its_id_name_and_inbox() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "codex", "Linus");
    let line = fleet.words(&format!("member restart --member-id {member}"));
    let error = format!(
        "member {member} still has its pane {pane}; look at it with 'cafleet attach --member-id {member}', or add --force to end what \
         runs there first"
    );
    stage.environment.fails(&line, 1, &error);
    stage.tmux.tmux(&["kill-pane", "-t", &pane]);
    let task = fleet.send(&stage.environment, fleet.director, member, "what remains");
    let again = stage.environment.ok(&line);
    let begin = format!("{member} Linus backend=codex pane=%");
    let second = format!("%{}", again.strip_prefix(&begin).expect(&again).trim_end());
    assert_eq!(stage.panes(), ["%0", &second]);
    // the agent does as its prompt says: it reads what has waited
    let show = fleet.words(&format!("message show --agent-id @director --full --task-id {task}"));
    eventually("an acknowledgement", || (stage.environment.json(&show)["status_state"] == "completed").then_some(()));
    let forced = stage.environment.ok(&[line, vec!["--force".to_owned()]].concat());
    assert!(forced.starts_with(&begin), "{forced}");
    assert_eq!(stage.panes().len(), 2);
    assert!(!stage.panes().contains(&second));
    assert_eq!(stage.environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn a_pane_that_was_respawned_for_another_program_is_not_the_members_any_more() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tmux.tmux(&["respawn-pane", "-k", "-t", &pane, "cat"]);
    stage.environment.ok(&fleet.words(&format!("member restart --member-id {member}")));
    assert_eq!(stage.panes().len(), 3, "the person's program goes on");
    assert_eq!(stage.screen(&pane).trim(), "");
}

#[test]
fn other_targets_are_refused() {
    let (stage, fleet) = Stage::with_fleet();
    let error =
        format!("agent {} is the Director; run 'cafleet fleet move' in the pane in which it runs now", fleet.director);
    stage.environment.fails(&fleet.words("member restart --member-id @director"), 1, &error);
    stage.environment.fails(&fleet.words("member restart --member-id 4711"), 1, "Agent 4711 not found");
}
