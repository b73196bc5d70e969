//! `cafleet exec-file`: what a new pane runs first.

use std::path::PathBuf;

use crate::composition;
use crate::error::CommandError;

/// Run the argument vector in a file, and remove the file
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The file, its arguments each ended by a NUL
    file: PathBuf,
}

pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let error = composition::exec_file(&args.file);
    Err(CommandError::failure("exec", format!("cannot run the program in {}: {error}", args.file.display())))
}
