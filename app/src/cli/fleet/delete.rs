//! `cafleet fleet delete`

use cafleet_domain::id::FleetId;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetDeletedView;

/// Delete a fleet: deregister its agents and keep its messages
///
/// It closes no panes: delete the members first.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The fleet
    #[arg(value_name = "FLEET_ID", allow_negative_numbers = true)]
    id: FleetId,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let deregistered = context.broker.delete_fleet(args.id).await?;
    context.printer.show(&FleetDeletedView { fleet: args.id, deregistered })
}
