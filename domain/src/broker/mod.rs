//! The use cases: the single way to the data, for the command line, the page and the monitor alike.

mod agents;
mod attention;
mod background;
mod batch;
mod choosing;
mod claiming;
mod delivery;
mod echo;
mod entering;
mod error;
mod fleet_removal;
mod fleets;
mod loop_guard;
mod member_input;
mod member_removal;
mod members;
mod messaging;
mod monitoring;
mod moving;
mod panes;
mod posting;
pub(crate) mod recognising;
mod refusal;
mod restarting;
mod resting;
mod roll;
mod taking_over;
mod target;
mod typing;

use std::sync::Arc;

use crate::backend::Backend;
use crate::id::{AgentId, FleetId};
use crate::loop_guard::LoopLimits;
use crate::ports::{BackendLauncher, Clock, Marks, Multiplexer, OtherStores, PaneLeases, Storage};
use crate::screen::PatternTable;
use crate::screen::patterns::built_in;

pub use choosing::{Chosen, Wanted};
pub use error::BrokerError;
pub use fleet_removal::{FleetRemoval, Inhabitant, OpenPanes};
pub use member_input::Explanation;
pub use member_removal::Removal;
pub use members::{MemberSpec, MemberView, PaneState};
pub use messaging::{BroadcastReport, SendReport};
pub use monitoring::{MonitorEnd, MonitorEvent, MonitorRun, MonitoredAgent};
pub use panes::{AgentPane, PaneOwner};
pub use posting::Posted;
pub use refusal::Refusal;
pub use taking_over::TakenOver;

/// The use cases, over the ports.
#[derive(Clone)]
pub struct Broker {
    storage: Arc<dyn Storage>,
    multiplexer: Arc<dyn Multiplexer>,
    launchers: Vec<Arc<dyn BackendLauncher>>,
    clock: Arc<dyn Clock>,
    max_text_len: usize,
    loop_limits: LoopLimits,
    patterns: Arc<PatternTable>,
    glimpses: Arc<resting::Glimpses>,
    marks: Arc<dyn Marks>,
    leases: Arc<dyn PaneLeases>,
    other_stores: Option<Arc<dyn OtherStores>>,
}

impl Broker {
    /// Puts the use cases on the given adapters. `launchers` holds one for each [`Backend`]; `max_text_len` is the
    /// number of Unicode scalar values of a body that a preview shows.
    #[must_use]
    pub fn new(
        storage: Arc<dyn Storage>,
        multiplexer: Arc<dyn Multiplexer>,
        launchers: Vec<Arc<dyn BackendLauncher>>,
        clock: Arc<dyn Clock>,
        marks: Arc<dyn Marks>,
        leases: Arc<dyn PaneLeases>,
        max_text_len: usize,
    ) -> Self {
        Self {
            storage,
            multiplexer,
            launchers,
            clock,
            max_text_len,
            loop_limits: LoopLimits::DEFAULT,
            patterns: Arc::new(built_in()),
            marks,
            leases,
            other_stores: None,
            glimpses: Arc::default(),
        }
    }

    /// Sets what counts as a loop between two agents.
    #[must_use]
    pub fn with_loop_limits(self, loop_limits: LoopLimits) -> Self {
        Self { loop_limits, ..self }
    }

    /// Sets how the stores of other databases are reached.
    #[must_use]
    pub fn with_other_stores(self, other_stores: Arc<dyn OtherStores>) -> Self {
        Self { other_stores: Some(other_stores), ..self }
    }

    /// Sets how the screens of the agents are read.
    #[must_use]
    pub fn with_patterns(self, patterns: Arc<PatternTable>) -> Self {
        Self { patterns, ..self }
    }

    fn launcher(&self, backend: Backend) -> Result<&dyn BackendLauncher, BrokerError> {
        let found = self.launchers.iter().find(|launcher| launcher.backend() == backend);
        found.map(AsRef::as_ref).ok_or_else(|| crate::ports::LaunchError::BinaryMissing(backend.to_string()).into())
    }

    /// Fails unless the agent, active or not, belongs to the fleet.
    async fn require_agent(&self, fleet: FleetId, agent: AgentId) -> Result<crate::agent::PlacedAgent, BrokerError> {
        self.storage.find_agent(fleet, agent).await?.ok_or(BrokerError::NotInFleet { agent, fleet })
    }
}
