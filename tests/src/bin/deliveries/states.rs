//! What an agent may be doing when a text comes.

use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::{Outcome, pause};
use cafleet_tests::lab::{Lab, Manners, header, preview};
use cafleet_tests::private_tmux::program;

use crate::rows::{Row, Way};

const DRAFT: &str = "half a thought";
/// What the key sends that takes a character back.
const BACKSPACE: &str = "\x7f";
/// How long the turn runs, in seconds.
const TURN: &str = "2";
/// How long a text is waited for, once nothing stands in its way, before the next one is sent.
const ARRIVAL: Duration = Duration::from_secs(5);
/// How long an agent may take to get into a state.
const ENTERED: Duration = Duration::from_secs(20);
/// How long the last one is waited for.
const LATEST: Duration = Duration::from_secs(10);

/// What the agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Rest,
    Working,
    Draft,
    Asking,
    CopyMode,
    Stopped,
}

impl State {
    pub(crate) const ALL: [Self; 6] =
        [Self::Rest, Self::Working, Self::Draft, Self::Asking, Self::CopyMode, Self::Stopped];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rest => "at rest",
            Self::Working => "working",
            Self::Draft => "draft",
            Self::Asking => "asking",
            Self::CopyMode => "copy mode",
            Self::Stopped => "stopped",
        }
    }
}

/// What was sent: how the model knows it, and when.
struct Sent {
    mark: String,
    whole: String,
    at: f64,
}

/// Delivers again and again, and counts what became of it.
pub(crate) fn measure(backend: Backend, way: Way, state: State, count: u64, limit: Duration) -> Row {
    let mut row = Row::new(backend, way, state);
    let begin = Instant::now();
    while row.count < count && begin.elapsed() < limit {
        let lab = start(backend, way, state);
        let mut sent = Vec::new();
        // a failure of the recipe may leave something behind that nobody can clear
        while row.count < count && begin.elapsed() < limit && recover(&lab) && enter(&lab, state) {
            row.count += 1;
            sent.push(one(&lab, way, state, &mut row));
        }
        pause(LATEST);
        account(&lab, &sent, &mut row);
    }
    row
}

/// Counts what has become of everything that one agent was sent.
fn account(lab: &Lab, sent: &[Sent], row: &mut Row) {
    for Sent { mark, whole, at } in sent {
        let heard = lab.heard(mark);
        row.lost += u64::from(heard == 0);
        row.doubled += u64::from(heard > 1);
        row.mangled += u64::from(heard > 0 && lab.heard(whole) == 0);
        row.times.extend(lab.heard_at(mark).map(|arrived| (arrived - at).max(0.0)));
    }
    row.aborted += lab.aborted().len();
}

/// Starts an agent, and the monitor with it where messages have to wait for one.
fn start(backend: Backend, way: Way, state: State) -> Lab {
    let manners = match state {
        State::Asking => Manners::Asking,
        State::Stopped => Manners::Stoppable,
        _ => Manners::Member,
    };
    let mut lab = Lab::start(backend, manners, MultiplexerKind::Tmux);
    if way == Way::Cafleet {
        lab.watch();
    }
    lab
}

fn one(lab: &Lab, way: Way, state: State, row: &mut Row) -> Sent {
    let made = lab.environment.path("work/made");
    let drafts = lab.heard(DRAFT);
    let mut sent = deliver(lab, way, state, row.count);
    match state {
        State::Rest | State::Working | State::Stopped => {}
        State::Draft => {
            lab.press(&BACKSPACE.repeat(DRAFT.len()));
            sent.at = now();
        }
        State::CopyMode => {
            let tmux = lab.terminals.tmux();
            if tmux.show(&lab.pane, "#{pane_in_mode}") == "1" {
                tmux.tmux(&["send-keys", "-t", &lab.pane, "-X", "cancel"]);
            }
            sent.at = now();
        }
        State::Asking => {
            // whatever looks at the pane has had the time to
            pause(Duration::from_millis(1200));
            row.answered += u64::from(made.exists() || lab.state() != "asking");
            // the agent may miss a key
            for _ in 0..5 {
                if lab.state() != "asking" || lab.run("member send-input --choice 1 --member-id @member").status == 0 {
                    break;
                }
            }
            sent.at = now();
        }
    }
    lab.comes(ARRIVAL, |lab| lab.heard(&sent.mark) > 0);
    lab.comes(LATEST, |lab| lab.state() == "at_rest");
    row.wrong += u64::from(lab.heard(DRAFT) > drafts);
    drop(std::fs::remove_file(made));
    sent
}

/// Brings the agent into the state; tells whether that could be done: the recipe may have allowed for good what is to be
/// asked about.
fn enter(lab: &Lab, state: State) -> bool {
    let reaches = |state: &str| lab.comes(ENTERED, |lab| lab.state() == state);
    match state {
        State::Rest => true,
        State::Stopped => {
            lab.signal("-STOP");
            true
        }
        State::Working => {
            drop(lab.send(&format!("[[slow {TURN}]]")));
            reaches("working")
        }
        State::Draft => {
            lab.press(DRAFT);
            reaches("composing")
        }
        State::CopyMode => {
            lab.terminals.tmux().tmux(&["copy-mode", "-t", &lab.pane]);
            true
        }
        State::Asking => {
            drop(lab.send("[[ask touch made]]"));
            reaches("asking")
        }
    }
}

fn deliver(lab: &Lab, way: Way, state: State, number: u64) -> Sent {
    let at = now();
    // a body of some length, which opencode would show a stand-in for
    let body = format!("delivery {number}: {}", "as many words as a preview takes, ".repeat(5)) + "and these";
    let continued = || {
        if state == State::Stopped {
            pause(Duration::from_millis(500));
            lab.signal("-CONT");
        }
    };
    match way {
        Way::Cafleet => {
            let line = ["--json".to_owned()].into_iter().chain(lab.sending(&body));
            let sending = lab.environment.spawn(&line.collect::<Vec<_>>());
            continued();
            let told = Outcome::finish(sending).json();
            Sent { mark: header(&told), whole: preview(&told), at }
        }
        Way::Recipe => {
            let mark = format!("[cafleet msg {} from 1 by the recipe]", 900_000 + number);
            let whole = format!("{mark} {}", &body);
            strike(lab, &["-l", "--", &whole]);
            continued();
            pause(Duration::from_millis(if state == State::Stopped { 500 } else { 1000 }));
            strike(lab, &["Enter"]);
            Sent { mark, whole, at }
        }
    }
}

/// Gives the member's pane keys, whatever tmux says of it: in copy mode it fails.
fn strike(lab: &Lab, keys: &[&str]) {
    let words = ["-S", &lab.terminals.tmux().socket(), "send-keys", "-t", &lab.pane];
    let _failure_is_the_point = Command::new(program()).args(words).args(keys).output().expect("tmux runs");
}

/// Brings the agent back to rest, as a person would; tells whether that could be done.
fn recover(lab: &Lab) -> bool {
    for _ in 0..4 {
        if lab.comes(Duration::from_secs(4), |lab| lab.state() == "at_rest") {
            return true;
        }
        match lab.state().as_str() {
            "asking" => lab.press("\x1b"),
            "composing" if lab.backend == Backend::OPENCODE => lab.press("\x03"),
            "composing" => lab.press(&BACKSPACE.repeat(400)),
            _ => {}
        }
    }
    false
}

#[expect(clippy::disallowed_methods, reason = "compared with the time that another process writes down")]
fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
