//! `cafleet pane list`

use super::named::panes;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::AgentPanesView;

/// List the panes of agents, including those whose agent or fleet is gone
///
/// In the embedded terminals, all panes are listed; in tmux, those on each server with agents of live fleets and on the
/// server of this command.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: Args, context: &Context) -> Result<(), CommandError> {
    context.printer.show(&AgentPanesView(&panes(context).await?))
}
