//! A member as CAFleet starts it, from its first turn to its end.

use std::fs;
use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::{Outcome, pause};
use cafleet_tests::lab::{Lab, Manners, header, preview};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::multiplexers::in_every_multiplexer;

/// As long as a body gets in a preview.
const LONG: &str = "a body that is as long as it gets, with ; at the end of `words` and \"quotes\" and 日本語 and $(signs) \
                    and #{formats} and !bangs and @names and /slashes and \\backslashes and -dashes and so on, and on;";

/// Long enough for a stand-in in opencode.
const STOPPED: &str = "sent to a program that was stopped for half a second and reads all of this only then, header, body and \
                       whatever comes behind them, in one go; still it is one message and not two or none";

/// What the key sends that takes a character back.
const BACKSPACE: &str = "\x7f";

/// Asserts that a message was submitted, and reaches the model once and as it was sent.
fn reaches(lab: &Lab, sent: &Value) {
    assert_eq!(sent["delivery"]["state"], "submitted", "{}: {sent}\n{}", lab.backend, lab.screen());
    arrives(lab, sent);
}

/// Waits until the model hears a message, and asserts that it does once and as it was sent.
fn arrives(lab: &Lab, sent: &Value) {
    lab.until(&preview(sent), |lab| lab.heard(&preview(sent)) > 0);
    assert_eq!(lab.heard(&header(sent)), 1, "{}: {sent}", lab.backend);
}

fn held(lab: &Lab, sent: &Value, reason: &str) {
    let delivery = &sent["delivery"];
    assert_eq!(delivery["state"], "held", "{}: {sent}\n{}", lab.backend, lab.screen());
    assert!(delivery["reason"].as_str().is_some_and(|told| told.contains(reason)), "{}: {sent}", lab.backend);
}

/// A member's life: it works by itself, hears what it is sent whatever it is doing, and leaves when it is asked to.
fn live(backend: Backend, multiplexer: MultiplexerKind) {
    let mut lab = Lab::start(backend, Manners::Member, multiplexer);
    idle(&lab);
    works_by_itself(&lab);
    lab.watch();
    working(&lab);
    draft(&lab);
    if multiplexer == MultiplexerKind::Tmux {
        copy_mode(&lab);
    }
    narrow(&lab);
    commands(&lab);
    assert_eq!(lab.aborted(), Vec::<String>::new(), "{backend}");
    leave(&lab);
}

fn idle(lab: &Lab) {
    for body in ["hello", LONG, "--help"] {
        reaches(lab, &lab.send(body));
        lab.until_done();
    }
}

/// It polls and acknowledges through its own shell tool.
fn works_by_itself(lab: &Lab) {
    let (fleet, member) = (lab.fleet.id, lab.member);
    let before = lab.inbox(member).len();
    let command = |verb: &str| format!("[[sh cafleet --fleet-id {fleet} message {verb} --agent-id {member}");
    let sent = lab.send(&format!("{}]] {} --task-id {{task}}]]", command("poll"), command("ack")));
    reaches(lab, &sent);
    lab.until("the acknowledgement", |lab| {
        let shown = lab.json(&format!("message show --full --agent-id @director --task-id {}", sent["task_id"]));
        shown["status_state"] == "completed"
    });
    assert_eq!(lab.inbox(member).len(), before, "only this one");
    lab.until_done();
}

fn working(lab: &Lab) {
    reaches(lab, &lab.send("[[slow 4]]"));
    lab.until_state("working");
    let sent = lab.send(LONG);
    match lab.backend {
        Backend::CODEX | Backend::OPENCODE => held(lab, &sent, "in a turn"),
        _ => {
            assert_eq!(sent["delivery"]["state"], "submitted", "{}: {sent}\n{}", lab.backend, lab.screen())
        }
    }
    arrives(lab, &sent);
    lab.until_done();
}

fn draft(lab: &Lab) {
    lab.press("half a thought");
    lab.until_state("composing");
    let sent = lab.send("held by a draft");
    held(lab, &sent, "draft");
    lab.until_looked();
    assert!(lab.screen().contains("half a thought"), "{}", lab.screen());
    assert_eq!(lab.heard(&header(&sent)) + lab.heard("half a thought"), 0);
    lab.press(&BACKSPACE.repeat("half a thought".len()));
    arrives(lab, &sent);
    lab.until_done();
}

fn copy_mode(lab: &Lab) {
    let tmux = lab.terminals.tmux();
    tmux.tmux(&["copy-mode", "-t", &lab.pane]);
    let sent = lab.send("held by copy mode");
    held(lab, &sent, "copy mode");
    tmux.tmux(&["send-keys", "-t", &lab.pane, "-X", "cancel"]);
    arrives(lab, &sent);
    lab.until_done();
}

