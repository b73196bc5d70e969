//! `cafleet member restart`

use crate::cli::arguments::{Target, current_directory};
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::MemberCreatedView;

/// Restart a member whose program has ended, in a new pane
///
/// It keeps its id, its name and its inbox. The program, the model and the directory are those that it was created with;
/// its conversation is a new one, with a prompt to read its messages.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// End the program in its pane first: ask it to exit, and kill it if it has not exited within 15 seconds
    #[arg(long, short)]
    force: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let (fleet, directory) = (context.fleet()?, current_directory()?);
    let started = context.broker.members.restart(fleet, args.target.member_id, args.force, directory).await?;
    context.printer.show(&MemberCreatedView { agent: &started.0, placement: &started.1 })
}
