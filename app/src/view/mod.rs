//! Views: domain values as lines of text and as JSON. No view does I/O.

mod agent_panes;
mod agents;
mod database;
mod doctor;
mod fleets;
mod members;
mod messages;
mod monitor;
mod placement;
mod questions;
mod server;
mod setup;
mod table;
mod terminals;

use cafleet_domain::text::indented;
use serde_json::Value;

pub(crate) use agent_panes::{AgentPanesView, PaneClosedView, full_pane_name, pane_name};
pub(crate) use agents::{AgentListView, AgentView, DeregisteredView, RegisteredView};
pub(crate) use database::{BackupView, CheckView, InitView, PurgeView, RestoreView};
pub(crate) use doctor::{BackendCheck, DatabaseCheck, DoctorView, MonitorCheck};
pub(crate) use fleets::{FleetCreatedView, FleetDeletedView, FleetListView, FleetShownView};
pub(crate) use members::{
    CaptureView, ExecView, MemberCreatedView, MemberDeletedView, MemberListView, PingView, left_processes,
};
pub(crate) use messages::{BroadcastView, Detail, InboxView, SentView, TaskView};
pub(crate) use monitor::{MonitorConfigView, MonitorEventView, MonitorStartedView, MonitorStatusView};
pub(crate) use questions::{ExplanationView, InputSentView};
pub(crate) use server::ServingView;
pub(crate) use setup::SetupView;
pub(crate) use terminals::{DaemonStoppedView, DaemonView, PanesView};

/// What a command has to say, in both forms.
pub(crate) trait View {
    /// Returns the text; its last line needs no line feed.
    fn text(&self) -> String;

    /// Returns the JSON.
    fn json(&self) -> Value;
}

/// Writes `label: value` lines with their values in one column. The further lines of a value stand in the same column, so
/// that none of them is taken for a label.
fn labelled(width: usize, lines: &[(&str, String)]) -> String {
    let margin = " ".repeat(width);
    let lines = lines.iter().map(|(label, value)| {
        let value = indented(value, &margin);
        format!("{:<width$}{}", format!("{label}:"), value.trim_start_matches(' ')).trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}
