//! `cafleet db restore`

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::RestoreView;

/// Put a backup in the place of the database
///
/// The backup is checked and stays as it is. What was there, damaged or not, is kept beside the database. Nothing may
/// use the database meanwhile. Never copy a file over the database: what SQLite keeps beside it would destroy the copy.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The backup, as `db backup` and `db init` make it
    file: PathBuf,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let restored = context.adapters.maintenance.restore(&args.file).await?;
    context.printer.show(&RestoreView {
        from: &args.file,
        to: &context.adapters.maintenance.location(),
        restored: &restored,
    })
}
