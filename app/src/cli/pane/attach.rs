//! `cafleet pane attach`

use cafleet_domain::broker::PaneOwner;
use cafleet_domain::text::one_line;

use super::named::PaneName;
use crate::cli::attach::{Looks, Shown, show};
use crate::cli::context::Context;
use crate::error::CommandError;

/// Show a pane in this terminal as `cafleet attach` does, even if its agent or fleet is gone
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The pane, as shown by `cafleet pane list`
    #[arg(value_name = "PANE")]
    pane: PaneName,

    #[command(flatten)]
    looks: Looks,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let found = args.pane.find(context).await?;
    let (agent, name) = match found.owner {
        PaneOwner::Agent { agent, .. } => (Some((agent.fleet, agent.id)), agent.name),
        PaneOwner::Former { name, .. } => (None, name),
        PaneOwner::Unknown(tag) => (None, tag),
    };
    let name = one_line(&name);
    show(Shown { agent, name, pane: found.pane }, args.looks, context).await
}
