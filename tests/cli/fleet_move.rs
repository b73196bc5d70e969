//! `cafleet fleet move`

use cafleet_tests::stage::Stage;

#[test]
fn a_director_whose_pane_was_closed_gets_another() {
    let (mut stage, fleet) = Stage::with_fleet();
    let (member, _) = stage.member(&fleet, "codex", "Linus");
    let agent = stage.environment.path("bin/claude").display().to_string();
    let split = ["split-window", "-d", "-P", "-F", "#{pane_id}", "-t", "%0", &agent, "--name", "Director"];
    let pane = stage.tmux.tmux(&split);
    stage.environment.set("TMUX_PANE", &pane);
    let line = fleet.words("fleet move");
    let error = format!(
        "the Director of fleet {} still runs, or may still run, in pane %0; end it there first, or add --force to leave it there without its \
         fleet",
        fleet.id
    );
    stage.environment.fails(&line, 1, &error);
    stage.tmux.tmux(&["kill-pane", "-t", "%0"]);
    let moved = stage.environment.json(&line);
    assert_eq!(moved["director"]["placement"]["tmux_pane_id"], pane, "{moved}");
    stage.until_shown(&pane, "⏵⏵");
    let _ = fleet.send(&stage.environment, member, fleet.director, "here I am");
    stage.until_shown(&pane, "here I am");
    assert_eq!(stage.environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn it_is_run_in_a_pane_and_for_a_fleet() {
    let (stage, fleet) = Stage::with_fleet();
    stage.environment.ok(&fleet.words("fleet move"));
    let error = "cafleet fleet move must be run in the Director's new pane, inside tmux or an embedded terminal";
    assert_eq!(stage.outside(&fleet.words("fleet move")).error(1), error);
    stage.environment.fails(&["fleet", "move"], 2, crate::support::FLEET_ID_MISSING);
}
