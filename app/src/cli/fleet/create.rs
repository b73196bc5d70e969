//! `cafleet fleet create`

use crate::cli::arguments::CodingAgent;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetCreatedView;

/// Create a fleet whose Director lives in this pane
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to call the fleet
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    label: Option<String>,

    /// What runs in this pane; it is recorded, not started
    #[arg(long, value_enum, default_value = "claude")]
    coding_agent: CodingAgent,

    /// Print every column
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.broker.create_fleet(args.label, args.coding_agent.into()).await?;
    context.printer.show(&FleetCreatedView { detail: &fleet, full: args.full })
}
