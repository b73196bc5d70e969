//! `cafleet member list`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::MemberListView;

/// List the members of a fleet
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Add when each last sent, received and acknowledged a message, and its idle time
    #[arg(long)]
    activity: bool,

    /// Include the Director as the first row; always on when printing to a terminal
    #[arg(long)]
    director: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    context.broker.members.require_multiplexer(fleet).await?;
    let members = context.broker.members.list(fleet).await?;
    let director = match args.director || context.printer.shows_text_to_a_person() {
        true => Some(context.broker.members.show_director(fleet).await?),
        false => None,
    };
    let now = context.adapters.clock.now();
    context.printer.show(&MemberListView {
        director: director.as_ref(),
        members: &members,
        activity: args.activity,
        now,
    })
}
