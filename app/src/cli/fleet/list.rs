//! `cafleet fleet list`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetListView;

/// List the live fleets, newest first
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: Args, context: &Context) -> Result<(), CommandError> {
    context.printer.show(&FleetListView(&context.broker.fleets.list().await?))
}
