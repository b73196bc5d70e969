//! `cafleet daemon status`

use cafleet_domain::broker::BrokerError;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::DaemonView;

/// Show whether the daemon of the embedded terminals runs
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: Args, context: &Context) -> Result<(), CommandError> {
    let status = context.adapters.daemon.status().await.map_err(BrokerError::from)?;
    context.printer.show(&DaemonView { status: status.as_ref() })
}
