//! `cafleet member exec`

use cafleet_domain::broker::BrokerError;
use cafleet_domain::keystroke::Keystroke;

use crate::cli::arguments::Target;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::ExecView;

/// Make a member's coding agent run a shell command
///
/// It is typed as `! <command>`: the agent runs it outside its sandbox and its permissions, and reads the output.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// The command, as one argument
    #[arg(allow_hyphen_values = true)]
    command: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let command = args.command.trim();
    Keystroke::shell(command).map_err(BrokerError::from)?;
    context.broker.members.require_multiplexer(fleet).await?;
    let member = args.target.member_id;
    let (name, pane) = context.broker.members.exec(fleet, member, command).await?;
    context.printer.show(&ExecView { member, name: &name, pane: &pane, command })
}
