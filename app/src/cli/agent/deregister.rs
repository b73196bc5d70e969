//! `cafleet agent deregister`

use crate::cli::arguments::Identity;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::DeregisteredView;

/// Take an agent out of its fleet; its messages stay
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    context.broker.deregister_agent(context.fleet()?, args.identity.agent_id).await?;
    context.printer.show(&DeregisteredView)
}
