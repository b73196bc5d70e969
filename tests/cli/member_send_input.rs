//! `cafleet member send-input`

use cafleet_tests::stage::Stage;

use crate::support::refuses_other_targets;

const EXACTLY_ONE: &str = "--choice and --freetext are mutually exclusive; supply exactly one.";
const SHELL: &str = "--freetext may not start with '!' — that triggers the coding agent's shell-execution shortcut. \
     Use 'cafleet member exec' for shell dispatch instead.";

#[test]
fn a_choice_answers_the_open_question() {
    for style in ["claude", "codex", "opencode"] {
        let (stage, fleet) = Stage::with_fleet();
        let (member, pane) = stage.member(&fleet, style, "Linus");
        let question = if style == "opencode" { "Permission required" } else { "Esc" };
        let line = fleet.words(&format!("member send-input --member-id {member} --choice 1"));
        let error = format!("member {member} is not asking anything; look at its pane with 'cafleet member capture'");
        stage.environment.fails(&line, 1, &error);
        stage.tell(&pane, "[[ask]][[say answered]]");
        if style != "codex" {
            stage.until_shown(&pane, question);
        }
        cafleet_tests::environment::eventually("the question", || {
            let outcome = stage.environment.run(&line);
            (outcome.stdout == format!("Sent choice 1 to member Linus ({pane}).\n")).then_some(())
        });
        cafleet_tests::environment::eventually("the answer", || {
            let screen = stage.screen(&pane);
            (screen.matches("answered").count() >= 2).then_some(())
        });
    }
}

#[test]
fn free_text_is_the_fourth_answer() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let mut line = fleet.words(&format!("member send-input --member-id {member} --freetext"));
    line.push("no, look at the tests; first".to_owned());
    assert_eq!(stage.environment.ok(&line), format!("Sent free text to member Linus ({pane}).\n"));
    stage.until_shown(&pane, "no, look at the tests; first");
    stage.tell(&pane, "[[ask]] again");
    stage.until_shown(&pane, "Do you want to proceed?");
    let json = stage.environment.json(&line);
    assert_eq!(
        json.to_string(),
        format!(
            r#"{{"member_agent_id":{member},"pane_id":"{pane}","action":"freetext","value":"no, look at the tests; first"}}"#
        )
    );
}

#[test]
fn an_answer_in_another_script_arrives_too() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let line = fleet.words(&format!("member send-input --member-id {member} --freetext 日本語で答えて"));
    assert_eq!(stage.environment.ok(&line), format!("Sent free text to member Linus ({pane}).\n"));
    stage.until_shown(&pane, "日本語で答えて");
    let line = fleet.words(&format!("member exec --member-id {member} 日本語"));
    cafleet_tests::environment::eventually("a member at rest", || {
        (stage.environment.run(&line).status == 0).then_some(())
    });
}

#[test]
fn an_answer_is_exactly_one_and_one_line() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    let before = stage.screen(&pane);
    let line = |rest: &[&str]| {
        let mut line = fleet.words(&format!("member send-input --member-id {member}"));
        line.extend(rest.iter().map(|&word| word.to_owned()));
        line
    };
    for (rest, error) in [
        (&[][..], EXACTLY_ONE),
        (&["--choice", "1", "--freetext", "x"], EXACTLY_ONE),
        (&["--freetext", "!ls"], SHELL),
        (&["--freetext", "a\nb"], "free text may not contain newlines."),
        (&["--freetext", ""], "free text may not be empty."),
        (&["--freetext", "👍"], "free text must contain a letter or a digit among its first 24 characters."),
        (&["--freetext", "a\u{7}"], "free text may not contain control characters."),
    ] {
        stage.environment.fails(&line(rest), 2, error);
    }
    for bad in ["0", "4", "-1", "one"] {
        let error = stage.environment.run(&line(&["--choice", bad])).error(2);
        assert!(error.starts_with(&format!("invalid value '{bad}' for '--choice <1|2|3>'")), "{error}");
    }
    assert_eq!(stage.screen(&pane), before, "no key reached the pane");
}

#[test]
fn only_to_a_member() {
    let (stage, fleet) = Stage::with_fleet();
    refuses_other_targets(&stage, &fleet, "send-input", "--choice 1", Some("send"));
}
