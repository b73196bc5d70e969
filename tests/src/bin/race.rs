//! Opens a dialog in the moment between the paste of a preview and its Enter, again and again, and counts how often that Enter
//! answers it:
//!
//! `cargo run --release -p cafleet-tests --bin race -- [OPENINGS [MULTIPLEXER]]`
//!
//! In tmux and in embedded terminals, with the scripted agent in the style of claude, which takes previews while it works. Prints the
//! rows of a table in `docs/src/performance.md`. An opening counts when the dialog came before the preview was submitted.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::process::{Command, ExitCode};
use std::time::Duration;

use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::{Environment, Fleet, Outcome, eventually, pause};
use cafleet_tests::lab::create_fleet;
use cafleet_tests::lab::terminals::Terminals;

/// What the dialog asks.
const QUESTION: &str = "Do you want to proceed?";

#[expect(clippy::print_stdout, reason = "the figures are for a page of the documentation")]
fn main() -> io::Result<ExitCode> {
    let wanted: u32 = std::env::args().nth(1).map_or(Ok(200), |text| text.parse().map_err(io::Error::other))?;
    let kinds = match std::env::args().nth(2) {
        Some(kind) => vec![kind.parse().map_err(io::Error::other)?],
        None => vec![MultiplexerKind::Tmux, MultiplexerKind::Pty],
    };
    let mut is_whole = true;
    for kind in kinds {
        let yard = Yard::open(kind);
        let (mut tried, mut opened, mut answered) = (0, 0, 0);
        while opened < wanted && tried < wanted * 10 {
            tried += 1;
            let opening = yard.open_dialog(tried);
            opened += u32::from(opening.is_before_enter);
            answered += u32::from(opening.is_answered);
        }
        println!("| {kind} | {tried} | {opened} | {answered} |");
        is_whole &= opened == wanted;
    }
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What became of one opening.
struct Opening {
    /// The preview was not submitted yet.
    is_before_enter: bool,
    /// The dialog was answered, though nobody did.
    is_answered: bool,
}

/// A fleet with one member that works until it is told to go on.
struct Yard {
    terminals: Terminals,
    fleet: Fleet,
    member: i64,
    pane: String,
    environment: Environment,
}

impl Yard {
    fn open(kind: MultiplexerKind) -> Self {
        let mut environment = Environment::new();
        environment.install_agents();
        // the two write to each other without end
        environment.set("CAFLEET_LOOP_PAIR_LIMIT", "1000000");
        let terminals = Terminals::start(kind, &mut environment, &["/bin/cat"]);
        let fleet = create_fleet(&environment);
        let mut line =
            fleet.words("member create --agent-id @director --name Ada --description races --coding-agent claude --");
        line.push("[[say here]]".to_owned());
        let answer = environment.json(&line);
        let member = answer["agent_id"].as_i64().expect("an id");
        let pane = answer["placement"]["tmux_pane_id"].as_str().expect("a pane").to_owned();
        let go = environment.path("work/go");
        assert!(Command::new("mkfifo").arg(&go).status().expect("mkfifo runs").success());
        Self { terminals, fleet, member, pane, environment }
    }

    fn words(&self, line: &str) -> Vec<String> {
        self.fleet.words(&line.replace("@member", &self.member.to_string()))
    }

    fn line(&self, text: &str) -> Vec<String> {
        let mut line = self.words("--json message send --agent-id @director --to @member --text");
        line.push(text.to_owned());
        line
    }

    fn until_state(&self, state: &str) {
        let explain = self.words("--json member explain --member-id @member");
        eventually(state, || (self.environment.run(&explain).json()["state"] == state).then_some(()));
    }

    /// Has a preview typed while the member works, and opens a dialog just after its body was pasted.
    fn open_dialog(&self, number: u32) -> Opening {
        self.until_state("at_rest");
        let answered = self.environment.path("work/answered");
        let _of_before = fs::remove_file(&answered);
        let told = self.environment.json(&self.line("[[sh cat go]] [[ask]] [[sh touch answered]]"));
        if told["delivery"]["state"] != "submitted" {
            let _rings = self.environment.run(&self.line("and on"));
        }
        eventually("a member that reads", || self.terminals.screen(&self.pane).contains("cat go").then_some(()));
        self.until_state("working");
        let body = format!("race-{number}-");
        let sender = self.environment.spawn(&self.line(&body));
        eventually("the preview", || self.terminals.screen(&self.pane).contains(&body).then_some(()));
        pause(Duration::from_millis(u64::from(number % 5) * 3));
        let mut go = OpenOptions::new().write(true).open(self.environment.path("work/go")).expect("the member reads");
        go.write_all(b"on\n").expect("it goes on");
        drop(go);
        let delivery = Outcome::finish(sender).json()["delivery"]["state"].clone();
        eventually("the dialog", || {
            (answered.exists() || self.terminals.screen(&self.pane).contains(QUESTION)).then_some(())
        });
        // what an Enter on its way would have done
        pause(Duration::from_millis(300));
        let is_answered = answered.exists();
        if !is_answered {
            pause(Duration::from_millis(200));
            let _chosen = self.environment.run(&self.words("member send-input --member-id @member --choice 1"));
            eventually("the answer", || answered.exists().then_some(()));
        }
        // submits what was held in the composer
        eventually("a rest", || {
            let _rings = self.environment.run(&self.line("and on"));
            let explain = self.words("--json member explain --member-id @member");
            (self.environment.run(&explain).json()["state"] != "composing").then_some(())
        });
        Opening { is_before_enter: is_answered || delivery != "submitted", is_answered }
    }
}
