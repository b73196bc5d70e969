//! `cafleet member capture`

use cafleet_tests::stage::Stage;

use crate::support::refuses_other_targets;

#[test]
fn shows_the_last_lines_without_colours() {
    let (stage, fleet) = Stage::with_fleet();
    let environment = &stage.environment;
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    let line = |rest: &str| fleet.words(&format!("member capture --member-id {member} {rest}"));
    let text = environment.ok(&line(""));
    assert!(text.contains("here") && text.lines().count() <= 30, "{text}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
    assert!(environment.ok(&line("--ansi")).contains('\u{1b}'), "the scripted agent has colours");
    assert!(environment.ok(&line("--lines 2")).lines().count() <= 2);
    assert_eq!(environment.ok(&line("--tail 2")), environment.ok(&line("--lines 2")));
    let json = environment.json(&line("--lines 5"));
    assert_eq!(
        (&json["member_agent_id"], &json["pane_id"], &json["lines"]),
        (&member.into(), &pane.clone().into(), &5.into())
    );
    assert!(json["content"].as_str().is_some_and(|content| content.contains("⏵⏵")), "{json}");
    for bad in ["0", "-1", "many", "100001"] {
        let error = environment.run(&line(&format!("--lines={bad}"))).error(2);
        assert!(error.starts_with(&format!("invalid value '{bad}' for '--lines <N>'")), "{error}");
    }
    stage.tmux.tmux(&["kill-pane", "-t", &pane]);
    let error = format!(
        "pane {pane} of agent {member} is gone; start it again with 'cafleet member restart --member-id {member}', or remove \
         it with 'cafleet member delete --member-id {member}'"
    );
    environment.fails(&line(""), 1, &error);
}

#[test]
fn only_of_a_member() {
    let (stage, fleet) = Stage::with_fleet();
    refuses_other_targets(&stage, &fleet, "capture", "", Some("capture"));
    let error = "the following required arguments were not provided: --member-id <INT>";
    stage.environment.fails(&fleet.words("member capture"), 2, error);
}
