//! `CAFLEET_MAX_TEXT_LEN`: how much of a body is shown.

use cafleet_domain::text::indented;
use cafleet_tests::environment::Environment;

/// What a limit leaves of a text, in Unicode scalar values.
fn cut(text: &str, limit: usize) -> String {
    match text.chars().count() > limit {
        true => text.chars().take(limit).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

#[test]
fn a_body_is_cut_between_characters_alike_in_text_and_json() {
    let (mut environment, fleet) = Environment::with_fleet();
    let bodies =
        ["日本語のテキスト".repeat(40), "👍🏽👩‍👩‍👧".repeat(60), "x".repeat(200), "x".repeat(201), "é\n".repeat(150)];
    for body in &bodies {
        let _ = fleet.send(&environment, fleet.ada, fleet.grace, body);
    }
    for (setting, limit) in [
        (None, 200),
        (Some(""), 200),
        (Some("0"), 0),
        (Some("1"), 1),
        (Some("3"), 3),
        (Some("18446744073709551615"), usize::MAX),
    ] {
        match setting {
            Some(value) => environment.set("CAFLEET_MAX_TEXT_LEN", value),
            None => environment.unset("CAFLEET_MAX_TEXT_LEN"),
        }
        let json = environment.json(&fleet.words("message poll --agent-id @grace"));
        let text = environment.ok(&fleet.words("message poll --agent-id @grace"));
        let mut expected = Vec::new();
        for (row, body) in json.as_array().expect("rows").iter().zip(&bodies) {
            let shown = cut(body, limit);
            assert_eq!(row["text"], shown, "{setting:?}");
            let head = format!("[{} | from:{} | {}]", row["id"], row["from"], row["ts"].as_str().expect("a time"));
            expected.push(if shown.is_empty() { head } else { format!("{head}\n{}", indented(&shown, "  ")) });
        }
        assert_eq!(text.trim_end_matches('\n'), expected.join("\n\n").trim_end_matches('\n'), "{setting:?}");
        let full = environment.json(&fleet.words("message poll --full --agent-id @grace"));
        assert!(full.as_array().expect("rows").iter().zip(&bodies).all(|(row, body)| row["text"] == **body));
    }
}

#[test]
fn what_is_sent_acknowledged_canceled_and_shown_is_cut_too() {
    let (mut environment, fleet) = Environment::with_fleet();
    environment.set("CAFLEET_MAX_TEXT_LEN", "2");
    let sent = environment.ok(&fleet.words("message send --agent-id @ada --to @grace --text 日本語"));
    assert!(sent.ends_with("]\n  日本…\n"), "{sent}");
    for line in ["message ack --agent-id @grace --task-id 1", "message show --agent-id @grace --task-id 1"] {
        let text = environment.ok(&fleet.words(line));
        assert!(text.ends_with("]\n  日本…\n"), "{text}");
        assert_eq!(environment.json(&fleet.words(line))["text"], "日本…");
        let full = environment.ok(&fleet.words(&format!("{line} --full")));
        assert!(full.ends_with("日本語\n"), "{full}");
    }
    let _ = environment.json(&fleet.words("message send --agent-id @ada --to @grace --text 日本語"));
    assert_eq!(environment.json(&fleet.words("message cancel --agent-id @ada --task-id 2"))["text"], "日本…");
    let summary = environment.json(&fleet.words("message broadcast --agent-id @ada --text 日本語"));
    assert_eq!(summary["text"], "Br…");
}

#[test]
fn a_setting_that_is_no_number_is_an_error_that_names_it() {
    let (mut environment, fleet) = Environment::with_fleet();
    for bad in ["many", "-1", "1.5", " 5", "18446744073709551616"] {
        environment.set("CAFLEET_MAX_TEXT_LEN", bad);
        let line = fleet.words("message send --agent-id @ada --to @grace --text x");
        environment.fails(&line, 1, &format!("CAFLEET_MAX_TEXT_LEN must be an integer >= 0 (got '{bad}')"));
    }
    assert_eq!(environment.rows()["tasks"], 0);
}
