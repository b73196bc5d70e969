//! Every command in the documentation is one that the command line takes.

use cafleet_tests::markdown::{fenced_lines, inline_code, shell_words};

use super::links::pages;
use super::skills::skill_files;

/// Where the program's arguments begin, by how the line starts.
const STARTS: [&str; 2] = ["cafleet", "cargo run --release --"];

/// Inline code that begins as a command does, but quotes a preview or an error.
const QUOTATIONS: [&str; 2] = ["cafleet msg ", "cafleet member commands must be run"];

/// Returns the arguments of a line that runs the program; none for any other line.
pub(super) fn arguments(line: &str) -> Option<Result<Vec<String>, String>> {
    let line = line.trim();
    let line = line.strip_prefix("$ ").unwrap_or(line);
    let start = STARTS.iter().find(|start| line.strip_prefix(**start).is_some_and(|rest| rest.starts_with(' ')))?;
    Some(shell_words(&line[start.len()..]))
}

/// Puts a number in the place of a placeholder such as `<id>`.
fn filled_in(word: &str) -> String {
    if word.starts_with('<') && word.ends_with('>') { "1".to_owned() } else { word.to_owned() }
}

fn problem(line: &str) -> Option<String> {
    let arguments = match arguments(line)? {
        Ok(arguments) => arguments,
        Err(error) => return Some(error),
    };
    let arguments = arguments.iter().map(|word| filled_in(word));
    let words = std::iter::once("cafleet".to_owned()).chain(arguments);
    match cafleet::cli::command().try_get_matches_from(words) {
        Ok(_) => None,
        Err(error) if !error.use_stderr() => None,
        Err(error) => Some(error.to_string().lines().next().unwrap_or_default().to_owned()),
    }
}

/// Says which word of inline code such as `cafleet message send --to 3` names no command.
fn unknown_command(code: &str) -> Option<String> {
    if QUOTATIONS.iter().any(|quotation| code.starts_with(quotation)) {
        return None;
    }
    let mut command = cafleet::cli::command();
    command.build();
    let mut level = &command;
    for word in code.strip_prefix("cafleet ")?.split(' ') {
        let is_name = word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
        if !is_name || !level.has_subcommands() {
            return None;
        }
        match level.find_subcommand(word) {
            Some(found) => level = found,
            None => return Some(format!("there is no command '{word}'")),
        }
    }
    None
}

#[test]
fn every_command_in_a_fenced_block_is_accepted() {
    let mut seen = 0;
    let mut problems = Vec::new();
    for page in pages().into_iter().chain(skill_files()) {
        for line in fenced_lines(&page.text) {
            seen += usize::from(arguments(&line.text).is_some());
            problems.extend(problem(&line.text).map(|what| format!("{}:{}: {what}", page.path, line.number)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(seen > 20, "only {seen} commands were found");
}

#[test]
fn every_command_in_running_text_exists() {
    let mut problems = Vec::new();
    for page in pages().into_iter().chain(skill_files()) {
        for code in inline_code(&page.text) {
            problems.extend(unknown_command(&code).map(|what| format!("{}: `{code}`: {what}", page.path)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_command_that_is_wrong_is_noticed() {
    assert_eq!(problem("$ cafleet --fleet-id <fleet> message send --agent-id 1 --to <id> --text 'a b' # why"), None);
    assert_eq!(problem("cargo run --release -- demo"), None);
    assert_eq!(problem("Message sent."), None);
    assert!(problem("cafleet message send --agent-id 1 --to 2").is_some(), "an option is missing");
    assert!(problem("cafleet mesage poll --agent-id 1").is_some(), "a word is wrong");
    assert!(problem("cafleet message poll --agent-id '1").is_some(), "a quote is open");
    assert!(problem("cargo run --release -- dmo").is_some(), "a word is wrong");
    assert_eq!(unknown_command("cafleet message send --to 3"), None);
    assert_eq!(unknown_command("cafleet.db"), None);
    assert!(unknown_command("cafleet message sned").is_some());
}
