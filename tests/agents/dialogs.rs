//! Everything that keys open in place of a composer, while messages wait: not one key arrives there.
//!
//! Of the table of dialogs those at even places are opened in tmux and those at odd places in embedded terminals; with
//! `CAFLEET_ALL_DIALOGS` set, all of them are opened in both.

use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::pause;
use cafleet_tests::lab::terminals::Terminals;
use cafleet_tests::lab::{Lab, Manners};
use cafleet_tests::workspace;
use serde_json::Value;

use crate::multiplexers::in_every_multiplexer;

/// How long a program may take to open what its model calls for.
const SOON: Duration = Duration::from_secs(8);

/// How long a program may take to show what a key does; some do nothing that can be seen without colours.
const AT_ONCE: Duration = Duration::from_millis(1_000);

/// How long a screen stays as it is before it counts as drawn.
const MOMENT: Duration = Duration::from_millis(250);

/// A name of what is open, the keys and prompts that open it, and the keys that close it.
struct Dialog {
    name: String,
    open: Vec<Value>,
    close: Vec<String>,
}

/// Reads the table from which the recordings are made too.
fn dialogs(backend: Backend) -> Vec<Dialog> {
    let table: Value = serde_json::from_str(&workspace::file("tests/agents/dialogs.json").text).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let entries = table[backend.as_str()].as_array().expect("dialogs").iter().map(|entry| Dialog {
        name: text(&entry["name"]),
        open: entry["open"].as_array().expect("steps").clone(),
        close: entry["close"]
            .as_array()
            .map_or_else(|| vec!["\u{1b}".to_owned()], |keys| keys.iter().map(text).collect()),
    });
    entries.collect()
}

/// Returns the names of what the versions that `tests/agents/install` gets do not open here.
fn absent(backend: Backend) -> &'static [&'static str] {
    match backend {
        // the first two need a server and a network; differences are shown beside the composer, and the view of all sessions is
        // switched off for members
        Backend::CLAUDE => &["mcp", "feedback", "diff", "agents_view"],
        // a transcript that only becomes longer, and what says that there is nothing to import and no repository
        Backend::CODEX => &["transcript", "import", "worktree"],
        _ => &[],
    }
}

/// Tells whether all dialogs are opened in each multiplexer.
#[expect(clippy::disallowed_methods, reason = "how much is opened is said to the tests alone")]
fn all_in_both() -> bool {
    std::env::var_os("CAFLEET_ALL_DIALOGS").is_some()
}

/// Returns what is opened in a multiplexer.
fn tried(backend: Backend, multiplexer: MultiplexerKind) -> Vec<Dialog> {
    let all = dialogs(backend).into_iter();
    match multiplexer {
        _ if all_in_both() => all.collect(),
        MultiplexerKind::Tmux => all.step_by(2).collect(),
        MultiplexerKind::Pty => all.skip(1).step_by(2).collect(),
    }
}

/// Returns the screen without the dot before what claude runs, which blinks.
fn shown(lab: &Lab) -> String {
    let rows: Vec<String> = lab.screen().lines().map(|row| row.replace('●', " ").trim_end().to_owned()).collect();
    rows.join("\n").trim_end().to_owned()
}

/// Waits until two looks show the same.
fn stand_still(lab: &Lab) {
    let _moves_all_the_time = lab.comes(SOON, |lab| {
        let before = shown(lab);
        pause(MOMENT);
        shown(lab) == before
    });
}

/// Presses keys, and waits until their work is done.
fn press(lab: &Lab, keys: &str) {
    let before = shown(lab);
    lab.press(keys);
    let _nothing_to_see = lab.comes(AT_ONCE, |lab| shown(lab) != before);
    stand_still(lab);
}

/// Takes a command back that this version does not know, and tells whether there was one.
fn is_refused(lab: &Lab, dialog: &Dialog) -> bool {
    let Some(command) = dialog.open[0].as_str() else { return false };
    let shows = |row: &str| row.trim_matches([' ', '›', '❯', '┃', '\u{a0}']) == command;
    let is_there = command.len() > 1 && lab.state() == "composing" && shown(lab).lines().any(shows);
    if is_there {
        press(lab, "\x03");
    }
    is_there
}

/// Does what a person or the model does to open it, and tells whether anything but the composer is there.
fn open(lab: &Lab, dialog: &Dialog) -> bool {
    for step in &dialog.open {
        if let Some(keys) = step.as_str() {
            press(lab, keys);
            continue;
        }
        lab.terminals.paste(&lab.pane, step["model"].as_str().expect("a prompt"));
        stand_still(lab);
        lab.press("\r");
        let is_open = |lab: &Lab| !matches!(lab.state().as_str(), "composing" | "working" | "at_rest");
        let _ends_without_it = lab.comes(SOON, is_open);
        stand_still(lab);
    }
    lab.state() != "at_rest" && !is_refused(lab, dialog)
}

/// Says in the output of the test what became of a dialog.
#[expect(clippy::print_stderr, reason = "a test that fails shows which dialogs were left out")]
fn tell(lab: &Lab, name: &str, what: &str) {
    eprintln!("{}: {name} {what}:\n{}", lab.backend, lab.screen().trim_end());
}

