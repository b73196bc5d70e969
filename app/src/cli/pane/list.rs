//! `cafleet pane list`

use super::named::panes;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::AgentPanesView;

/// List the panes that carry agents, those included whose agent or fleet is gone
///
/// In the embedded terminals all panes are listed; in tmux those of its servers in which agents of live fleets are, and of
/// that in which this command runs.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) async fn run(_args: Args, context: &Context) -> Result<(), CommandError> {
    context.printer.show(&AgentPanesView(&panes(context).await?))
}
