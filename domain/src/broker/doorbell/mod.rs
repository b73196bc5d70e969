//! The doorbell: from a committed row to the agent's eyes.

mod batch;
mod delivery;
mod loops;

use std::sync::Arc;

use crate::loop_guard::LoopLimits;
use crate::ports::storage::{AgentStore, DeliveryStore};
use crate::ports::{Clock, Marks, OtherStores};

use super::{Options, PaneTyper, Ports};

/// Brings what is owed to agents into their panes, and keeps the record of it.
#[derive(Clone)]
pub struct Doorbell {
    deliveries: Arc<dyn DeliveryStore>,
    agents: Arc<dyn AgentStore>,
    other_stores: Option<Arc<dyn OtherStores>>,
    typer: PaneTyper,
    clock: Arc<dyn Clock>,
    marks: Arc<dyn Marks>,
    max_text_len: usize,
    loop_limits: LoopLimits,
}

impl Doorbell {
    pub(crate) fn new(ports: &Ports, options: &Options, typer: PaneTyper) -> Self {
        Self {
            deliveries: ports.storage.clone(),
            agents: ports.storage.clone(),
            other_stores: ports.other_stores.clone(),
            typer,
            clock: Arc::clone(&ports.clock),
            marks: Arc::clone(&ports.marks),
            max_text_len: options.max_text_len,
            loop_limits: options.loop_limits,
        }
    }
}
