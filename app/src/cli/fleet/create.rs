//! `cafleet fleet create`

use cafleet_domain::backend::Backend;

use crate::cli::arguments::{coding_agent, current_directory};
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

    /// What runs in this pane; with --spawn, what is started. Without it: the agent that is seen in front of the pane, else claude
    #[arg(long, value_parser = coding_agent())]
    coding_agent: Option<Backend>,

    /// Create another fleet in a pane that belongs to one already
    #[arg(long, conflicts_with = "spawn")]
    again: bool,

    /// Print every column
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let Args { label, spawn, coding_agent, again, .. } = args;
    let fleet = match spawn {
        true => {
            let coding_agent = coding_agent.unwrap_or(Backend::CLAUDE);
            context.broker.fleets.start(label, coding_agent, current_directory()?).await?
        }
        false => context.broker.fleets.create(label, coding_agent, again).await?,
    };
    context.printer.show(&FleetCreatedView { detail: &fleet, full: args.full })
}
