//! `cafleet fleet delete`

use cafleet_domain::broker::OpenPanes;
use cafleet_domain::fleet::FleetRef;

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::FleetDeletedView;

/// Delete a fleet: deregister its agents and keep its messages
///
/// Refuses while agents run in panes that were opened for them, and lists those agents. The pane of a Director that was
/// started by hand in tmux is not closed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The fleet
    #[arg(value_name = "FLEET_ID", allow_negative_numbers = true)]
    id: FleetRef,

    /// End its agents: ask each to exit, and kill it if it has not exited within 15 seconds
    #[arg(long, conflicts_with = "leave")]
    close: bool,

    /// Leave its agents running in their panes, without a fleet
    #[arg(long)]
    leave: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.broker.fleets.resolve(args.id).await?;
    let panes = match (args.close, args.leave) {
        (true, _) => OpenPanes::Close,
        (false, true) => OpenPanes::Leave,
        (false, false) => OpenPanes::Refuse,
    };
    let removal = context.broker.fleets.delete(fleet, panes).await?;
    let view = FleetDeletedView { fleet, removal: &removal };
    context.printer.show(&view)?;
    if !context.printer.is_json() {
        view.notes(panes).iter().for_each(|note| context.printer.note(note));
    }
    Ok(())
}
