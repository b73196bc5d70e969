//! `cafleet monitor config`

use cafleet_domain::id::AgentId;
use cafleet_domain::ports::storage::MonitorChange;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::MonitorConfigView;

/// Show or change when the monitor wakes an agent
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The agent that the monitor wakes
    #[arg(long, value_name = "INT", allow_negative_numbers = true)]
    agent_id: AgentId,

    /// Seconds between two wakes
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true,
          value_parser = clap::value_parser!(i64).range(1..=31_536_000))]
    interval: Option<i64>,

    /// Wake the agent
    #[arg(long)]
    enable: bool,

    /// Do not wake the agent
    #[arg(long)]
    disable: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let enabled = match (args.enable, args.disable) {
        (true, true) => return Err(CommandError::usage("--enable and --disable are mutually exclusive.")),
        (false, false) => None,
        (enable, _) => Some(enable),
    };
    let change = MonitorChange { interval_seconds: args.interval, enabled };
    let config = context.broker.supervisor.configure(context.fleet()?, args.agent_id, change).await?;
    context.printer.show(&MonitorConfigView(&config))
}
