//! `cafleet monitor status`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::MonitorStatusView;

/// Show whether a fleet's monitor runs, and when it wakes each agent
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Explain for each agent why it is due or not
    #[arg(long)]
    explain: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let (heartbeat, agents) = context.broker.supervisor.status(context.fleet()?).await?;
    let now = context.adapters.clock.now();
    context.printer.show(&MonitorStatusView { heartbeat, agents: &agents, explain: args.explain, now })
}
