//! `cafleet pty-daemon`: what owns the embedded terminals.

use std::path::PathBuf;
use std::time::Duration;

use crate::composition;
use crate::error::CommandError;

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
    let ended = composition::own_terminals(directory, Duration::from_secs(idle), resume);
    ended.map_err(|error| CommandError::failure("daemon", format!("the terminal daemon: {error}")))
}
