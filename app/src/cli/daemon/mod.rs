//! `cafleet daemon`

mod status;
mod stop;
mod upgrade;

use cafleet_domain::ports::DaemonStatus;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Status(status::Args),
    Stop(stop::Args),
    Upgrade(upgrade::Args),
}

/// Says that the panes of a daemon are not known.
pub(super) fn not_understood(status: &DaemonStatus) -> CommandError {
    let DaemonStatus { pid, build, .. } = status;
    let message = format!(
        "the terminal daemon (process {pid}) is of cafleet {build}, and its panes are not known to this one; run 'cafleet \
         daemon upgrade'"
    );
    CommandError::failure("multiplexer", message)
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::Status(args) => status::run(args, context).await,
        Verb::Stop(args) => stop::run(args, context).await,
        Verb::Upgrade(args) => upgrade::run(args, context).await,
    }
}
