//! Every command in the skills and in the pages runs: on a real fleet, with the placeholders filled in.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Child;

use cafleet_tests::environment::{Fleet, Outcome, eventually};
use cafleet_tests::markdown::fenced_lines;
use cafleet_tests::stage::Stage;
use cafleet_tests::workspace::{self, SourceFile};

use super::commands::arguments;
use super::links::pages;
use super::skills::{FOLDER, skill_files, skill_of};

/// What is not run here: the demo is a suite of its own.
const ELSEWHERE: [&str; 1] = ["demo"];

/// The page whose commands need terminals of the daemon in place of tmux; they run in a test of their own.
pub(super) const WITHOUT_TMUX: &str = "docs/src/embedded-terminals.md";

/// What runs until somebody ends it.
const ENDLESS: [&[&str]; 2] = [&["monitor", "start"], &["server"]];

/// The home of the invented person whose files the pages name.
const INVENTED_HOME: &str = "/home/ada/";

/// A fleet as the pages have it: 1, with the Director 1, the Administrator 2, and the member 3, who has reported.
struct Play {
    stage: Stage,
    fleet: Fleet,
    member: i64,
    pane: String,
}

impl Play {
    fn begin() -> Self {
        let mut stage = Stage::start();
        // the usual port may be taken
        stage.environment.set("CAFLEET_BROKER_PORT", "0");
        // room for a question in each of several panes
        stage.tmux.tmux(&["resize-window", "-t", "main", "-x", "200", "-y", "150"]);
        stage.environment.ok(&["fleet", "create", "--label", "play"]);
        let fleet = Fleet { id: 1, director: 1, administrator: 2, ada: 0, grace: 0 };
        let (member, pane) = stage.member(&fleet, "claude", "Ada");
        assert_eq!(member, 3);
        assert_eq!(fleet.send(&stage.environment, member, fleet.director, "ready"), 1);
        let prompts = stage.environment.path("home/prompts");
        fs::create_dir_all(&prompts).expect("a folder");
        fs::write(prompts.join("review.md"), "[[say here]]").expect("a prompt");
        let outbox = stage.environment.path("work/.cafleet");
        fs::create_dir_all(&outbox).expect("a folder");
        fs::write(outbox.join("message.txt"), "[[say here]]").expect("a text");
        Self { stage, fleet, member, pane }
    }

    /// Returns a word with its placeholders filled in, for a file of `skill`.
    fn filled(&self, word: &str, skill: &str, task: i64) -> String {
        let home = format!("{}/", self.stage.environment.path("home").display());
        let values = [
            ("<fleet>", self.fleet.id.to_string()),
            ("<director>", self.fleet.director.to_string()),
            ("<member>", self.member.to_string()),
            ("<me>", self.member.to_string()),
            ("<agent>", self.fleet.director.to_string()),
            ("<id>", self.fleet.director.to_string()),
            ("<task>", task.to_string()),
            ("<text>", "done".to_owned()),
            ("<folder>", workspace::root().join(FOLDER).join(skill).display().to_string()),
            ("{fleet_id}", self.fleet.id.to_string()),
            ("{fleet}", self.fleet.id.to_string()),
            ("{agent_id}", self.member.to_string()),
            (INVENTED_HOME, home),
        ];
        values.iter().fold(word.to_owned(), |word, (placeholder, value)| word.replace(placeholder, value))
    }

    /// Runs a command, and returns what is wrong with it. What ends a fleet or a member asks for another play.
    fn run(&self, words: &[String], skill: &str) -> Option<String> {
        let task = self.fleet.send(&self.stage.environment, self.fleet.director, self.member, "a task");
        let mut words: Vec<String> = words.iter().map(|word| self.filled(word, skill, task)).collect();
        if words.starts_with(&["fleet".to_owned(), "create".to_owned()]) {
            // who reads it is in a pane of his own
            words.push("--again".to_owned());
        }
        if let Some(open) = words.iter().find(|word| word.starts_with('<')) {
            return Some(format!("nothing is known to fill in for {open}"));
        }
        let named: Vec<&str> = words.iter().map(String::as_str).filter(|word| !is_global(word)).collect();
        if ELSEWHERE.contains(&named[0]) {
            return None;
        }
        if ENDLESS.iter().any(|endless| named.starts_with(endless)) {
            return starts(self.stage.spawn(&words));
        }
        if named.starts_with(&["fleet", "delete"]) {
            // its members have been deleted by then
            let delete = self.fleet.words(&format!("member delete --force --member-id {}", self.member));
            self.stage.environment.ok(&delete);
        }
        if named.starts_with(&["member", "send-input"]) {
            return self.answers(&words);
        }
        // what was typed for the message before may still be on its way
        let outcome = eventually("the agent to be ready for keys", || {
            let outcome = self.stage.environment.run(&words);
            let wait = outcome.status != 0 && named[0] == "member" && outcome.stderr.contains("; try again");
            (!wait).then_some(outcome)
        });
        complaint(&outcome)
    }

