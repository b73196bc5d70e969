//! Generated pages are committed as the code makes them.

use std::fs;

use cafleet_tests::generated::{difference, documents};
use cafleet_tests::workspace;

#[test]
fn committed_documents_are_what_the_code_makes() {
    let stale = documents().into_iter().filter_map(|document| {
        let committed = fs::read(workspace::root().join(document.path)).unwrap_or_default();
        difference(&committed, document.text.as_bytes()).map(|what| format!("{}: {what}", document.path))
    });
    let stale: Vec<String> = stale.collect();
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn one_changed_byte_is_noticed_wherever_it_is() {
    for document in documents() {
        let generated = document.text.as_bytes();
        assert!(generated.len() > 100, "{} says something", document.path);
        assert_eq!(difference(generated, generated), None);
        for place in [0, generated.len() / 2, generated.len() - 1] {
            let mut committed = generated.to_vec();
            committed[place] ^= 1;
            let found = difference(&committed, generated).expect("a difference");
            assert!(found.contains(&format!("at byte {place},")), "{found}");
        }
        assert!(difference(&generated[..generated.len() - 1], generated).is_some(), "a missing last byte");
        assert!(difference(&[generated, b"\n"].concat(), generated).is_some(), "a byte too many");
        assert!(difference(b"", generated).is_some(), "no file");
    }
}

#[test]
fn the_reference_names_every_command_and_option() {
    let page = &documents()[0].text;
    for wanted in [
        "\n### `cafleet message send`\n",
        "`--older-than <DURATION>`",
        "`--lines <N>`, `--tail <N>`",
        "Excludes `--quiet`",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert!(!page.contains("demo-agent") && !page.contains("exec-file"), "internal commands are not shown");
}

#[test]
fn every_variable_that_the_settings_read_is_documented() {
    let settings = workspace::file("app/src/settings.rs").text;
    let read = settings.split("variable(\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let read: Vec<&str> = read.map(|(name, _)| name).collect();
    assert!(read.contains(&"TMUX_PANE"), "{read:?}");
    let page = &documents()[1].text;
    let missing: Vec<&str> = read.into_iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
