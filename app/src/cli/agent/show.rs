//! `cafleet agent show`

use cafleet_domain::id::AgentId;

use crate::cli::arguments::Identity;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::AgentView;

/// Show an agent of the fleet, active or not
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,

    /// The agent to show
    #[arg(long, value_name = "INT", allow_negative_numbers = true)]
    id: AgentId,

    /// Print every column
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let placed = context.broker.members.show_agent(context.fleet()?, args.identity.agent_id, args.id).await?;
    context.printer.show(&AgentView { placed: &placed, full: args.full })
}
