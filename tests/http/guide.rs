//! The commands of the API guide, run as they stand there, answer as it says.

use std::process::Command;

use cafleet_tests::environment::Environment;
use cafleet_tests::markdown::fenced_lines;
use cafleet_tests::server::Server;
use cafleet_tests::workspace;

/// The address that the guide uses, where the server of the test is on another port.
const WRITTEN: &str = "http://127.0.0.1:8000";

/// Stands for what the guide leaves out.
const LEFT_OUT: char = '…';

/// Exit code of curl when its time is over, as it must be for a stream.
const TIME_IS_OVER: i32 = 28;

/// A command of the guide and what it says it prints.
struct Example {
    line: usize,
    command: String,
    answer: String,
}

fn examples(page: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    for line in fenced_lines(page) {
        match (line.text.strip_prefix("$ "), found.last_mut()) {
            (Some(command), _) => {
                found.push(Example { line: line.number, command: command.to_owned(), answer: String::new() });
            }
            (None, Some(last)) => last.answer += &format!("{}\n", line.text),
            (None, None) => panic!("line {} answers no command", line.number),
        }
    }
    found
}

/// Puts one time in the place of every other.
fn timeless(text: &str) -> String {
    let parts: Vec<&str> = text.split("+00:00").collect();
    let [times @ .., last] = parts.as_slice() else { return text.to_owned() };
    let cut = |part: &&str| format!("{}TIME", &part[..part.len().saturating_sub("2026-04-15T10:00:00.123456".len())]);
    times.iter().map(cut).chain([(*last).to_owned()]).collect()
}

/// Tells whether an answer is the one of the guide, which leaves parts out.
fn is_as_written(answer: &str, written: &str) -> bool {
    let parts: Vec<&str> = written.split(LEFT_OUT).collect();
    let [first, between @ .., last] = parts.as_slice() else { return answer == written };
    let Some(mut rest) = answer.strip_prefix(first) else { return false };
    for part in between {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn every_command_of_the_guide_answers_as_it_says() {
    let environment = Environment::new();
    let _ = environment.create_fleet("website");
    let server = Server::start(&environment);
    let examples = examples(&workspace::file("docs/src/api.md").text);
    assert!(examples.len() > 12, "only {} commands were found", examples.len());
    for Example { line, command, answer } in examples {
        assert!(command.starts_with("curl -s ") && command.contains(WRITTEN), "line {line}: {command}");
        let mine = command.replace(WRITTEN, &format!("http://{}", server.address));
        let output = Command::new("bash").args(["-c", &mine]).env("NO_PROXY", "*").output().expect("bash runs");
        let expected = if command.contains("--max-time") { TIME_IS_OVER } else { 0 };
        assert_eq!(output.status.code(), Some(expected), "line {line}: {command}");
        let said = String::from_utf8_lossy(&output.stdout);
        let (said, written) = (timeless(said.trim()), timeless(answer.trim()));
        assert!(is_as_written(&said, &written), "line {line}: {command}\nanswers {said}\nand not {written}");
    }
}

#[test]
fn an_answer_that_is_not_the_one_of_the_guide_is_noticed() {
    assert!(is_as_written("{\"a\":1}", "{\"a\":1}") && !is_as_written("{\"a\":2}", "{\"a\":1}"));
    assert!(is_as_written("{\"a\":1,\"b\":2}", "{\"a\":1…}") && is_as_written("a b c", "…b…"));
    assert!(
        !is_as_written("{\"a\":1,\"b\":2}", "{…\"c\"…}")
            && !is_as_written("xa b", "a…b")
            && !is_as_written("a bx", "a…b")
    );
    let times = timeless("[\"2026-04-15T10:00:00.123456+00:00\",\"2027-01-01T00:00:00.000000+00:00\"]");
    assert_eq!(times, "[\"TIME\",\"TIME\"]");
}
