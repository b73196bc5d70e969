//! Everything that keys open in place of a composer, while messages wait: not one key arrives there.

use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::pause;
use cafleet_tests::lab::{Lab, Manners};
use cafleet_tests::workspace;
use serde_json::Value;

/// How long a program may take to open or close something.
const SOON: Duration = Duration::from_secs(8);

/// How long a screen stays as it is before it counts as drawn.
const MOMENT: Duration = Duration::from_millis(300);

/// Every so many of the dialogs will do here; the recordings of all of them are read in the suite `conformance`.
const SOME: usize = 4;

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

/// The end of the screen; the head of claude's moves, and the dot before what it runs blinks.
fn end(lab: &Lab) -> String {
    let screen = lab.screen();
    let rows: Vec<&str> = screen.trim_end().lines().map(|row| row.trim_end().trim_start_matches('●')).collect();
    rows[rows.len().saturating_sub(20)..].join("\n")
}

/// Waits until two looks show the same.
fn stand_still(lab: &Lab) {
    let _moves_all_the_time = lab.comes(SOON, |lab| {
        let before = lab.screen();
        pause(MOMENT);
        lab.screen() == before
    });
}

/// Takes a command back that this version does not know, and tells whether there was one.
fn is_refused(lab: &Lab, dialog: &Dialog) -> bool {
    let Some(command) = dialog.open[0].as_str() else { return false };
    let shows = |row: &str| row.trim_matches([' ', '›', '❯', '┃', '\u{a0}']) == command;
    let is_there = command.len() > 1 && lab.state() == "composing" && end(lab).lines().any(shows);
    if is_there {
        lab.press(&"\x7f".repeat(command.len()));
        stand_still(lab);
    }
    is_there
}

/// Does what a person or the model does to open it, and tells whether anything but the composer is there.
fn open(lab: &Lab, dialog: &Dialog) -> bool {
    for step in &dialog.open {
        if let Some(keys) = step.as_str() {
            lab.press(keys);
        } else {
            lab.terminals.paste(&lab.pane, step["model"].as_str().expect("a prompt"));
            stand_still(lab);
            lab.press("\r");
            let _ends_without_it = lab.comes(SOON, |lab| !matches!(lab.state().as_str(), "working" | "at_rest"));
        }
        pause(MOMENT);
        stand_still(lab);
    }
    lab.state() != "at_rest" && !is_refused(lab, dialog)
}

/// Closes it, by further Escapes where a view lies behind it.
fn close(lab: &Lab, dialog: &Dialog) {
    // what has waited may begin a turn at once
    let rests = |lab: &Lab| matches!(lab.state().as_str(), "at_rest" | "working");
    for keys in dialog.close.iter().map(String::as_str).chain(["\u{1b}"; 3]) {
        if lab.comes(Duration::from_millis(500), rests) {
            return;
        }
        lab.press(keys);
        stand_still(lab);
    }
    lab.until(&format!("{} to close", dialog.name), rests);
}

/// Makes all messages ten minutes older than they are.
fn let_ten_minutes_pass(lab: &Lab) {
    let older =
        |column: &str| format!("{column} = strftime('%Y-%m-%dT%H:%M:%f', {column}, '-10 minutes') || '000+00:00'");
    let tasks = format!("UPDATE tasks SET {}, {}", older("created_at"), older("status_timestamp"));
    lab.environment.sql(&format!("{tasks}; UPDATE deliveries SET {}", older("updated_at")));
}

/// Sends a message, which must be held.
fn held(lab: &Lab, name: &str, text: &str) {
    let sent = lab.send(text);
    let delivery = &sent["delivery"];
    let reason = delivery["reason"].as_str().unwrap_or_default();
    assert!(delivery["state"] == "held" && !reason.is_empty(), "{}: {name}: {sent}\n{}", lab.backend, lab.screen());
}

/// While a monitor runs; what has waited is delivered when the dialog is closed.
fn takes_no_key(backend: Backend) {
    let mut lab = Lab::start(backend, Manners::Asking, MultiplexerKind::Pty);
    lab.watch();
    let all = dialogs(backend);
    let tried: Vec<&Dialog> = all.iter().step_by(SOME).collect();
    let mut opened = Vec::new();
    for dialog in &tried {
        let name = dialog.name.as_str();
        if !open(&lab, dialog) {
            close(&lab, dialog);
            continue;
        }
        let before = end(&lab);
        held(&lab, name, &format!("waits for {name};"));
        let_ten_minutes_pass(&lab);
        // a sender tries all that waits once more
        held(&lab, name, &format!("waits for {name} too;"));
        lab.until_looked();
        assert_eq!(end(&lab), before, "{backend}: {name} has changed");
        assert_eq!(lab.heard(&format!("waits for {name}")), 0, "{backend}: {name}");
        opened.push(name);
        close(&lab, dialog);
        lab.until(name, |lab| lab.heard(&format!("waits for {name} too;")) > 0);
        assert_eq!(lab.heard(&format!("waits for {name};")), 1, "{backend}: {name}");
        lab.until_done();
    }
    assert!(opened.len() * 2 > tried.len(), "{backend}: only {opened:?} opened");
}

#[test]
fn dialogs_of_codex_take_no_key_of_what_waits() {
    takes_no_key(Backend::Codex);
}

#[test]
fn dialogs_of_opencode_take_no_key_of_what_waits() {
    takes_no_key(Backend::Opencode);
}