/// Closes it, by further Escapes where a view lies behind it; a program that no key brings back is started anew.
fn close(lab: &mut Lab, dialog: &Dialog) {
    for keys in dialog.close.iter().map(String::as_str).chain(["\u{1b}"; 3]) {
        if lab.state() == "at_rest" {
            return;
        }
        press(lab, keys);
    }
    if !lab.comes(SOON, |lab| lab.state() == "at_rest") {
        tell(lab, &dialog.name, "does not close");
        lab.restart();
    }
}

/// Makes all messages and the last wake of each agent ten minutes older than they are; who was never woken was ten minutes
/// ago.
fn let_ten_minutes_pass(lab: &Lab) {
    let older = |column: &str, now: &str| {
        format!("{column} = strftime('%Y-%m-%dT%H:%M:%f', {now}, '-10 minutes') || '000+00:00'")
    };
    let [created, changed, updated] =
        ["created_at", "status_timestamp", "updated_at"].map(|column| older(column, column));
    let woken = older("last_ping_at", "coalesce(last_ping_at, 'now')");
    lab.environment.sql(&format!(
        "UPDATE tasks SET {created}, {changed}; UPDATE deliveries SET {updated}; UPDATE monitor_config SET {woken}"
    ));
}

/// Sends a message, which must be held.
fn held(lab: &Lab, name: &str, text: &str) {
    let sent = lab.send(text);
    let delivery = &sent["delivery"];
    let reason = delivery["reason"].as_str().unwrap_or_default();
    assert!(delivery["state"] == "held" && !reason.is_empty(), "{}: {name}: {sent}\n{}", lab.backend, lab.screen());
}

/// Counts the messages of which nothing was typed.
fn untouched(lab: &Lab) -> i64 {
    let member = lab.member;
    lab.environment.number(&format!("SELECT count(*) FROM deliveries WHERE agent_id = {member} AND state = 'held'"))
}

/// Tells whether the member was woken since ten minutes passed the last time.
fn was_woken(lab: &Lab) -> bool {
    let late = "julianday(last_ping_at) > julianday('now', '-9 minutes')";
    lab.environment.number(&format!("SELECT {late} FROM monitor_config WHERE agent_id = {}", lab.member)) != 0
}

/// Makes tmux count what is given to its panes, from now on.
fn count_keys(lab: &Lab) {
    if let Terminals::Tmux(tmux) = &lab.terminals {
        for command in ["paste-buffer", "send-keys"] {
            tmux.tmux(&["set-hook", "-g", &format!("after-{command}"), "set-option -g -a @given x"]);
        }
    }
}

/// Returns how often something was given to panes of tmux; always 0 for embedded terminals, where only what it does is seen.
fn keys(lab: &Lab) -> usize {
    match &lab.terminals {
        Terminals::Tmux(tmux) => tmux.tmux(&["show-options", "-g", "-q", "-v", "@given"]).trim().len(),
        Terminals::Embedded(_) => 0,
    }
}

/// Sends a message to what is open, lets time pass while a monitor looks, and asserts that nothing was typed.
fn wait_before(lab: &mut Lab, name: &str, waiting: i64) {
    let before = (shown(lab), keys(lab));
    held(lab, name, &format!("waits for {name};"));
    let_ten_minutes_pass(lab);
    lab.watch();
    lab.until_looked();
    lab.unwatch();
    let backend = lab.backend;
    assert_eq!((shown(lab), keys(lab)), before, "{backend}: {name} has changed, or was typed to");
    assert_eq!((untouched(lab), was_woken(lab)), (waiting, false), "{backend}: {name}");
    assert_eq!(lab.heard("waits for"), 0, "{backend}: {name}");
}

/// Opens one after another, while a monitor looks at each; what has waited all the time is delivered once when the last is
/// closed.
fn take_no_key(backend: Backend, multiplexer: MultiplexerKind) {
    let mut lab = Lab::start(backend, Manners::Asking, multiplexer);
    count_keys(&lab);
    let (mut opened, mut missing) = (Vec::new(), Vec::new());
    let tried = tried(backend, multiplexer);
    for dialog in &tried {
        let name = dialog.name.as_str();
        if open(&lab, dialog) {
            opened.push(name);
            wait_before(&mut lab, name, i64::try_from(opened.len()).expect("a few"));
        } else {
            tell(&lab, name, "is not there");
            missing.push(name);
        }
        close(&mut lab, dialog);
    }
    missing.retain(|name| !absent(backend).contains(name));
    lab.watch();
    for name in &opened {
        lab.until(name, |lab| lab.heard(&format!("waits for {name};")) > 0);
    }
    lab.until_done();
    for name in &opened {
        assert_eq!(lab.heard(&format!("waits for {name};")), 1, "{backend}: {name}");
    }
    assert!(multiplexer == MultiplexerKind::Pty || keys(&lab) > 0, "tmux counts nothing");
    assert_eq!(missing, Vec::<&str>::new(), "{backend}: did not open, of {}", tried.len());
}

in_every_multiplexer!(take_no_key);
