//! `cafleet fleet create`

use crate::cli::arguments::{CodingAgent, current_directory};
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetCreatedView;

/// Create a fleet whose Director lives in this pane, or in one that is opened for it
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What to call the fleet
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    label: Option<String>,

    /// Open a pane for the Director and start its coding agent there
    #[arg(long)]
    spawn: bool,

    /// What runs in this pane; it is recorded, and started only with --spawn
    #[arg(long, value_enum, default_value = "claude")]
    coding_agent: CodingAgent,

    /// Print every column
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let Args { label, spawn, coding_agent, .. } = args;
    let fleet = match spawn {
        true => context.broker.start_fleet(label, coding_agent.into(), current_directory()?).await?,
        false => context.broker.create_fleet(label, coding_agent.into()).await?,
    };
    context.printer.show(&FleetCreatedView { detail: &fleet, full: args.full })
}
