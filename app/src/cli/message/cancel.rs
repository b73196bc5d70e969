//! `cafleet message cancel`

use cafleet_domain::id::TaskId;

use crate::cli::arguments::Identity;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::{Detail, TaskView};

/// Cancel a message that is not acknowledged yet; only its sender can
///
/// Canceling the summary of a broadcast cancels all its unacknowledged messages.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,

    /// The message
    #[arg(long, value_name = "INT", allow_negative_numbers = true)]
    task_id: TaskId,

    /// Print every column, nothing truncated
    #[arg(long)]
    full: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let task = context.broker.mailbox.cancel(context.fleet()?, args.identity.agent_id, args.task_id).await?;
    let detail = Detail::of(args.full, false, context.settings.max_text_len);
    context.printer.show(&TaskView { headline: Some("Task canceled."), task: &task, delivery: None, detail })
}
