//! `cafleet message ack`

use cafleet_domain::id::TaskId;

use crate::cli::arguments::Identity;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::{Detail, TaskView};

/// Acknowledge a message; only its recipient can
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,

    /// The message
    #[arg(long, value_name = "INT", allow_negative_numbers = true)]
    task_id: TaskId,

    /// Print every column, nothing truncated
    #[arg(long, conflicts_with = "quiet")]
    full: bool,

    /// Print the task id alone
    #[arg(long)]
    quiet: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let task = context.broker.mailbox.acknowledge(context.fleet()?, args.identity.agent_id, args.task_id).await?;
    let detail = Detail::of(args.full, args.quiet, context.settings.max_text_len);
    context.printer.show(&TaskView { headline: Some("Message acknowledged."), task: &task, delivery: None, detail })
}
