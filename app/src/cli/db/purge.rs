//! `cafleet db purge`

use std::time::Duration;

use crate::cli::context::Context;
use crate::cli::duration;
use crate::error::CommandError;
use crate::view::PurgeView;

/// Drop deleted fleets and finished messages that are older than a duration
///
/// Messages of a live fleet that are not yet acknowledged or canceled are never dropped. With `--fleet-id`
/// only that fleet is purged.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Minimum age: a whole number and a unit, such as 90s, 30m, 12h, 7d or 4w
    #[arg(long, value_name = "DURATION", value_parser = duration::with_unit)]
    older_than: Duration,

    /// Show what would be dropped without dropping it
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let cutoff = context.adapters.clock.now().before(args.older_than);
    let purged = context.adapters.maintenance.purge(cutoff, context.named_fleet().await?, args.dry_run).await?;
    context.printer.show(&PurgeView { purged, dry_run: args.dry_run })
}
