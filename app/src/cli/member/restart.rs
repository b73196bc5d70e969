//! `cafleet member restart`

use crate::cli::arguments::{Target, current_directory};
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::MemberCreatedView;

/// Start a member again whose program has ended, in a new pane
///
/// It keeps its id, its name and its inbox, and starts with the program, the model and the directory that it was created with,
/// as a new conversation that is told to read its messages.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// End what lives in its pane first: it is asked to leave, and ended when it does not within 15 seconds
    #[arg(long, short)]
    force: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let (fleet, directory) = (context.fleet()?, current_directory()?);
    let started = context.broker.members.restart(fleet, args.target.member_id, args.force, directory).await?;
    context.printer.show(&MemberCreatedView { agent: &started.0, placement: &started.1 })
}
