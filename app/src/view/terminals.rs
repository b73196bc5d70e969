//! The embedded terminals and their daemon.

use cafleet_domain::ports::{DaemonStatus, PaneSummary};
use serde_json::{Value, json};

use super::{View, labelled, table};

const LABEL_WIDTH: usize = 10;

/// The panes of the daemon.
pub(crate) struct PanesView {
    pub(crate) panes: Vec<PaneSummary>,
}

impl View for PanesView {
    fn text(&self) -> String {
        if self.panes.is_empty() {
            return "No panes found.".to_owned();
        }
        let header = ["PANE", "AGENT", "SIZE", "VIEWERS", "PID", "PROGRAM"].map(str::to_owned).to_vec();
        let rows = self.panes.iter().map(|summary| {
            let PaneSummary { pane, tag, program, columns, rows, viewers } = summary;
            let size = format!("{columns}x{rows}");
            vec![pane.id.to_string(), tag.clone(), size, viewers.to_string(), pane.pid.to_string(), program.clone()]
        });
        table::aligned(&std::iter::once(header).chain(rows).collect::<Vec<_>>()).join("\n")
    }

    fn json(&self) -> Value {
        self.panes.iter().map(pane_json).collect()
    }
}

fn pane_json(summary: &PaneSummary) -> Value {
    let PaneSummary { pane, tag, program, columns, rows, viewers } = summary;
    json!({
        "pane_id": pane.id.as_str(),
        "pid": pane.pid,
        "tag": tag,
        "program": program,
        "columns": columns,
        "rows": rows,
        "viewers": viewers,
    })
}

/// What is said where no daemon runs.
const NOT_RUNNING: &str = "not running";

/// The daemon, or that none runs.
pub(crate) struct DaemonView<'a> {
    pub(crate) status: Option<&'a DaemonStatus>,
}

impl View for DaemonView<'_> {
    fn text(&self) -> String {
        let Some(status) = self.status else { return NOT_RUNNING.to_owned() };
        let version = match status.same_protocol {
            true => status.build.clone(),
            false => format!("{} (incompatible; run 'cafleet daemon upgrade')", status.build),
        };
        labelled(
            LABEL_WIDTH,
            &[
                ("process", status.pid.to_string()),
                ("version", version),
                ("upgrades", status.generation.to_string()),
                ("panes", status.panes.len().to_string()),
                ("socket", status.socket.clone()),
            ],
        )
    }

    fn json(&self) -> Value {
        let status = self.status;
        json!({
            "running": status.is_some(),
            "pid": status.map(|status| status.pid),
            "version": status.map(|status| status.build.as_str()),
            "upgrades": status.map(|status| status.generation),
            "panes": status.map(|status| status.panes.len()),
            "socket": status.map(|status| status.socket.as_str()),
        })
    }
}

/// The daemon that was ended, or that none ran.
pub(crate) struct DaemonStoppedView {
    pub(crate) process: Option<u32>,
}

impl View for DaemonStoppedView {
    fn text(&self) -> String {
        self.process.map_or_else(|| NOT_RUNNING.to_owned(), |pid| format!("stopped (process {pid})"))
    }

    fn json(&self) -> Value {
        json!({"running": false, "stopped": self.process.is_some(), "pid": self.process})
    }
}
