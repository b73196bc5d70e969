//! `cafleet monitor start`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::monitor::Monitor;

/// Supervise a fleet: retry pending notifications, wake agents that are due, alert the Director to agents that need
/// attention
///
/// It runs in the foreground until Ctrl-C, until the fleet is deleted, or until the Director's pane is gone. It spends
/// no tokens.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Seconds between two ticks
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(i64).range(1..=3600))]
    tick: i64,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let monitor = Monitor {
        supervisor: &context.broker.supervisor,
        store: context.adapters.maintenance.as_ref(),
        clock: context.adapters.clock.as_ref(),
        printer: context.printer,
    };
    monitor.run(context.fleet()?, args.tick).await
}
