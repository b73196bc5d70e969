//! The monitor's step: who is due, who needs somebody, what is overdue.

mod alerts;
mod monitoring;

use std::sync::Arc;

use crate::agent::PlacedAgent;
use crate::ports::storage::Enrolment;
use crate::ports::{Clock, Multiplexer, Storage};

use super::{Doorbell, Mailbox, Members, PaneTyper, Ports};

pub use monitoring::{MonitorEnd, MonitorEvent, MonitorRun, MonitoredAgent};

/// Does the steps of the monitor.
#[derive(Clone)]
pub struct Supervisor {
    storage: Arc<dyn Storage>,
    multiplexer: Arc<dyn Multiplexer>,
    clock: Arc<dyn Clock>,
    typer: PaneTyper,
    doorbell: Doorbell,
    mailbox: Mailbox,
    members: Members,
}

impl Supervisor {
    pub(crate) fn new(
        ports: &Ports,
        typer: &PaneTyper,
        doorbell: &Doorbell,
        mailbox: &Mailbox,
        members: &Members,
    ) -> Self {
        Self {
            storage: Arc::clone(&ports.storage),
            multiplexer: Arc::clone(&ports.multiplexer),
            clock: Arc::clone(&ports.clock),
            typer: typer.clone(),
            doorbell: doorbell.clone(),
            mailbox: mailbox.clone(),
            members: members.clone(),
        }
    }
}

/// Returns an enrolled agent with its placement.
fn placed(enrolment: &Enrolment) -> PlacedAgent {
    PlacedAgent { agent: enrolment.agent.clone(), placement: Some(enrolment.placement.clone()) }
}
