//! The pane that something is typed into, and whose it is.

use std::sync::{Arc, Mutex, PoisonError};

use crate::agent::PlacedAgent;
use crate::backend::Backend;
use crate::id::AgentId;
use crate::placement::Pane;
use crate::ports::Front;
use crate::process::AgentProcess;

/// Whose pane it is.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) agent: AgentId,
    pub(crate) name: String,
    pub(crate) pane: Pane,
    pub(crate) backend: Backend,
    /// The process that was recognised as the agent before.
    pub(crate) known: Option<AgentProcess>,
    /// The program that had the pane when the agent was last seen to be in front of it.
    front: Arc<Mutex<Front>>,
}

impl Target {
    /// Returns the target for an agent that has a pane.
    pub(crate) fn of(placed: &PlacedAgent) -> Option<Self> {
        let placement = placed.placement.as_ref()?;
        let pane = placement.pane.clone()?;
        let PlacedAgent { agent, .. } = placed;
        Some(Self {
            agent: agent.id,
            name: agent.name.clone(),
            pane,
            backend: placement.coding_agent,
            known: placement.agent_process.clone(),
            front: Arc::default(),
        })
    }

    /// Returns the program that what is typed is meant for.
    pub(crate) fn front(&self) -> Front {
        self.front.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers the program that what is typed is meant for. Returns whether it is a new one.
    pub(crate) fn meet(&self, front: &Front) -> bool {
        let mut known = self.front.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *known != *front;
        front.clone_into(&mut known);
        is_new
    }

    /// Returns the target with another agent's program in the pane.
    pub(crate) fn with_backend(self, backend: Backend) -> Self {
        Self { backend, ..self }
    }
}
