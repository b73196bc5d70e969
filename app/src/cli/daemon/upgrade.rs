//! `cafleet daemon upgrade`

use cafleet_domain::broker::BrokerError;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::DaemonView;

/// Replace the running daemon with this version of cafleet; all panes are kept
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: Args, context: &Context) -> Result<(), CommandError> {
    let status = context.adapters.daemon.upgrade().await.map_err(BrokerError::from)?;
    context.printer.show(&DaemonView { status: status.as_ref() })
}
