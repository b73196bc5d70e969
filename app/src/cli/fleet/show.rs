//! `cafleet fleet show`

use cafleet_domain::fleet::FleetRef;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetShownView;

/// Show a fleet, live or deleted
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The fleet
    #[arg(value_name = "FLEET_ID", allow_negative_numbers = true)]
    id: FleetRef,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.broker.fleets.resolve(args.id).await?;
    context.printer.show(&FleetShownView(&context.broker.fleets.show(fleet).await?))
}
