//! `cafleet daemon stop`

use cafleet_domain::broker::BrokerError;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::DaemonStoppedView;

/// Stop the daemon of the embedded terminals; without panes it stops by itself
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Also end the agents in its panes
    #[arg(long, short)]
    force: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let daemon = &context.adapters.daemon;
    let status = daemon.status().await.map_err(BrokerError::from)?;
    if let Some(status) = status.as_ref().filter(|status| !status.same_protocol && !args.force) {
        return Err(super::not_understood(status));
    }
    let panes = status.map_or(0, |status| status.panes.len());
    if panes > 0 && !args.force {
        let message = format!("{panes} panes are open; --force ends them with the agents in them");
        return Err(CommandError::failure("panes_open", message));
    }
    let process = daemon.stop().await.map_err(BrokerError::from)?;
    context.printer.show(&DaemonStoppedView { process })
}
