//! `cafleet message broadcast`

use crate::cli::arguments::{self, Identity};
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

    /// The body, up to 1 MiB; `-` reads standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: String,

    /// Print every column, nothing truncated
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let text = arguments::body(args.text)?;
    let report = context.broker.broadcast_message(fleet, args.identity.agent_id, text).await?;
    let detail = Detail::of(args.full, false, context.settings.max_text_len);
    context.printer.show(&BroadcastView { report: &report, detail })
}
