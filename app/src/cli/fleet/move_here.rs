//! `cafleet fleet move`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetShownView;

/// Make this pane that of the fleet's Director
///
/// For a Director whose pane was closed, or that is to go on elsewhere. Messages wait for it, and new members open beside it.
/// The fleet is named with --fleet-id.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also while the Director's agent still lives in its old pane, which goes on without the fleet, or nothing is known of it
    #[arg(long, short)]
    force: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.broker.fleets.move_here(context.fleet()?, args.force).await?;
    context.printer.show(&FleetShownView(&fleet))
}
