//! `cafleet agent deregister`

use cafleet_domain::id::AgentId;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::DeregisteredView;

/// Deregister an agent; its messages are kept
///
/// For a member that runs in a pane, use `member delete` instead.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The agent to deregister
    #[arg(long, value_name = "INT", allow_negative_numbers = true)]
    agent_id: AgentId,

    /// Deregister a member that runs in a pane, and leave it running there
    #[arg(long)]
    leave: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    context.broker.members.deregister_agent(context.fleet()?, args.agent_id, args.leave).await?;
    context.printer.show(&DeregisteredView)
}
