//! `cafleet message poll`

use std::time::Duration;

use crate::cli::arguments::Identity;
use crate::cli::context::Context;
use crate::cli::duration;
use crate::error::CommandError;
use crate::view::{Detail, InboxView};

/// Show the messages that an agent has not acknowledged, oldest first
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,

    /// Print every column, nothing truncated
    #[arg(long)]
    full: bool,

    /// If there are none, wait up to this long for one
    #[arg(long, value_name = "SECONDS", value_parser = duration::seconds, allow_negative_numbers = true)]
    wait: Option<Duration>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let tasks = context.broker.mailbox.poll(fleet, args.identity.agent_id, args.wait).await?;
    let detail = Detail::of(args.full, false, context.settings.max_text_len);
    context.printer.show(&InboxView { tasks: &tasks, detail })
}
