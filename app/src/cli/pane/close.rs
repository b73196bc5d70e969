//! `cafleet pane close`

use std::io::{BufRead, IsTerminal};

use cafleet_domain::broker::{AgentPane, PaneOwner};
use cafleet_domain::placement::MultiplexerKind;
use cafleet_domain::text::one_line;

use super::named::PaneName;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::{PaneClosedView, pane_name};

/// End the program in a pane and close the pane, even if its agent or fleet is gone
///
/// An agent of a live fleet is first asked to exit, within 15 seconds, and stays registered.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The pane, as shown by `cafleet pane list`
    #[arg(value_name = "PANE")]
    pane: PaneName,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let found = args.pane.find(context).await?;
    if let PaneOwner::Unknown(tag) = &found.owner
        && found.pane.multiplexer == MultiplexerKind::Tmux
    {
        let message = format!("pane {} belongs to an agent of another database ({})", found.pane.id, one_line(tag));
        return Err(CommandError::failure("other_database", message));
    }
    if !args.yes {
        confirm(&found, context)?;
    }
    context.broker.members.close_pane(&found).await?;
    context.printer.show(&PaneClosedView(&found.pane))
}

/// Asks the person at the terminal.
fn confirm(found: &AgentPane, context: &Context) -> Result<(), CommandError> {
    let refused = |message: &str| Err(CommandError::failure("not_confirmed", message));
    if !std::io::stdin().is_terminal() {
        return refused("cannot ask for confirmation without a terminal; add --yes");
    }
    let whose = match &found.owner {
        PaneOwner::Agent { agent, .. } => format!("agent {} {} of fleet {}", agent.id, agent.name, agent.fleet),
        PaneOwner::Former { agent, name, .. } => format!("agent {agent} {name}, which has left its fleet"),
        PaneOwner::Unknown(tag) => format!("an agent that is not known ({tag})"),
    };
    let program = if found.program.is_empty() { String::new() } else { format!(", {} in front", found.program) };
    context.printer.note(&format!("Close pane {}: {}{program}? [y/N]", pane_name(&found.pane), one_line(&whose)));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" if read.is_ok() => Ok(()),
        _ => refused("nothing was closed"),
    }
}
