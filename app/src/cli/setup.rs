//! `cafleet setup`

use cafleet_domain::backend::Backend;
use cafleet_domain::ports::BackendLauncher;

use crate::cli::arguments::coding_agent;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::setup::{self, Report, State};
use crate::view::SetupView;

/// Install the skills, presets and rules that teach coding agents to use cafleet
///
/// Creates or migrates the database, then writes the files that are embedded in this program. Current files are not
/// touched, files changed by hand are copied first, and links are left alone.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The agents to set up; without it, those that are installed
    #[arg(long, value_parser = coding_agent())]
    coding_agent: Vec<Backend>,

    /// Report what is missing, changed or of another version, and write nothing
    #[arg(long)]
    check: bool,

    /// Remove what setup has installed, except files changed by hand
    #[arg(long, conflicts_with = "check")]
    remove: bool,

    /// Also add the permission to run cafleet to the agents' own settings
    #[arg(long, conflicts_with_all = ["check", "remove"])]
    write_permissions: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let places = context.places();
    if args.remove {
        let report = setup::remove(&places, &chosen(&args, context).unwrap_or_else(|| known(context).collect()));
        context.printer.show(&SetupView { database: None, report: &report })?;
        return problems(&report);
    }
    let database = if args.check { None } else { Some(context.adapters.maintenance.prepare().await?) };
    let agents = chosen(&args, context).ok_or_else(|| {
        let message =
            "no coding agent is installed; install claude, codex or opencode, or name one with --coding-agent";
        CommandError::failure("no_agent", message)
    })?;
    let report = match args.check {
        true => setup::examine(&places, &agents),
        false => setup::install(&places, &agents, args.write_permissions),
    };
    context.printer.show(&SetupView { database: database.as_ref(), report: &report })?;
    problems(&report)?;
    if args.check { complete(&report) } else { Ok(()) }
}

/// Returns the agents that were named, else those that are installed; none when there are none.
fn chosen(args: &Args, context: &Context) -> Option<Vec<Backend>> {
    let named = &args.coding_agent;
    let is_chosen = |agent: &Backend| match named.is_empty() {
        true => !args.remove && context.adapters.launcher(*agent).is_some_and(BackendLauncher::is_installed),
        false => named.contains(agent),
    };
    let agents: Vec<Backend> = known(context).filter(is_chosen).collect();
    (!agents.is_empty()).then_some(agents)
}

/// Returns the agents that this process knows.
fn known(context: &Context) -> impl Iterator<Item = Backend> {
    context.adapters.programs.iter().map(|program| program.backend)
}

fn problems(report: &Report) -> Result<(), CommandError> {
    match report.problems.len() {
        0 => Ok(()),
        1 => Err(CommandError::failure("setup_incomplete", "1 problem found; see above for what to do")),
        n => Err(CommandError::failure("setup_incomplete", format!("{n} problems found; see above for what to do"))),
    }
}

/// A link is what a person wants; everything else that is not current can be put right.
fn complete(report: &Report) -> Result<(), CommandError> {
    let wrong = |state: &State| !matches!(state, State::Current | State::Linked(_));
    match report.items.iter().filter(|item| wrong(&item.state)).count() {
        0 => Ok(()),
        n => {
            let message = format!("{n} of {} are not current; run 'cafleet setup'", report.items.len());
            Err(CommandError::failure("setup_incomplete", message))
        }
    }
}
