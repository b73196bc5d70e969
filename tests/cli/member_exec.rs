//! `cafleet member exec`

use cafleet_tests::environment::eventually;
use cafleet_tests::stage::Stage;

use crate::support::refuses_other_targets;

#[test]
fn the_members_program_runs_the_command() {
    for style in ["claude", "codex", "opencode"] {
        let (stage, fleet) = Stage::with_fleet();
        let (member, pane) = stage.member(&fleet, style, "Linus");
        let touched = stage.environment.path("work/touched");
        let command = format!("touch '{}'", touched.display());
        let mut line = fleet.words(&format!("member exec --member-id {member}"));
        line.push(format!("  {command} "));
        let text = stage.environment.ok(&line);
        assert_eq!(text, format!("Sent bash command '{command}' to member Linus ({pane}).\n"));
        eventually("the command", || touched.exists().then_some(()));
        let again = stage.environment.json(&fleet.words(&format!("member exec --member-id {member} -- true;")));
        assert_eq!(
            again.to_string(),
            format!(r#"{{"member_agent_id":{member},"pane_id":"{pane}","command":"true;"}}"#)
        );
    }
}

#[test]
fn a_command_is_one_line_and_not_empty() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    let before = stage.screen(&pane);
    for (command, error) in [
        ("", "command may not be empty."),
        ("  \t ", "command may not be empty."),
        ("a\nb", "command may not contain newlines."),
        ("a\rb", "command may not contain newlines."),
        ("a\u{1b}b", "command may not contain control characters."),
        ("( ; )", "command must contain a letter or a digit among its first 24 characters."),
    ] {
        let mut line = fleet.words(&format!("member exec --member-id {member}"));
        line.push(command.to_owned());
        stage.environment.fails(&line, 2, error);
    }
    stage.environment.fails(
        &fleet.words(&format!("member exec --member-id {member}")),
        2,
        "the following required arguments were not provided: <COMMAND>",
    );
    assert_eq!(stage.screen(&pane), before, "no key reached the pane");
}

#[test]
fn only_in_a_member_that_can_hear() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    let line = fleet.words(&format!("member exec --member-id {member} true"));
    stage.tmux.tmux(&["send-keys", "-t", &pane, "-l", "a draft"]);
    stage.until_shown(&pane, "a draft");
    let error = format!("member {member} has an unsent draft in its composer; send or clear it in that pane");
    stage.environment.fails(&line, 1, &error);
    assert!(stage.screen(&pane).contains("a draft"), "the draft survives");
    stage.tmux.tmux(&["copy-mode", "-t", &pane]);
    stage.environment.fails(&line, 1, &format!("member {member} is in copy mode; leave it with 'q' in that pane"));
    refuses_other_targets(&stage, &fleet, "exec", "true", Some("exec"));
}
