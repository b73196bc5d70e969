//! `cafleet completions`

use clap_complete::Shell;

use crate::error::CommandError;
use crate::printer::Printer;

/// Print the completions for a shell
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "cafleet", &mut script);
    printer.raw(&script)
}
