//! Members.

use std::time::Duration;

use cafleet_domain::agent::{Activity, Agent};
use cafleet_domain::broker::{MemberView, PaneState, Removal};
use cafleet_domain::id::{AgentId, PaneId};
use cafleet_domain::placement::{Pane, Placement};
use cafleet_domain::process::LeftBehind;
use cafleet_domain::screen::ScreenState;
use cafleet_domain::text::one_line;
use cafleet_domain::timestamp::Timestamp;
use serde_json::{Value, json};

use super::placement::placement_json;
use super::{View, table};

/// A new member.
pub(crate) struct MemberCreatedView<'a> {
    pub(crate) agent: &'a Agent,
    pub(crate) placement: &'a Placement,
}

impl View for MemberCreatedView<'_> {
    fn text(&self) -> String {
        let Agent { id, name, .. } = self.agent;
        let pane = self.placement.pane.as_ref().map_or("-", |pane| pane.id.as_str());
        format!("{id} {name} backend={} pane={pane}", self.placement.coding_agent)
    }

    fn json(&self) -> Value {
        let Agent { id, name, registered_at, .. } = self.agent;
        json!({
            "agent_id": id.get(),
            "name": name,
            "registered_at": registered_at.to_string(),
            "placement": placement_json(self.placement),
        })
    }
}

/// The members of a fleet.
pub(crate) struct MemberListView<'a> {
    /// Stands before the members, and does not count as one.
    pub(crate) director: Option<&'a MemberView>,
    pub(crate) members: &'a [MemberView],
    pub(crate) activity: bool,
    pub(crate) now: Timestamp,
}

impl View for MemberListView<'_> {
    fn text(&self) -> String {
        let count = format!("{} members:", self.members.len());
        if self.members.is_empty() && self.director.is_none() {
            return count;
        }
        let mut header = vec!["agent_id", "name", "status", "backend", "pane", "state"];
        if self.activity {
            header.extend(["last_sent", "last_recv", "last_ack", "idle"]);
        }
        let rows = self.rows().map(|view| self.row(view)).collect();
        std::iter::once(count).chain(table::ruled(&header, rows)).collect::<Vec<_>>().join("\n")
    }

    fn json(&self) -> Value {
        self.rows().map(|view| self.row_json(view)).collect()
    }
}

impl<'a> MemberListView<'a> {
    fn rows(&self) -> impl Iterator<Item = &'a MemberView> {
        self.director.into_iter().chain(self.members)
    }

    fn row(&self, view: &MemberView) -> Vec<String> {
        let Agent { id, name, status, .. } = &view.member.agent;
        let backend = view.member.placement.coding_agent.to_string();
        let state = view.state.map_or("-", ScreenState::as_str).to_owned();
        let mut row = vec![id.to_string(), name.clone(), status.as_str().to_owned(), backend, pane_text(view), state];
        if self.activity {
            let Activity { last_sent, last_received, last_acknowledged } = view.member.activity;
            let ages = [last_sent, last_received, last_acknowledged].map(|time| time.map(|time| self.now.since(time)));
            row.extend(ages.into_iter().chain([view.member.activity.idle(self.now)]).map(age));
        }
        row
    }

    fn row_json(&self, view: &MemberView) -> Value {
        let Agent { id, name, status, .. } = &view.member.agent;
        let placement = &view.member.placement;
        let mut row = json!({
            "agent_id": id.get(),
            "name": name,
            "status": status.as_str(),
            "backend": placement.coding_agent.as_str(),
            "pane": placement.pane.as_ref().map(|pane| pane.id.as_str()),
            "pane_state": view.pane_state.as_str(),
            "state": view.state.map(ScreenState::as_str),
            "state_since": view.state_since.map(|since| since.to_string()),
        });
        if self.activity {
            let Activity { last_sent, last_received, last_acknowledged } = view.member.activity;
            let text = |time: Option<Timestamp>| Value::from(time.map(|time| time.to_string()));
            row["last_sent"] = text(last_sent);
            row["last_recv"] = text(last_received);
            row["last_ack"] = text(last_acknowledged);
            row["idle"] = view.member.activity.idle(self.now).map(|idle| idle.as_secs()).into();
        }
        row
    }
}

