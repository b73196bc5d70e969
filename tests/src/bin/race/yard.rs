//! A fleet with one member that opens a dialog when it is told to.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::{Environment, Fleet, Outcome, eventually, pause};
use cafleet_tests::lab::create_fleet;
use cafleet_tests::lab::terminals::Terminals;
use rustix::fs::OFlags;

use super::course::{Course, contains, file_of_pane};
use super::trace::Trace;

/// What the dialog asks.
const QUESTION: &str = "Do you want to proceed?";

/// Over how many milliseconds after its moment a dialog is spread.
const SPREAD: u32 = 26;

/// How long an Enter on its way may take to answer.
const ANSWERED: Duration = Duration::from_millis(300);

/// How long the moment is waited for, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// When a dialog is told to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The sender has looked at the pane, and not pasted.
    Looked,
    /// The body of the preview was pasted, and Enter not pressed.
    Pasted,
}

/// What became of one opening.
pub(crate) struct Opening {
    pub(crate) course: Course,
    /// The dialog was answered, though nobody did.
    pub(crate) is_answered: bool,
    /// After the dialog the composer holds something.
    pub(crate) is_in_composer: bool,
}

/// A fleet with one member that works until it is told to go on.
pub(crate) struct Yard {
    // ends before the server that it looks at
    trace: Trace,
    terminals: Terminals,
    fleet: Fleet,
    member: i64,
    environment: Environment,
}

impl Yard {
    pub(crate) fn open(kind: MultiplexerKind) -> Self {
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
        let go = environment.path("work/go");
        assert!(Command::new("mkfifo").arg(&go).status().expect("mkfifo runs").success());
        let server = match &terminals {
            Terminals::Tmux(tmux) => tmux.show("%0", "#{pid}").parse().expect("a number"),
            Terminals::Embedded(embedded) => embedded.pane("%0").server.pid,
        };
        let trace = Trace::of(server, environment.path("tmp/trace"));
        Self { trace, terminals, fleet, member, environment }
    }

    fn words(&self, line: &str) -> Vec<String> {
        self.fleet.words(&line.replace("@member", &self.member.to_string()))
    }

    fn line(&self, text: &str) -> Vec<String> {
        let mut line = self.words("--json message send --agent-id @director --to @member --text");
        line.push(text.to_owned());
        line
    }

    fn state(&self) -> String {
        let explain = self.words("--json member explain --member-id @member");
        self.environment.run(&explain).json()["state"].as_str().unwrap_or_default().to_owned()
    }

    /// Has a preview typed while the member works, and opens a dialog soon after a moment of that.
    pub(crate) fn open_dialog(&self, moment: Moment, number: u32) -> Opening {
        let (go, file) = self.begin_turn();
        let begin = self.trace.now();
        let body = format!("race-{number}-");
        let sender = self.environment.spawn(&self.line(&body));
        let until = Instant::now() + PATIENCE;
        while !self.has_come(moment, begin, file, &body) {
            assert!(Instant::now() < until, "the moment does not come");
            pause(LOOK_AGAIN);
        }
        pause(Duration::from_millis(u64::from(number % SPREAD)));
        drop(go);
        let _held_or_submitted = Outcome::finish(sender).json();
        let answered = self.environment.path("work/answered");
        eventually("the dialog", || (answered.exists() || self.course(begin, file).question().is_some()).then_some(()));
        pause(ANSWERED);
        let is_answered = answered.exists();
        let course = self.course(begin, file);
        let is_in_composer = self.end_turn();
        Opening { course, is_answered, is_in_composer }
    }

    /// Has the member begin a turn in which it waits until the file is closed, and then asks. Returns that file, and the one by
    /// which the server types into the pane.
    fn begin_turn(&self) -> (File, u32) {
        eventually("a rest", || (self.state() == "at_rest").then_some(()));
        let _of_before = fs::remove_file(self.environment.path("work/answered"));
        let begin = self.trace.now();
        let told = self.environment.json(&self.line("[[sh cat go]] [[ask]] [[sh touch answered]]"));
        if told["delivery"]["state"] != "submitted" {
            let _rings = self.environment.run(&self.line("and on"));
        }
        let go = eventually("a member that reads", || {
            let without_waiting = OFlags::NONBLOCK.bits().cast_signed();
            OpenOptions::new().write(true).custom_flags(without_waiting).open(self.environment.path("work/go")).ok()
        });
        eventually("a turn", || (self.state() == "working").then_some(()));
        (go, file_of_pane(&self.trace.since(begin)).expect("a paste"))
    }

    fn course(&self, begin: u64, file: u32) -> Course {
        Course::read(&self.trace.since(begin), file, QUESTION)
    }

    /// Tells whether a moment has come since a place in the trace.
    fn has_come(&self, moment: Moment, begin: u64, file: u32, body: &str) -> bool {
        let look: &[u8] = match &self.terminals {
            Terminals::Tmux(_) => b"capture-pane",
            Terminals::Embedded(_) => b"\"look\"",
        };
        self.trace.since(begin).iter().any(|event| match moment {
            Moment::Looked => event.is_read && event.file != file && contains(&event.bytes, look),
            Moment::Pasted => !event.is_read && event.file == file && contains(&event.bytes, body.as_bytes()),
        })
    }

    /// Answers the dialog if nobody has, and has what was held submitted. Returns whether the composer held something.
    fn end_turn(&self) -> bool {
        let answered = self.environment.path("work/answered");
        if !answered.exists() {
            let choose = self.words("member send-input --member-id @member --choice 1");
            eventually("the answer", || {
                let _chosen = self.environment.run(&choose);
                answered.exists().then_some(())
            });
        }
        let is_in_composer = self.state() == "composing";
        eventually("a rest", || {
            let _rings = self.environment.run(&self.line("and on"));
            (self.state() != "composing").then_some(())
        });
        is_in_composer
    }
}
