//! What the monitor prints. A reader that does not read must not hold up the loop.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use cafleet_domain::broker::{MonitorEvent, MonitorRun};
use cafleet_domain::timestamp::Timestamp;

use crate::printer::Printer;
use crate::view::{MonitorEventView, MonitorStartedView, View};

/// How many lines wait for a slow reader; further ones are dropped.
const BACKLOG: usize = 1000;

/// Prints lines on a thread of its own.
pub(super) struct Journal(SyncSender<Line>);

struct Line {
    text: String,
    json: serde_json::Value,
}

impl View for Line {
    fn text(&self) -> String {
        self.text.clone()
    }

    fn json(&self) -> serde_json::Value {
        self.json.clone()
    }
}

impl Journal {
    pub(super) fn start(printer: Printer) -> Self {
        let (sender, lines) = sync_channel::<Line>(BACKLOG);
        thread::spawn(move || {
            for line in lines {
                if printer.show(&line).is_err() {
                    return;
                }
            }
        });
        Self(sender)
    }

    pub(super) fn started(&self, now: Timestamp, run: &MonitorRun) {
        self.print(&MonitorStartedView { now, run });
    }

    pub(super) fn note(&self, now: Timestamp, events: &[MonitorEvent]) {
        for event in events {
            self.print(&MonitorEventView { now, event });
        }
    }

    fn print(&self, view: &dyn View) {
        let _nobody_reads = self.0.try_send(Line { text: view.text(), json: view.json() });
    }
}
