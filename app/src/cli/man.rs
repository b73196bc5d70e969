//! `cafleet man`

use std::path::PathBuf;

use crate::error::CommandError;
use crate::printer::Printer;

/// Write the manual pages into a directory
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory; created if missing
    dir: PathBuf,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<(), CommandError> {
    let written =
        std::fs::create_dir_all(&args.dir).and_then(|()| clap_mangen::generate_to(super::command(), &args.dir));
    written.map_err(|error| {
        CommandError::failure("output", format!("cannot write manual pages to {}: {error}", args.dir.display()))
    })?;
    printer.text(&format!("Manual pages written to {}.", args.dir.display()))
}
