//! `cafleet message broadcast`

use crate::cli::arguments::{Body, Identity};
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::{BroadcastView, Detail};

/// Send a message to every other active agent of the fleet
///
/// Administrators do not receive it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,

    #[command(flatten)]
    body: Body,

    /// Print every column, nothing truncated
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let text = args.body.read()?;
    let report = context.broker.mailbox.broadcast(fleet, args.identity.agent_id, text).await?;
    let detail = Detail::of(args.full, false, context.settings.max_text_len);
    context.printer.show(&BroadcastView { report: &report, detail })
}
