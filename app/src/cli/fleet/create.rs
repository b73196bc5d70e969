//! `cafleet fleet create`

use cafleet_domain::backend::Backend;

use crate::cli::arguments::{coding_agent, current_directory};
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetCreatedView;

/// Create a fleet with its Director in this pane, or in a new one
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Label of the fleet
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    label: Option<String>,

    /// Open a pane for the Director and start its coding agent there
    #[arg(long)]
    spawn: bool,

    /// Coding agent in this pane, or to start with --spawn; by default the one detected in front of this pane, else claude
    #[arg(long, value_parser = coding_agent())]
    coding_agent: Option<Backend>,

    /// Create another fleet even if this pane already belongs to one
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
