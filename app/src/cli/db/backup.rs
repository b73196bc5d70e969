//! `cafleet db backup`

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::BackupView;

/// Copy the database consistently while others write
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The copy; must not exist yet
    file: PathBuf,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    context.adapters.maintenance.backup(&args.file).await?;
    context.printer.show(&BackupView(&args.file))
}