fn pane_text(view: &MemberView) -> String {
    let pane = view.member.placement.pane.as_ref().map_or("-", |pane| pane.id.as_str());
    match view.pane_state {
        PaneState::Alive => pane.to_owned(),
        state => format!("{pane} ({})", state.as_str()),
    }
}

/// Returns a duration as one number and its unit, or `-`.
fn age(duration: Option<Duration>) -> String {
    match duration.map(|duration| duration.as_secs()) {
        None => "-".to_owned(),
        Some(seconds @ 0..60) => format!("{seconds}s"),
        Some(seconds @ 60..3600) => format!("{}m", seconds / 60),
        Some(seconds) => format!("{}h", seconds / 3600),
    }
}

/// A member that has left.
pub(crate) struct MemberDeletedView<'a>(pub(crate) &'a Removal);

impl View for MemberDeletedView<'_> {
    fn text(&self) -> String {
        let Removal { agent, closed, .. } = self.0;
        match closed {
            Some(pane) => format!("Deleted member {} {} ({pane} closed).", agent.id, agent.name),
            None => format!("Deleted member {} {} (its pane was already gone).", agent.id, agent.name),
        }
    }

    fn json(&self) -> Value {
        let Removal { agent, closed, left } = self.0;
        let deleted = json!({
            "member_agent_id": agent.id.get(),
            "pane_id": closed.as_ref().map(PaneId::as_str),
            "status": "deleted",
        });
        with_processes(deleted, left)
    }
}

/// Says what goes on without the panes in which it was started; none when nothing does.
pub(crate) fn left_processes(left: &[LeftBehind]) -> Option<String> {
    let shown = left.iter().map(|process| format!("{} (process {})", one_line(&process.program), process.pid));
    let pids = left.iter().map(|process| process.pid.to_string()).collect::<Vec<_>>().join(" ");
    let shown = shown.collect::<Vec<_>>().join(", ");
    (!left.is_empty()).then(|| format!("Started there and still running: {shown}; end it with 'kill {pids}'."))
}

/// Adds what goes on without a pane, where something does.
pub(crate) fn with_processes(mut deleted: Value, left: &[LeftBehind]) -> Value {
    if !left.is_empty() {
        deleted["left_processes"] =
            left.iter().map(|process| json!({"pid": process.pid, "program": process.program})).collect();
    }
    deleted
}

/// The last lines of a member's pane.
pub(crate) struct CaptureView<'a> {
    pub(crate) member: AgentId,
    pub(crate) pane: &'a Pane,
    pub(crate) lines: u32,
    pub(crate) content: &'a str,
}

impl View for CaptureView<'_> {
    fn text(&self) -> String {
        self.content.to_owned()
    }

    fn json(&self) -> Value {
        json!({
            "member_agent_id": self.member.get(),
            "pane_id": self.pane.id.as_str(),
            "lines": self.lines,
            "content": self.content,
        })
    }
}

/// A shell command that was typed.
pub(crate) struct ExecView<'a> {
    pub(crate) member: AgentId,
    pub(crate) name: &'a str,
    pub(crate) pane: &'a Pane,
    pub(crate) command: &'a str,
}

impl View for ExecView<'_> {
    fn text(&self) -> String {
        format!("Sent bash command '{}' to member {} ({}).", self.command, self.name, self.pane.id)
    }

    fn json(&self) -> Value {
        json!({"member_agent_id": self.member.get(), "pane_id": self.pane.id.as_str(), "command": self.command})
    }
}

/// A member that was woken.
pub(crate) struct PingView<'a> {
    pub(crate) member: AgentId,
    pub(crate) name: &'a str,
    pub(crate) pane: &'a Pane,
}

impl View for PingView<'_> {
    fn text(&self) -> String {
        format!("Pinged member {} ({}) — poll keystroke dispatched.", self.name, self.pane.id)
    }

    fn json(&self) -> Value {
        json!({"member_agent_id": self.member.get(), "pane_id": self.pane.id.as_str()})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_one_number_and_a_unit() {
        let shown = [0, 6, 59, 60, 899, 3600, 360_000].map(|seconds| age(Some(Duration::from_secs(seconds))));
        assert_eq!(shown, ["0s", "6s", "59s", "1m", "14m", "1h", "100h"]);
        assert_eq!(age(None), "-");
    }
}
