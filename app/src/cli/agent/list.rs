//! `cafleet agent list`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::AgentListView;

/// List the active agents of a fleet
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print every column
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let agents = context.broker.members.list_agents(context.fleet()?).await?;
    context.printer.show(&AgentListView { agents: &agents, full: args.full })
}
