//! Faults between any two steps of a delivery, on a real tmux server with the scripted agent and the real binary.
//!
//! A step is a call of tmux. A script in its place counts the calls and lets a fault happen at the one that is due.

mod conditions;
mod steps;

use std::fs;
use std::path::PathBuf;

use cafleet_tests::environment::{Fleet, Outcome, eventually};
use cafleet_tests::stage::Stage;
use serde_json::Value;

/// Counts the calls of tmux, and runs the file of the call that is due.
const COUNTER: &str = r#"#!/bin/sh
count=$(($(cat 'FOLDER/count' 2>/dev/null || echo 0) + 1))
echo $count >'FOLDER/count'
tmux() { /usr/bin/env PATH=/usr/local/bin:/usr/bin:/bin tmux "$@"; }
if [ -f "FOLDER/fault-$count" ]; then . "FOLDER/fault-$count"; fi
PATH=/usr/local/bin:/usr/bin:/bin exec tmux "$@"
"#;

/// A fleet whose Director writes to one member.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) fleet: Fleet,
    pub(crate) member: i64,
    pub(crate) pane: String,
}

impl Scene {
    pub(crate) fn new(style: &str) -> Self {
        let (stage, fleet) = Stage::with_fleet();
        let (member, pane) = stage.member(&fleet, style, "Linus");
        let folder = stage.environment.path("").display().to_string();
        stage.environment.install("tmux", &COUNTER.replace("FOLDER/", &folder));
        Self { stage, fleet, member, pane }
    }

    /// Returns a body by which the member notes each time that it is told.
    pub(crate) fn body(&self, number: usize) -> String {
        format!("[[sh echo told-{number}- >> '{}']]", self.notes().display())
    }

    /// Returns how often the member was told something.
    pub(crate) fn told(&self, number: usize) -> usize {
        fs::read_to_string(self.notes()).unwrap_or_default().matches(&format!("told-{number}-")).count()
    }

    /// Waits until the member was told something.
    pub(crate) fn until_told(&self, number: usize) {
        eventually("the message", || (self.told(number) > 0).then_some(()));
    }

    /// Returns the command line that sends a body to the member.
    pub(crate) fn line(&self, body: &str) -> Vec<String> {
        let line = format!("--json message send --agent-id @director --to {} --text", self.member);
        let mut words = self.fleet.words(&line);
        words.push(body.to_owned());
        words
    }

    /// Sends a body to the member; the sender may be killed on its way.
    pub(crate) fn try_to_send(&self, body: &str) -> Outcome {
        self.stage.environment.run(&self.line(body))
    }

    /// Sends a body to the member, and returns what the sender is told.
    pub(crate) fn send(&self, body: &str) -> Value {
        self.try_to_send(body).json()
    }

    /// Has a line of the shell run at a call of tmux, counted from now.
    pub(crate) fn arm(&self, call: usize, fault: &str) {
        let _nothing_was_counted = fs::remove_file(self.stage.environment.path("count"));
        fs::write(self.fault(call), fault).expect("the fault is written");
    }

    /// Lets no fault happen any more; tells whether the one of this call has happened.
    pub(crate) fn disarm(&self, call: usize) -> bool {
        fs::remove_file(self.fault(call)).expect("the fault is there");
        let count = fs::read_to_string(self.stage.environment.path("count")).unwrap_or_default();
        count.trim().parse::<usize>().is_ok_and(|count| count >= call)
    }

    /// Returns the process of the tmux server.
    pub(crate) fn server(&self) -> u32 {
        self.stage.tmux.director().server.pid
    }

    fn notes(&self) -> PathBuf {
        self.stage.environment.path("told")
    }

    fn fault(&self, call: usize) -> PathBuf {
        self.stage.environment.path(&format!("fault-{call}"))
    }
}
