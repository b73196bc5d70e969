//! `cafleet member explain`

use cafleet_domain::backend::Backend;
use cafleet_domain::program::Programs;
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

#[test]
fn says_when_the_program_is_newer_than_any_whose_screens_are_known() {
    let (stage, fleet) = Stage::with_fleet();
    let (member, _pane) = stage.member(&fleet, "codex", "Linus");
    let line = fleet.words(&format!("member explain --member-id {member}"));
    let recorded = Programs::built_in().of(Backend::CODEX).newest_recorded;
    stage.environment.install("codex", &format!("#!/bin/sh\necho codex-cli {recorded}\n"));
    let json = stage.environment.json(&line);
    assert_eq!(json["version"]["newer_than_recorded"], false, "{json}");
    assert_eq!(json["version"]["newest_recorded_screens"], recorded, "{json}");
    assert!(!stage.environment.ok(&line).contains("\nversion: "));
    stage.environment.install("codex", "#!/bin/sh\necho codex-cli 99.0.0\n");
    let json = stage.environment.json(&line);
    assert_eq!(json["version"]["newer_than_recorded"], true, "{json}");
    let told = format!(
        "version: codex-cli 99.0.0 is newer than {recorded}, the newest version known; an unrecognised screen holds notifications"
    );
    let text = stage.environment.ok(&line);
    assert!(text.lines().any(|row| row == told), "{text}");
}
