//! What setup found and did.

use cafleet_domain::ports::Prepared;
use serde_json::{Value, json};

use super::{InitView, View};
use crate::setup::{Done, ItemReport, PermissionReport, PermissionState, Report, State};

/// What setup found and did.
pub(crate) struct SetupView<'a> {
    /// What became of the database; none when nothing was done about it.
    pub(crate) database: Option<&'a Prepared>,
    pub(crate) report: &'a Report,
}

impl View for SetupView<'_> {
    fn text(&self) -> String {
        let Report { items, permissions, problems } = self.report;
        let database = self.database.map(|database| format!("database: {}", InitView(database).text()));
        let lines =
            database.into_iter().chain(items.iter().map(item_text)).chain(permissions.iter().map(permission_text));
        let problems = problems.iter().map(|problem| format!("problem: {problem}"));
        lines.chain(problems).collect::<Vec<_>>().join("\n")
    }

    fn json(&self) -> Value {
        let Report { items, permissions, problems } = self.report;
        json!({
            "database": self.database.map(|database| InitView(database).json()),
            "items": items.iter().map(item_json).collect::<Vec<_>>(),
            "permissions": permissions.iter().map(permission_json).collect::<Vec<_>>(),
            "problems": problems,
        })
    }
}

/// Says how an item was found, in a few words.
fn state_text(state: &State) -> String {
    match state {
        State::Current => "current".to_owned(),
        State::Missing => "missing".to_owned(),
        State::OtherVersion(version) => format!("of version {version}"),
        State::Changed => "changed by hand".to_owned(),
        State::Linked(target) => format!("a link to {}", target.display()),
    }
}

fn done_name(done: Done) -> &'static str {
    match done {
        Done::Kept => "kept",
        Done::Written => "written",
        Done::Replaced => "replaced",
        Done::Left => "left",
        Done::Removed => "removed",
    }
}

fn item_text(item: &ItemReport) -> String {
    let state = state_text(&item.state);
    let told = match item.done {
        None => state,
        Some(Done::Kept) if item.state == State::Missing => "not there".to_owned(),
        Some(Done::Kept) => state,
        Some(Done::Written) if item.state == State::Missing => "written".to_owned(),
        Some(Done::Written) => format!("updated; it was {state}"),
        Some(Done::Replaced) => format!("replaced; it was {state}"),
        Some(Done::Left) => format!("left as it is: {state}"),
        Some(Done::Removed) => "removed".to_owned(),
    };
    let agents: Vec<&str> = item.agents.iter().map(|agent| agent.as_str()).collect();
    let line = format!("{}: {} {told} ({})", agents.join(", "), item.name, item.place.display());
    item.copies.iter().fold(line, |text, copy| format!("{text}\n  a copy of what was changed: {}", copy.display()))
}

fn item_json(item: &ItemReport) -> Value {
    let name = match &item.state {
        State::Current => "current",
        State::Missing => "missing",
        State::OtherVersion(_) => "other_version",
        State::Changed => "changed",
        State::Linked(_) => "linked",
    };
    let version = if let State::OtherVersion(version) = &item.state { Some(version) } else { None };
    json!({
        "agents": item.agents.iter().map(|agent| agent.as_str()).collect::<Vec<_>>(),
        "name": item.name,
        "place": item.place.display().to_string(),
        "state": name,
        "version": version,
        "done": item.done.map(done_name),
        "copies": item.copies.iter().map(|copy| copy.display().to_string()).collect::<Vec<_>>(),
    })
}

fn permission_text(permission: &PermissionReport) -> String {
    let PermissionReport { agent, file, lines, state } = permission;
    let file = file.display();
    match state {
        PermissionState::Granted => format!("{agent}: permissions current ({file})"),
        PermissionState::Added(None) => format!("{agent}: permissions written ({file})"),
        PermissionState::Added(Some(copy)) => {
            format!("{agent}: permissions written ({file})\n  a copy of what was there: {}", copy.display())
        }
        PermissionState::Missing => format!(
            "{agent}: permissions missing; to run cafleet without being asked, add to {file} \
             (cafleet setup --write-permissions does):\n  {lines}"
        ),
    }
}

fn permission_json(permission: &PermissionReport) -> Value {
    let (state, copy) = match &permission.state {
        PermissionState::Granted => ("granted", None),
        PermissionState::Missing => ("missing", None),
        PermissionState::Added(copy) => ("added", copy.as_ref().map(|copy| copy.display().to_string())),
    };
    json!({
        "agent": permission.agent.as_str(),
        "file": permission.file.display().to_string(),
        "state": state,
        "lines": permission.lines,
        "copy": copy,
    })
}
