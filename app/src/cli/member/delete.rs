//! `cafleet member delete`

use crate::cli::arguments::Target;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::{MemberDeletedView, left_processes};

/// Ask a member to exit, close its pane and deregister it
///
/// Types `/exit` and waits up to 15 seconds.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// Kill the program at once, without `/exit`
    #[arg(long, short)]
    force: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    context.broker.members.require_multiplexer(fleet).await?;
    let removal = context.broker.members.delete(fleet, args.target.member_id, args.force).await?;
    context.printer.show(&MemberDeletedView(&removal))?;
    if let Some(note) = left_processes(&removal.left) {
        context.printer.note(&note);
    }
    Ok(())
}
