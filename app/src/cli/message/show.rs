//! `cafleet message show`

use cafleet_domain::id::TaskId;

use crate::cli::arguments::Identity;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::{Detail, TaskView};

/// Show a message of the fleet and the state of its notification
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
    let shown = context.broker.mailbox.show(context.fleet()?, args.identity.agent_id, args.task_id).await?;
    let (task, delivery) = (&shown.0, shown.1.as_ref());
    let detail = Detail::of(args.full, false, context.settings.max_text_len);
    context.printer.show(&TaskView { headline: None, task, delivery, detail })
}
