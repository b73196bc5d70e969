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
    stage.tell(&pane, "[[ask]]");
    stage.until_shown(&pane, "Do you want to proceed?");
    let json = stage.environment.json(&line);
    assert_eq!((&json["state"], &json["rule"]), (&"asking".into(), &"claude: choice".into()));
    assert!(json["first_row"].as_i64().is_some_and(|row| row > 0), "{json}");
    refuses_other_targets(&stage, &fleet, "explain", "", Some("explain"));
}