    /// Has the member ask something, and runs the command that answers.
    fn answers(&self, words: &[String]) -> Option<String> {
        eventually("the member to be at rest", || {
            let explained = self.stage.environment.json(&self.fleet.words("member explain --member-id 3"));
            (explained["state"] == "at_rest").then_some(())
        });
        self.stage.tell(&self.pane, "[[ask]]");
        let mut last = None;
        eventually("the question", || {
            let outcome = self.stage.environment.run(words);
            let wait = outcome.stderr.contains("is not asking anything") || outcome.stderr.contains("; try again");
            last = complaint(&outcome);
            (!wait).then_some(())
        });
        last
    }
}

/// Tells what may stand in front of the command itself.
fn is_global(word: &str) -> bool {
    word == "--fleet-id" || word == "--json" || word.parse::<i64>().is_ok()
}

pub(super) fn complaint(outcome: &Outcome) -> Option<String> {
    (outcome.status != 0).then(|| format!("{} {}", outcome.status, outcome.stderr))
}

/// Waits for the first thing that a command says which runs on, and ends it.
fn starts(mut child: Child) -> Option<String> {
    let mut line = String::new();
    let said = BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line);
    child.kill().expect("it runs");
    let outcome = Outcome::finish(child);
    let silent = said.is_err() || line.is_empty();
    silent.then(|| format!("it said nothing: {outcome:?}"))
}

/// Returns the lines of a file that are commands: fenced ones, and those that a role is told behind a colon.
pub(super) fn commands(file: &SourceFile) -> Vec<(usize, Vec<String>)> {
    let fenced = fenced_lines(&file.text).into_iter().map(|line| (line.number, line.text));
    let told = file.text.lines().enumerate().filter(|_| file.path.contains("/roles/"));
    let told = told.filter_map(|(index, line)| Some((index + 1, line.split_once(": cafleet ")?.1)));
    let told = told.map(|(number, rest)| (number, format!("cafleet {rest}")));
    let lines = fenced.chain(told);
    lines.filter_map(|(number, line)| Some((number, arguments(&line)?.expect("closed quotes")))).collect()
}

/// Runs all commands of the files, and returns how many they were.
///
/// # Panics
/// When one fails, with the place where it stands.
fn all_run(files: &[SourceFile]) -> usize {
    let mut seen = 0;
    let mut problems = Vec::new();
    for file in files {
        let mut play = None;
        for (number, words) in commands(file) {
            let on = play.get_or_insert_with(Play::begin);
            let problem = on.run(&words, skill_of(file));
            problems.extend(problem.map(|what| format!("{}:{number}: {}: {what}", file.path, words.join(" "))));
            seen += 1;
            if words.iter().any(|word| word == "delete") {
                play = None;
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    seen
}

#[test]
fn every_command_in_the_skills_runs() {
    let seen = all_run(&skill_files());
    assert!(seen > 50, "only {seen} commands were found");
}

#[test]
fn every_command_in_the_pages_runs() {
    let pages: Vec<SourceFile> = pages().into_iter().filter(|page| page.path != WITHOUT_TMUX).collect();
    let seen = all_run(&pages);
    assert!(seen > 30, "only {seen} commands were found");
}

#[test]
fn a_command_that_does_not_run_is_noticed() {
    let play = Play::begin();
    let problem = |line: &str| play.run(&arguments(line).expect("a command").expect("closed quotes"), "cafleet");
    assert_eq!(problem("cafleet --fleet-id <fleet> message ack --agent-id <me> --task-id <task>"), None);
    assert!(problem("cafleet --fleet-id <fleet> message ack --agent-id <me> --task-id 99").is_some());
    assert!(problem("cafleet --fleet-id <fleet> message ack --agent-id <me> --tsk-id <task>").is_some());
    assert!(problem("cafleet --fleet-id <fleet> member capture --member-id <nobody>").is_some());
    assert!(problem("cafleet --fleet-id 9 monitor start").is_some());
    let role =
        SourceFile { path: "app/skills/x/roles/y.md".to_owned(), text: "- Read: cafleet agent list\n".to_owned() };
    assert_eq!(commands(&role), [(1, vec!["agent".to_owned(), "list".to_owned()])]);
}
