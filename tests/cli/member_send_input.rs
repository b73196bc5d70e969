//! `cafleet member send-input`

use cafleet_tests::stage::Stage;

use crate::support::refuses_other_targets;

const EXACTLY_ONE: &str = "--choice and --freetext are mutually exclusive; supply exactly one.";
const ONE_OF_THREE: &str = "--answer, --choice and --freetext are mutually exclusive; supply exactly one.";
const SHELL: &str = "--freetext may not start with '!' — that triggers the coding agent's shell-execution shortcut. \
     Use 'cafleet member exec' for shell dispatch instead.";

fn chose(pane: &str, n: u8, label: &str, member: i64) -> String {
    format!("Sent choice {n} to member Linus ({pane}).\nChose {n} '{label}' of member {member} Linus.\n")
}

fn wrote(pane: &str, member: i64) -> String {
    format!("Sent free text to member Linus ({pane}).\nChose 4 'Type something.' of member {member} Linus.\n")
}

#[test]
fn a_choice_answers_the_open_question() {
    for (style, label) in [("claude", "Yes"), ("codex", "Yes, proceed"), ("opencode", "Allow once")] {
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
            (outcome.stdout == chose(&pane, 1, label, member)).then_some(())
        });
        cafleet_tests::environment::eventually("the answer", || {
            let screen = stage.screen(&pane);
            (screen.matches("answered").count() >= 2).then_some(())
        });
    }
}

#[test]
fn an_answer_is_chosen_by_what_it_says() {
    for (style, part, n, label) in [
        ("claude", "ask again", 2, "Yes, and don't ask again"),
        ("codex", "tell codex", 3, "No, and tell Codex what to do differently"),
        ("opencode", "reject", 3, "Reject"),
    ] {
        let (stage, fleet) = Stage::with_fleet();
        let (member, pane) = stage.member(&fleet, style, "Linus");
        stage.tell(&pane, "[[ask]]");
        stage.until_shown(&pane, if style == "opencode" { "Permission required" } else { "sc to cancel" });
        let answer = |words: &str| {
            let mut line = fleet.words(&format!("member send-input --member-id {member} --answer"));
            line.push(words.to_owned());
            line
        };
        let error = format!("member {member} shows no such answer; look at the question with 'cafleet member capture'");
        stage.environment.fails(&answer("maybe"), 1, &error);
        let error =
            format!("member {member} shows several answers that contain this text; give a whole label, or a number");
        stage.environment.fails(&answer("e"), 1, &error);
        let ninth = fleet.words(&format!("member send-input --member-id {member} --choice 9"));
        assert!(stage.environment.run(&ninth).error(1).contains("shows no such answer"));
        assert_eq!(stage.environment.ok(&answer(part)), chose(&pane, n, label, member), "{style}");
    }
}

#[test]
fn words_are_refused_where_none_are_taken() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "codex", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "sc to cancel");
    let line = fleet.words(&format!("member send-input --member-id {member} --freetext no"));
    let error = format!("member {member} accepts no free text as an answer; choose one with --choice or --answer");
    stage.environment.fails(&line, 1, &error);
}

#[test]
fn free_text_goes_to_the_answer_that_takes_it() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let mut line = fleet.words(&format!("member send-input --member-id {member} --freetext"));
    line.push("no, look at the tests; first".to_owned());
    assert_eq!(stage.environment.ok(&line), wrote(&pane, member));
    stage.until_shown(&pane, "no, look at the tests; first");
    stage.tell(&pane, "[[ask]] again");
    stage.until_shown(&pane, "Do you want to proceed?");
    let json = stage.environment.json(&line);
    let begins = format!(
        r#"{{"member_agent_id":{member},"pane_id":"{pane}","action":"freetext","value":"no, look at the tests; first","chosen""#
    );
    assert!(json.to_string().starts_with(&begins), "{json}");
    assert_eq!(json["chosen"]["label"], "Type something.", "{json}");
    assert_eq!(json["question"]["title"], "Do you want to proceed?", "{json}");
}

#[test]
fn an_answer_in_another_script_arrives_too() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let line = fleet.words(&format!("member send-input --member-id {member} --freetext 日本語で答えて"));
    assert_eq!(stage.environment.ok(&line), wrote(&pane, member));
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
        (&["--choice", "1", "--answer", "x"], ONE_OF_THREE),
        (&["--answer", "x", "--freetext", "x"], ONE_OF_THREE),
        (&["--freetext", "!ls"], SHELL),
        (&["--freetext", "a\nb"], "free text may not contain newlines."),
        (&["--freetext", ""], "free text may not be empty."),
        (&["--freetext", "👍"], "free text must contain a letter or a digit among its first 24 characters."),
        (&["--freetext", "a\u{7}"], "free text may not contain control characters."),
    ] {
        stage.environment.fails(&line(rest), 2, error);
    }
    for bad in ["0", "-1", "one"] {
        let error = stage.environment.run(&line(&["--choice", bad])).error(2);
        assert!(error.starts_with(&format!("invalid value '{bad}' for '--choice <N>'")), "{error}");
    }
    assert_eq!(stage.screen(&pane), before, "no key reached the pane");
}

#[test]
fn only_to_a_member() {
    let (stage, fleet) = Stage::with_fleet();
    refuses_other_targets(&stage, &fleet, "send-input", "--choice 1", Some("send"));
}
