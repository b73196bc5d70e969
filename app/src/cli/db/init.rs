//! `cafleet db init`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::InitView;

/// Create the database, or migrate it to the newest schema
///
/// Before an upgrade, a backup is made beside the file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: Args, context: &Context) -> Result<(), CommandError> {
    let outcome = context.adapters.maintenance.prepare().await?;
    context.printer.show(&InitView(&outcome))
}
