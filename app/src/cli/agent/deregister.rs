//! `cafleet agent deregister`

use crate::cli::arguments::Identity;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::DeregisteredView;

/// Take an agent out of its fleet; its messages stay
///
/// A member that lives in a pane is ended with `member delete` instead.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,

    /// Deregister a member that lives in a pane, and let it go on there
    #[arg(long)]
    leave: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    context.broker.members.deregister_agent(context.fleet()?, args.identity.agent_id, args.leave).await?;
    context.printer.show(&DeregisteredView)
}
