//! `cafleet fleet move`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetShownView;

/// Make this pane the pane of the fleet's Director
///
/// Use this when the Director's pane was closed, or to continue in another pane. Messages are kept, and new members open
/// beside the new pane. Name the fleet with --fleet-id.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Move even if the agent in the old pane still runs or cannot be checked; it keeps running without the fleet
    #[arg(long, short)]
    force: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.broker.fleets.move_here(context.fleet()?, args.force).await?;
    context.printer.show(&FleetShownView(&fleet))
}
