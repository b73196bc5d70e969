//! `cafleet fleet show`

use cafleet_domain::id::FleetId;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetShownView;

/// Show a fleet, live or deleted
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The fleet
    #[arg(value_name = "FLEET_ID", allow_negative_numbers = true)]
    id: FleetId,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    context.printer.show(&FleetShownView(&context.broker.show_fleet(args.id).await?))
}
