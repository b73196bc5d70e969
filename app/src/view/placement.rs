//! Where an agent lives.

use cafleet_domain::id::AgentId;
use cafleet_domain::placement::Placement;
use serde_json::{Value, json};

/// Returns a placement with its pane's names; they are null while the spawn has not ended.
pub(super) fn placement_json(placement: &Placement) -> Value {
    let pane = placement.pane.as_ref();
    json!({
        "director_agent_id": placement.director.map(AgentId::get),
        "tmux_session": pane.map(|pane| pane.session.as_str()),
        "tmux_window_id": pane.map(|pane| pane.window.as_str()),
        "tmux_pane_id": pane.map(|pane| pane.id.as_str()),
        "coding_agent": placement.coding_agent.as_str(),
        "created_at": placement.created_at.to_string(),
    })
}
