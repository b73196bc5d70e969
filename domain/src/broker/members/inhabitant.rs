//! Agents that live in panes.

use crate::agent::{AgentKind, PlacedAgent};
use crate::id::AgentId;
use crate::placement::{MultiplexerKind, Pane};
use crate::ports::Look;

use super::Members;

/// An agent that has a pane, or may have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inhabitant {
    /// The agent.
    pub agent: AgentId,
    /// Its name.
    pub name: String,
    /// Its pane; none while its spawn has not ended.
    pub pane: Option<Pane>,
    /// A person opened the pane by hand; it is never closed.
    pub is_persons_own: bool,
    /// Why nothing is known of the pane, and what brings it back; none when it is there.
    pub unreachable: Option<String>,
}

impl Inhabitant {
    /// Tells whether the pane is there and is ours to close.
    pub(crate) fn can_be_closed(&self) -> bool {
        self.pane.is_some() && self.unreachable.is_none() && !self.is_persons_own
    }
}

impl Members {
    /// Returns an agent with its pane; none when it is proven that it has none, or that its program has ended there.
    pub(crate) async fn inhabitant(&self, placed: &PlacedAgent) -> Option<Inhabitant> {
        let placement = placed.placement.as_ref()?;
        let is_director = placed.agent.kind == AgentKind::Director;
        let found = Inhabitant {
            agent: placed.agent.id,
            name: placed.agent.name.clone(),
            pane: placement.pane.clone(),
            is_persons_own: is_director && placement.multiplexer == MultiplexerKind::Tmux,
            unreachable: None,
        };
        let Some(pane) = &placement.pane else { return Some(found) };
        match self.multiplexer.look(pane).await {
            Ok(Look::Gone(_)) => self.multiplexer.is_outlived(pane).await.then_some(found),
            Ok(Look::Seen(view)) if view.dead => None,
            Ok(Look::Seen(_)) => Some(found),
            Err(error) => Some(Inhabitant { unreachable: Some(error.to_string()), ..found }),
        }
    }
}
