//! `cafleet db restore`

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::RestoreView;

/// Replace the database with a backup
///
/// The backup is checked first and is not changed. The current database, damaged or not, is kept under another name beside
/// the new one. No other process may use the database meanwhile. Do not restore by copying a file over the database: the
/// files that SQLite keeps beside it would destroy the copy.
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
