//! `cafleet demo`

use cafleet_demo::{DemoError, DemoOptions};

use crate::cli::context::Context;
use crate::error::CommandError;

/// Watch a fleet of scripted agents at work; needs no coding agent
///
/// It uses a private tmux server (without tmux, embedded terminals), database and home directory, and removes them at the
/// end. The page opens in the browser where there is a desktop. It runs until Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Exit when the story ends
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
