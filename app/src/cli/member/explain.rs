//! `cafleet member explain`

use crate::cli::arguments::Target;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::ExplanationView;

/// Explain how a member's screen is classified
///
/// Shows the state, the rule and the rows that gave it, the question that is asked, whether the member is known to be at rest,
/// whether its agent is in front, and whether the installed program is newer than the versions whose screens are known.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    context.broker.members.require_multiplexer(fleet).await?;
    let member = args.target.member_id;
    let explanation = context.broker.members.explain(fleet, member).await?;
    context.printer.show(&ExplanationView { member, explanation: &explanation })
}
