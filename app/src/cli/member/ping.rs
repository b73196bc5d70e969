//! `cafleet member ping`

use crate::cli::arguments::Target;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::PingView;

/// Make a member poll its inbox
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// Print nothing
    #[arg(long)]
    quiet: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    context.broker.members.require_multiplexer(fleet).await?;
    let member = args.target.member_id;
    let (name, pane) = context.broker.members.ping(fleet, member).await?;
    if args.quiet {
        return Ok(());
    }
    context.printer.show(&PingView { member, name: &name, pane: &pane })
}
