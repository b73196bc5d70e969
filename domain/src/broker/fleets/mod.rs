//! Fleets: creating, showing, moving and deleting them, with all who are in them.

mod creation;
mod moving;
mod removal;

use std::sync::Arc;

use crate::ports::{Clock, Multiplexer, OtherStores, Storage};
use crate::program::Programs;

use super::{Members, Options, PaneTyper, Ports};

pub use removal::{FleetRemoval, OpenPanes};

/// Looks after fleets.
#[derive(Clone)]
pub struct Fleets {
    storage: Arc<dyn Storage>,
    multiplexer: Arc<dyn Multiplexer>,
    other_stores: Option<Arc<dyn OtherStores>>,
    clock: Arc<dyn Clock>,
    programs: Arc<Programs>,
    typer: PaneTyper,
    members: Members,
}

impl Fleets {
    pub(crate) fn new(ports: &Ports, options: &Options, typer: PaneTyper, members: Members) -> Self {
        Self {
            storage: Arc::clone(&ports.storage),
            multiplexer: Arc::clone(&ports.multiplexer),
            other_stores: ports.other_stores.clone(),
            clock: Arc::clone(&ports.clock),
            programs: Arc::clone(&options.programs),
            typer,
            members,
        }
    }
}
