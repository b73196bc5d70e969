//! `cafleet db check`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::CheckView;

/// Check the integrity and the invariants of the database
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: Args, context: &Context) -> Result<(), CommandError> {
    let findings = context.adapters.maintenance.check().await?;
    context.printer.show(&CheckView(&findings))?;
    match findings.len() {
        0 => Ok(()),
        1 => Err(CommandError::failure("check_failed", "the database has 1 problem")),
        n => Err(CommandError::failure("check_failed", format!("the database has {n} problems"))),
    }
}