/// The program is stopped for half a second while it is typed to.
fn stopped(backend: Backend, multiplexer: MultiplexerKind) {
    let lab = Lab::start(backend, Manners::Stoppable, multiplexer);
    for round in 0..3 {
        lab.signal("-STOP");
        let sending = ["--json".to_owned()].into_iter().chain(lab.sending(&format!("{round}: {STOPPED}")));
        let sending = lab.environment.spawn(&sending.collect::<Vec<_>>());
        pause(Duration::from_millis(500));
        lab.signal("-CONT");
        reaches(&lab, &Outcome::finish(sending).json());
        lab.until_done();
    }
}

/// In a low and narrow pane the header does not stay in view.
fn narrow(lab: &Lab) {
    resize(lab, 40, 24);
    reaches(lab, &lab.send(LONG));
    lab.until_done();
    reaches(lab, &lab.send(LONG));
    lab.until_done();
    resize(lab, 120, 40);
}

fn resize(lab: &Lab, columns: u16, rows: u16) {
    lab.terminals.resize(&lab.pane, columns, rows);
    // the program hears of it, and draws anew, a moment later
    pause(Duration::from_millis(500));
    lab.until_done();
}

fn commands(lab: &Lab) {
    let file = lab.environment.path("work/made");
    let mut exec = lab.words("member exec --member-id @member");
    exec.push(format!("printf made > {}", file.display()));
    lab.environment.ok(&exec);
    lab.until("what the command writes", |_| file.is_file());
    lab.until_done();
    let poll = format!("cafleet --fleet-id {} message poll --agent-id {}", lab.fleet.id, lab.member);
    let before = lab.heard(&poll);
    // a turn may begin a moment after the command has run
    lab.until("a ping that is typed", |lab| lab.run("member ping --member-id @member").status == 0);
    lab.until("the ping", |lab| lab.heard(&poll) > before);
    lab.until_done();
}

fn leave(lab: &Lab) {
    let deleted = lab.run("member delete --member-id @member").ok();
    assert!(deleted.contains("closed"), "{deleted}");
    assert_eq!(lab.terminals.panes(), ["%0"]);
}

/// A name of a file behind an `@` is for whoever reads the message: the program neither completes nor expands it.
fn file_names(backend: Backend, multiplexer: MultiplexerKind) {
    let lab = Lab::start(backend, Manners::Member, multiplexer);
    fs::write(lab.environment.path("work/notes.md"), "what nobody asked for").expect("a file");
    for body in ["look at @notes.md now", "look at @notes.md", "look at @notes", "@notes.md", "set $notes", "@"] {
        reaches(&lab, &lab.send(body));
        lab.until_done();
    }
    assert_eq!(lab.heard("what nobody asked for"), 0, "{backend}");
}

in_every_multiplexer!(live, stopped, file_names);

/// One key moves the session of a claude that a person has started out of its pane.
fn session_in_the_background(multiplexer: MultiplexerKind) {
    let lab = Lab::start(Backend::CLAUDE, Manners::Leaving, multiplexer);
    let parked = |lab: &Lab| lab.json("member explain --member-id @member")["background_session"].clone();
    assert_eq!(parked(&lab), Value::Null);
    lab.press("\x1b[D");
    lab.until("a session in the background", |lab| parked(lab) != Value::Null);
    let sent = lab.send("to the list of sessions");
    assert_eq!(sent["delivery"]["state"], "held", "{sent}\n{}", lab.screen());
    let name = parked(&lab).as_str().expect("a name").to_owned();
    let program = lab.environment.path("bin/claude");
    let is_running = || {
        let mut listed = lab.environment.command_of(&program, &["agents", "--json"]);
        String::from_utf8_lossy(&listed.output().expect("claude runs").stdout).contains(&name)
    };
    assert!(is_running());
    let deleted = lab.run("member delete --member-id @member");
    assert!(!is_running(), "{deleted:?}");
    assert_eq!((deleted.status, lab.terminals.panes()), (0, vec!["%0".to_owned()]), "{deleted:?}");
    // claude's supervisor, which it shares with sessions of others, ends by itself after a while
    let left: Vec<i32> =
        deleted.stderr.split(['(', ')']).filter_map(|said| said.strip_prefix("process ")?.parse().ok()).collect();
    for pid in left.into_iter().filter_map(Pid::from_raw) {
        let _ends_with_its_supervisor = kill_process(pid, Signal::KILL);
    }
}

#[test]
fn a_session_in_the_background_ends_with_its_member_in_tmux() {
    session_in_the_background(MultiplexerKind::Tmux);
}

#[test]
fn a_session_in_the_background_ends_with_its_member_embedded() {
    session_in_the_background(MultiplexerKind::Pty);
}
