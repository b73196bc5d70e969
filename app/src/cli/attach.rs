//! `cafleet attach`

use std::io::IsTerminal;

use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::placement::{MultiplexerKind, Pane};
use cafleet_domain::ports::{PaneHost, WatchMode};
use cafleet_domain::text::one_line;

use super::arguments::Target;
use super::context::Context;
use crate::attach::{Attachment, DetachKey, OwnTerminal, Parting, size};
use crate::error::CommandError;
use crate::typist::Typist;

/// Show the pane of an agent in this terminal and type into it; Ctrl-] or another key detaches
///
/// For embedded terminals; the Director's id is accepted too. The pane takes the size of this terminal, except for sizes
/// that agents cannot work in. Notifications to the agent are held while you type, and for five seconds after. If the
/// agent is in your tmux, tmux switches to its pane; if it is in another tmux, the command to reach it is printed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    #[command(flatten)]
    looks: Looks,
}

/// How a pane is shown.
#[derive(Debug, clap::Args)]
pub(crate) struct Looks {
    /// Show the pane without typing into it or resizing it
    #[arg(long)]
    read_only: bool,

    /// The key that detaches: ctrl- and a character, as in ctrl-g
    ///
    /// On keyboards where ] needs AltGr, many terminals send Ctrl-] for Ctrl-5. In a paste the key is a character.
    #[arg(long, value_name = "KEY", default_value = DetachKey::DEFAULT)]
    detach_key: DetachKey,
}

/// What is shown.
pub(crate) struct Shown {
    /// The agent whose messages wait meanwhile; none where no agent of a live fleet has the pane.
    pub(crate) agent: Option<(FleetId, AgentId)>,
    /// What it is called, as it can be shown anywhere.
    pub(crate) name: String,
    /// The pane.
    pub(crate) pane: Pane,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let agent = args.target.member_id;
    let fleet = context.fleet()?;
    let (name, pane) = context.broker.members.pane_of(fleet, agent).await?;
    let name = one_line(&name);
    show(Shown { agent: Some((fleet, agent)), name, pane }, args.looks, context).await
}

/// Shows a pane until it is detached from or gone.
pub(crate) async fn show(shown: Shown, looks: Looks, context: &Context) -> Result<(), CommandError> {
    let Shown { agent, name, pane } = shown;
    let label = format!("{name} ({})", pane.id);
    let whose = agent.map_or_else(|| label.clone(), |(_, agent)| format!("agent {agent}"));
    if pane.multiplexer == MultiplexerKind::Tmux {
        return in_tmux(context, &whose, &pane, looks.read_only).await;
    }
    if is_own(context.adapters.embedded.as_ref(), &pane).await == Some(true) {
        return Err(own_pane(&whose));
    }
    let Some((columns, rows)) = size().filter(|_| std::io::stdin().is_terminal()) else {
        return Err(CommandError::failure("no_terminal", "attach needs a terminal to show the pane in"));
    };
    let mode = if looks.read_only { WatchMode::ReadOnly } else { WatchMode::Writable { columns, rows } };
    let watched =
        context.adapters.watcher.watch(&pane, mode).await.map_err(cafleet_domain::broker::BrokerError::from)?;
    let detach = looks.detach_key;
    context.printer.note(&format!("Attached to {label}; {detach} detaches."));
    let mut terminal = OwnTerminal::take(context.printer.stream())
        .map_err(|error| CommandError::failure("no_terminal", format!("the terminal cannot be used: {error}")))?;
    let agent = agent.filter(|_| !looks.read_only);
    let typist = agent.map(|(fleet, agent)| Typist::new(context.broker.clone(), fleet, agent));
    let title = format!("{label}: {detach} detaches");
    let parting =
        Attachment { types: !looks.read_only, typist, detach, title: &title, out: terminal.out() }.run(watched).await;
    drop(terminal);
    match parting.map_err(cafleet_domain::broker::BrokerError::from)? {
        Parting::Detached => context.printer.note(&format!("Detached from {label}; it keeps running.")),
        Parting::Cut => context.printer.note(&format!(
            "Detached from {label}; it keeps running. Its program does not read its input: \
             the last keys that you typed did not reach it."
        )),
        Parting::Ended(how) => context.printer.note(&format!("{label} is gone: its program {how}.")),
        Parting::Lost => return Err(CommandError::failure("daemon_gone", "the terminal daemon has ended")),
    }
    Ok(())
}

/// Tells whether a pane is that in which this command runs; none when this runs in no pane of the same server.
async fn is_own(multiplexer: &dyn PaneHost, pane: &Pane) -> Option<bool> {
    // who cannot be asked has no pane to show
    let own = multiplexer.caller().await.ok().flatten().filter(|own| own.server == pane.server)?;
    Some(own.id == pane.id)
}

fn own_pane(whose: &str) -> CommandError {
    let message = format!("this is the pane of {whose} itself; run attach in another terminal");
    CommandError::failure("own_pane", message)
}

/// Shows a pane of tmux where this command runs in the same tmux, and says how to reach it otherwise.
async fn in_tmux(context: &Context, whose: &str, pane: &Pane, read_only: bool) -> Result<(), CommandError> {
    let tmux = context.adapters.tmux.as_ref();
    let is_own = is_own(tmux, pane).await;
    if is_own == Some(true) {
        return Err(own_pane(whose));
    }
    if is_own == Some(false) && !read_only && tmux.show(pane).await.is_ok() {
        context.printer.note(&format!("Switched to {} of this tmux.", pane.id));
        return Ok(());
    }
    let Pane { server, session, window, id, .. } = pane;
    // tmux refuses to be shown within tmux, unless it does not know
    let outside = if matches!(tmux.caller().await, Ok(None)) { "" } else { "env -u TMUX " };
    let looks = if read_only { " -r" } else { "" };
    Err(CommandError::failure(
        "lives_in_tmux",
        format!(
            "{whose} lives in tmux; run: {outside}tmux -S {} attach-session{looks} -t '{session}' \\; select-window -t {window} \\; select-pane -t {id}",
            server.socket
        ),
    ))
}
