//! Who receives a broadcast, and what its sender keeps of it.

use crate::agent::{Agent, AgentKind};
use crate::id::AgentId;

/// Tells whether `agent` receives a broadcast of `sender`: it is active, not the sender, and no Administrator.
#[must_use]
pub fn receives(agent: &Agent, sender: AgentId) -> bool {
    agent.is_active() && agent.id != sender && agent.kind != AgentKind::Administrator
}

/// Returns the text of the summary task.
#[must_use]
pub fn summary_text(recipients: usize) -> String {
    format!("Broadcast sent to {recipients} recipients")
}
