//! `cafleet member explain`

use cafleet_tests::stage::Stage;

use crate::support::refuses_other_targets;

#[test]
fn says_which_rule_matched_on_which_rows() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, pane) = stage.member(&fleet, "claude", "Linus");
    let line = fleet.words(&format!("member explain --member-id {member}"));
    let text = stage.environment.ok(&line);
    assert!(text.starts_with(&format!("member {member} ({pane}): at_rest (composer is empty)\n")), "{text}");
    assert!(text.lines().skip(1).any(|row| row.contains("❯ ")), "{text}");
    assert!(text.lines().last().is_some_and(|row| row.starts_with("rest: proven: ")), "{text}");
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let json = stage.environment.json(&line);
    assert_eq!((&json["state"], &json["rule"]), (&"asking".into(), &"claude: choice".into()));
    assert!(json["first_row"].as_i64().is_some_and(|row| row > 0), "{json}");
    assert_eq!(json["question"]["title"], "Do you want to proceed?", "{json}");
    assert_eq!(json["question"]["options"][1]["effect"], "always", "{json}");
    assert_eq!(json["rest"]["proven"], false, "{json}");
    let text = stage.environment.ok(&line);
    for row in
        ["(permission): Do you want to proceed?", "  > 1. Yes (allow)", "    4. Type something. (other, takes words)"]
    {
        assert!(text.contains(row), "{row}: {text}");
    }
    refuses_other_targets(&stage, &fleet, "explain", "", Some("explain"));
}
