//! Panes that carry agents.

use cafleet_domain::broker::{AgentPane, PaneOwner, PaneState};
use cafleet_domain::placement::Pane;
use serde_json::{Value, json};

use super::{View, table};

/// Returns how `cafleet pane` names a pane.
pub(crate) fn pane_name(pane: &Pane) -> String {
    format!("{}:{}", pane.multiplexer, pane.id)
}

/// Returns how `cafleet pane` names a pane that another server of the same multiplexer may have too.
pub(crate) fn full_pane_name(pane: &Pane) -> String {
    format!("{}.{}:{}", pane.multiplexer, pane.server.pid, pane.id)
}

/// The panes that carry agents.
pub(crate) struct AgentPanesView<'a>(pub(crate) &'a [AgentPane]);

impl View for AgentPanesView<'_> {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No panes found.".to_owned();
        }
        let header = ["PANE", "FLEET", "AGENT", "NAME", "PROGRAM", "STATE"].map(str::to_owned).to_vec();
        let rows = self.0.iter().map(|known| self.row(known));
        table::aligned(&std::iter::once(header).chain(rows).collect::<Vec<_>>()).join("\n")
    }

    fn json(&self) -> Value {
        self.0.iter().map(|known| self.row_json(known)).collect()
    }
}

impl AgentPanesView<'_> {
    /// Returns the shortest name that no other pane of the list has.
    fn name(&self, pane: &Pane) -> String {
        let name = pane_name(pane);
        let is_other = |known: &&AgentPane| known.pane.server != pane.server && pane_name(&known.pane) == name;
        if self.0.iter().any(|known| is_other(&known)) { full_pane_name(pane) } else { name }
    }

    fn row(&self, known: &AgentPane) -> Vec<String> {
        let (fleet, agent, name) = match &known.owner {
            PaneOwner::Agent { agent, .. } => (agent.fleet.to_string(), agent.id.to_string(), agent.name.clone()),
            PaneOwner::Former { fleet, agent, name } => {
                (fleet.id.to_string(), agent.to_string(), format!("{name} (has left)"))
            }
            PaneOwner::Unknown(tag) => ("-".to_owned(), "-".to_owned(), format!("{tag} (not of this database)")),
        };
        let program = if known.program.is_empty() { "-".to_owned() } else { known.program.clone() };
        vec![self.name(&known.pane), fleet, agent, name, program, state(known.state).to_owned()]
    }

    fn row_json(&self, known: &AgentPane) -> Value {
        let (owner, fleet, agent, name) = match &known.owner {
            PaneOwner::Agent { agent, .. } => ("agent", Some(agent.fleet), Some(agent.id), agent.name.as_str()),
            PaneOwner::Former { fleet, agent, name } => ("former", Some(fleet.id), Some(*agent), name.as_str()),
            PaneOwner::Unknown(tag) => ("unknown", None, None, tag.as_str()),
        };
        json!({
            "pane": self.name(&known.pane),
            "server_pid": known.pane.server.pid,
            "pid": known.pane.pid,
            "owner": owner,
            "fleet_id": fleet.map(|id| id.get()),
            "agent_id": agent.map(|id| id.get()),
            "name": name,
            "program": known.program,
            "state": state(known.state),
        })
    }
}

fn state(state: PaneState) -> &'static str {
    match state {
        PaneState::Unknown => "unreachable",
        known => known.as_str(),
    }
}

/// A pane that was closed.
pub(crate) struct PaneClosedView<'a>(pub(crate) &'a Pane);

impl View for PaneClosedView<'_> {
    fn text(&self) -> String {
        format!("Closed pane {}.", pane_name(self.0))
    }

    fn json(&self) -> Value {
        json!({"pane": pane_name(self.0), "status": "closed"})
    }
}
