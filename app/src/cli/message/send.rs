//! `cafleet message send`

use cafleet_domain::id::AgentId;

use crate::cli::arguments::{Body, Identity};
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::{Detail, SentView};

/// Send a message to one agent
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,

    /// The recipient
    #[arg(long, value_name = "INT", allow_negative_numbers = true)]
    to: AgentId,

    #[command(flatten)]
    body: Body,

    /// Print every column, nothing truncated
    #[arg(long, conflicts_with = "quiet")]
    full: bool,

    /// Print the task id alone
    #[arg(long)]
    quiet: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let text = args.body.read()?;
    let report = context.broker.mailbox.send(fleet, args.identity.agent_id, args.to, text).await?;
    let detail = Detail::of(args.full, args.quiet, context.settings.max_text_len);
    context.printer.show(&SentView { report: &report, detail })
}
