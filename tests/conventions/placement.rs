//! Each technology stays in its own folder.

use cafleet_tests::workspace::{self, SourceFile};

/// A word of the source and where alone it may stand.
struct Rule {
    /// What marks the technology.
    word: &'static str,
    /// Which files the rule is about.
    within: &'static [&'static str],
    /// Where the word may stand.
    home: &'static [&'static str],
    /// Why.
    reason: &'static str,
}

const CRATES: &[&str] = &["domain/", "adapters/", "demo/", "app/"];

/// Running programs is what these are for; the demo plays the part of a Director who types commands.
const SPAWNING: &[&str] = &["adapters/src/tmux/", "adapters/src/pty/", "adapters/src/launcher/probe.rs", "demo/"];

/// The command's output, and what the stand-in for a coding agent draws on its own terminal.
const PRINTING: &[&str] = &["app/src/printer.rs", "demo/src/scripted_agent/"];

const RULES: [Rule; 16] = [
    Rule { word: "sea_orm", within: CRATES, home: &["adapters/src/sqlite/"], reason: "no ORM type leaves its adapter" },
    Rule {
        word: "cafleet_adapters::",
        within: &["app/"],
        home: &["app/src/composition.rs"],
        reason: "one place decides which adapter stands behind which port",
    },
    Rule { word: "sqlx", within: CRATES, home: &["adapters/src/sqlite/"], reason: "no driver type leaves its adapter" },
    Rule { word: "clap", within: CRATES, home: &["app/src/cli/"], reason: "the command line is parsed in one place" },
    Rule { word: "poem", within: CRATES, home: &["app/src/http/"], reason: "the API is served from one place" },
    Rule {
        word: "process::Command",
        within: CRATES,
        home: SPAWNING,
        reason: "whoever runs a program needs a deadline",
    },
    Rule { word: "stdout()", within: CRATES, home: PRINTING, reason: "output goes through the printer" },
    Rule { word: "stderr()", within: CRATES, home: PRINTING, reason: "diagnostics go through the printer" },
    Rule { word: "println!", within: CRATES, home: &[], reason: "output goes through the printer" },
    Rule { word: "eprint", within: CRATES, home: &[], reason: "diagnostics go through the printer" },
    Rule { word: "process::exit", within: CRATES, home: &[], reason: "main returns how the process ends" },
    Rule {
        word: "File::open",
        within: &["adapters/src/sqlite/"],
        home: &["adapters/src/sqlite/files.rs", "adapters/src/sqlite/backup.rs"],
        reason: "closing a file that SQLite has open drops the locks of the process on it",
    },
    Rule { word: "tokio", within: &["domain/"], home: &[], reason: "the domain runs without a runtime" },
    Rule { word: "rusqlite", within: &["tests/broker/"], home: &[], reason: "use cases are tested on any store" },
    Rule { word: "raw()", within: &["tests/broker/"], home: &[], reason: "use cases are tested on any store" },
    Rule { word: "std::env", within: &["domain/"], home: &[], reason: "the domain reads no environment" },
];

/// Returns the lines of a file that break a rule. Comments may name anything.
fn broken(rule: &Rule, file: &SourceFile) -> Vec<String> {
    let concerns = |folders: &[&str]| folders.iter().any(|folder| file.path.starts_with(folder));
    if !concerns(rule.within) || concerns(rule.home) {
        return Vec::new();
    }
    let code = file.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let wrong = code.filter(|(_, line)| has_word(line, rule.word));
    wrong.map(|(index, _)| format!("{}:{}: {}: {}", file.path, index + 1, rule.word, rule.reason)).collect()
}

/// Tells whether the word stands in the line, not as the end of a longer one.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '"' || c == '-';
    line.match_indices(word).any(|(place, _)| !line[..place].ends_with(is_part))
}

#[test]
fn each_technology_stays_in_its_folder() {
    let files = workspace::rust_files();
    let broken: Vec<String> = RULES.iter().flat_map(|rule| files.iter().flat_map(|file| broken(rule, file))).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_words_are_those_of_the_source() {
    let files = workspace::rust_files();
    for rule in RULES.iter().filter(|rule| !rule.home.is_empty() && !["poem", "sqlx"].contains(&rule.word)) {
        let mut home = files.iter().filter(|file| rule.home.iter().any(|folder| file.path.starts_with(folder)));
        assert!(
            home.any(|file| file.text.lines().any(|line| has_word(line, rule.word))),
            "{} is used at home",
            rule.word
        );
    }
}

#[test]
fn what_is_out_of_place_is_noticed() {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let count = |file: &SourceFile| RULES.iter().flat_map(|rule| broken(rule, file)).count();
    assert_eq!(count(&file("app/src/view/x.rs", "use sea_orm::DbErr;\n// clap\nlet overclap = 1;\n")), 1);
    assert_eq!(count(&file("adapters/src/sqlite/x.rs", "use sea_orm::DbErr;\n")), 0);
    assert_eq!(count(&file("adapters/src/launcher/x.rs", "use tokio::process::Command;\nprintln!();\n")), 2);
    assert_eq!(count(&file("domain/src/x.rs", "tokio::spawn(x);\nstd::env::args();\n")), 2);
    assert_eq!(count(&file("app/src/cli/x.rs", "use cafleet_adapters::sqlite::SqliteStorage;\n")), 1);
    assert_eq!(count(&file("tests/cli/x.rs", "use std::process::Command;\n")), 0);
    assert_eq!(count(&file("tests/broker/x.rs", "rusqlite::Connection::open(x);\nlet x = y.raw();\n")), 2);
}
