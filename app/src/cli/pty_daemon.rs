//! `cafleet pty-daemon`: what owns the embedded terminals.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::CommandError;
use crate::{composition, diagnostics, settings};

/// Own the embedded terminals (internal)
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory of the socket
    #[arg(long)]
    directory: PathBuf,

    /// End after so many seconds without a pane
    #[arg(long, default_value = "300")]
    idle: u64,

    /// Take over the panes that are left on standard input
    #[arg(long)]
    resume: bool,
}

pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let Args { directory, idle, resume } = args;
    // without a home directory nothing is kept
    if let Ok(kept) = settings::log_directory_of_user() {
        diagnostics::start(None, 0, &kept, Some(diagnostics::TERMINALS))?;
    }
    let ended = composition::own_terminals(directory, Duration::from_secs(idle), resume);
    ended.map_err(|error| CommandError::failure("daemon", format!("the terminal daemon: {error}")))
}
