//! `cafleet fleet delete`

use cafleet_domain::fleet::FleetRef;

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
    id: FleetRef,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.broker.resolve_fleet(args.id).await?;
    let deregistered = context.broker.delete_fleet(fleet).await?;
    context.printer.show(&FleetDeletedView { fleet, deregistered })
}
