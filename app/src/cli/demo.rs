//! `cafleet demo`

use cafleet_demo::{DemoError, DemoOptions};

use crate::cli::context::Context;
use crate::error::CommandError;

/// Watch a fleet of scripted agents at work; needs nothing
///
/// A private tmux server (without tmux: terminals of its own), database and home are made for it, and removed at the end. The page
/// opens in the browser where there is a desktop. It runs until Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// End when the story is told
    #[arg(long)]
    exit: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let options = DemoOptions {
        cafleet: context.settings.own_binary.clone(),
        search_path: context.settings.path.clone(),
        opens_browser: context.settings.has_desktop && !args.exit && context.printer.is_read_by_a_person(),
        exit: args.exit,
    };
    cafleet_demo::run(&options, &mut context.printer.stream()).await.map_err(failure)
}

fn failure(error: DemoError) -> CommandError {
    CommandError::failure("demo", error.to_string())
}
