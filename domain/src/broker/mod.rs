//! The use cases: the single way to the data, for the command line, the page and the monitor alike.
//!
//! Each service has the ports that it needs, and calls only those above it in this list:
//!
//! | Service | Does |
//! |---|---|
//! | [`PaneTyper`] | all that may press a key in a pane |
//! | [`Doorbell`] | brings what is owed to an agent into its pane |
//! | [`Mailbox`] | stores and reads messages, and hands them to the doorbell |
//! | [`Members`] | creates, shows, answers and removes agents and their panes |
//! | [`Fleets`] | creates, moves and deletes fleets, with all who are in them |
//! | [`Supervisor`] | does one step of the monitor |

mod doorbell;
mod error;
mod fleets;
mod mailbox;
mod members;
mod pane_typer;
pub(crate) mod recognising;
mod refusal;
mod required;
mod supervisor;
mod target;

use std::sync::Arc;

use crate::loop_guard::LoopLimits;
use crate::ports::{BackendLauncher, ChangeFeed, Clock, Marks, Multiplexer, OtherStores, PaneLeases, Storage};
use crate::program::Programs;

pub use doorbell::Doorbell;
pub use error::BrokerError;
pub use fleets::{FleetRemoval, Fleets, OpenPanes};
pub use mailbox::{BroadcastReport, Mailbox, Posted, SendReport};
pub use members::{
    AgentPane, Explanation, Inhabitant, MemberSpec, MemberView, Members, PaneOwner, PaneState, Removal, TakenOver,
};
pub use pane_typer::{Chosen, PaneTyper, Wanted};
pub use refusal::Refusal;
pub use supervisor::{MonitorEnd, MonitorEvent, MonitorRun, MonitoredAgent, Supervisor};

/// What the use cases are put on.
#[derive(Clone)]
pub struct Ports {
    /// The store.
    pub storage: Arc<dyn Storage>,
    /// Tells what other handles change in it.
    pub changes: Arc<dyn ChangeFeed>,
    /// The panes.
    pub multiplexer: Arc<dyn Multiplexer>,
    /// One for each [`Backend`](crate::backend::Backend).
    pub launchers: Vec<Arc<dyn BackendLauncher>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Marks for what is typed.
    pub marks: Arc<dyn Marks>,
    /// The leases on panes.
    pub leases: Arc<dyn PaneLeases>,
    /// How the stores of other databases are reached; none where they are not.
    pub other_stores: Option<Arc<dyn OtherStores>>,
}

/// What a person may set.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many Unicode scalar values of a body a preview shows.
    pub max_text_len: usize,
    /// What counts as a loop between two agents.
    pub loop_limits: LoopLimits,
    /// What is known of the agents' programs.
    pub programs: Arc<Programs>,
}

impl Options {
    /// Returns what holds where nothing but the length of previews is set.
    #[must_use]
    pub fn previewing(max_text_len: usize) -> Self {
        Self { max_text_len, loop_limits: LoopLimits::DEFAULT, programs: Arc::new(Programs::built_in()) }
    }
}

/// The services, put together.
#[derive(Clone)]
pub struct Broker {
    /// Types into panes.
    pub typer: PaneTyper,
    /// Brings messages into panes.
    pub doorbell: Doorbell,
    /// Stores and reads messages.
    pub mailbox: Mailbox,
    /// Looks after agents and their panes.
    pub members: Members,
    /// Looks after fleets.
    pub fleets: Fleets,
    /// Is the monitor.
    pub supervisor: Supervisor,
}

impl Broker {
    /// Puts the use cases on the given adapters.
    #[must_use]
    pub fn new(ports: &Ports, options: &Options) -> Self {
        let typer = PaneTyper::new(ports, options);
        let doorbell = Doorbell::new(ports, options, typer.clone());
        let mailbox = Mailbox::new(ports, doorbell.clone());
        let members = Members::new(ports, options, typer.clone(), mailbox.clone());
        let fleets = Fleets::new(ports, options, typer.clone(), members.clone());
        let supervisor = Supervisor::new(ports, &typer, &doorbell, &mailbox, &members);
        Self { typer, doorbell, mailbox, members, fleets, supervisor }
    }
}
