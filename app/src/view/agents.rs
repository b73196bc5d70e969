//! Agents.

use cafleet_domain::agent::{Agent, AgentStatus, PlacedAgent};
use cafleet_domain::text::{one_line, truncate};
use serde_json::{Value, json};

use super::{View, labelled};

const LABEL_WIDTH: usize = 13;
const LISTED_DESCRIPTION_CHARS: usize = 60;

/// A new agent.
pub(crate) struct RegisteredView<'a>(pub(crate) &'a Agent);

impl View for RegisteredView<'_> {
    fn text(&self) -> String {
        let Agent { id, name, .. } = self.0;
        format!("Agent registered successfully!\n  agent_id:  {id}\n  name:      {name}")
    }

    fn json(&self) -> Value {
        let Agent { id, name, registered_at, .. } = self.0;
        json!({"agent_id": id.get(), "name": name, "registered_at": registered_at.to_string()})
    }
}

/// The agents of a fleet.
pub(crate) struct AgentListView<'a> {
    pub(crate) agents: &'a [Agent],
    pub(crate) full: bool,
}

impl View for AgentListView<'_> {
    fn text(&self) -> String {
        if self.agents.is_empty() {
            return "No agents found.".to_owned();
        }
        let shown = self.agents.iter().map(|agent| agent_text(agent, self.full));
        shown.collect::<Vec<_>>().join("\n\n")
    }

    fn json(&self) -> Value {
        self.agents.iter().map(|agent| agent_json(agent, self.full)).collect()
    }
}

/// One agent.
pub(crate) struct AgentView<'a> {
    pub(crate) placed: &'a PlacedAgent,
    pub(crate) full: bool,
}

impl View for AgentView<'_> {
    fn text(&self) -> String {
        agent_text(&self.placed.agent, self.full)
    }

    fn json(&self) -> Value {
        let mut value = agent_json(&self.placed.agent, self.full);
        if let Some(placement) = &self.placed.placement {
            value["coding_agent"] = placement.coding_agent.as_str().into();
        }
        value
    }
}

fn agent_text(agent: &Agent, full: bool) -> String {
    let Agent { id, name, description, status, .. } = agent;
    if !full {
        return format!("{id} {} {}", one_line(name), status.as_str());
    }
    labelled(
        LABEL_WIDTH,
        &[
            ("agent_id", id.to_string()),
            ("name", name.clone()),
            ("description", one_line(description)),
            ("status", status.as_str().to_owned()),
        ],
    )
}

fn agent_json(agent: &Agent, full: bool) -> Value {
    let Agent { id, fleet, name, description, kind, status, registered_at, skills: _ } = agent;
    if !full {
        let description = truncate(description, LISTED_DESCRIPTION_CHARS);
        return json!({"id": id.get(), "name": name, "description": description, "status": status.as_str()});
    }
    let deregistered_at = match status {
        AgentStatus::Active => None,
        AgentStatus::Deregistered(time) => Some(time.to_string()),
    };
    json!({
        "agent_id": id.get(),
        "fleet_id": fleet.get(),
        "name": name,
        "description": description,
        "kind": kind.as_str(),
        "status": status.as_str(),
        "registered_at": registered_at.to_string(),
        "deregistered_at": deregistered_at,
    })
}

/// An agent that has left.
pub(crate) struct DeregisteredView;

impl View for DeregisteredView {
    fn text(&self) -> String {
        "Agent deregistered successfully.".to_owned()
    }

    fn json(&self) -> Value {
        json!({"status": "deregistered"})
    }
}
