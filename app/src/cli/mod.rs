//! The command line: one folder for each group, one file for each command.

mod agent;
mod arguments;
mod attach;
mod bug_report;
mod completions;
mod context;
mod daemon;
mod db;
mod demo;
mod demo_agent;
mod doctor;
mod duration;
mod exec_file;
mod fleet;
mod man;
mod member;
mod message;
mod monitor;
mod pane;
mod panes;
mod parse;
mod pty_daemon;
mod scope;
mod server;
mod setup;
mod text_file;

use std::process::ExitCode;

use cafleet_domain::screen::ScreenSource;
use clap::{ArgMatches, Command, FromArgMatches, Subcommand};

use crate::composition::{self, CodingAgent};
use crate::diagnostics;
use crate::error::CommandError;
use crate::exit_code::ExitStatus;
use crate::printer::Printer;
use crate::settings::Settings;
pub(crate) use context::Context;

pub use parse::command;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    main_with(Vec::new())
}

/// As [`main`], with further coding agents beside those that CAFleet knows by itself.
///
/// # Panics
/// When one of them has the name of another.
#[must_use]
pub fn main_with(agents: Vec<CodingAgent>) -> ExitCode {
    composition::add_agents(agents);
    let matches = match parse::parse(std::env::args_os()) {
        Ok(matches) => matches,
        Err(status) => return status.into(),
    };
    let global = parse::Global::of(&matches);
    let printer = Printer::new(global.json);
    match dispatch(&matches, global, printer) {
        Ok(()) => ExitStatus::Success.into(),
        Err(error) => printer.error(&error).into(),
    }
}

/// The commands that need neither a runtime nor a database run at once, the others in [`run`].
fn dispatch(matches: &ArgMatches, global: parse::Global, printer: Printer) -> Result<(), CommandError> {
    scope::check(matches, global.fleet)?;
    let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
    match name {
        "completions" => completions::run(read(matches)?, printer),
        "man" => man::run(read(matches)?, printer),
        "exec-file" => exec_file::run(read(matches)?),
        "pty-daemon" => {
            let settings = Settings::from_environment()?;
            // without the variable nobody has said whose log it is: its environment is not that of a user
            if settings.xdg_state_home.is_some() {
                diagnostics::keep(settings.log.as_deref(), &settings.log_directory(), diagnostics::DAEMON)?;
            }
            pty_daemon::run(read(matches)?)
        }
        "demo-agent" => demo_agent::run(read(matches)?, Settings::from_environment()?.own_binary),
        _ => {
            let mut settings = Settings::from_environment()?;
            let keeper = keeper(name, matches);
            diagnostics::start(settings.log.as_deref(), global.verbose, &settings.log_directory(), keeper)?;
            settings.multiplexer = global.multiplexer.or(settings.multiplexer);
            run(name, matches, Context::new(settings, global.fleet, printer)?)
        }
    }
}

/// Returns the name under which a command keeps what it tells; none of one that ends at once.
fn keeper(name: &str, matches: &ArgMatches) -> Option<&'static str> {
    match (name, matches.subcommand_name()) {
        ("monitor", Some("start")) => Some(diagnostics::MONITOR),
        ("server", _) => Some(diagnostics::SERVER),
        _ => None,
    }
}

/// Runs a command, then closes the database: the last one out folds the write-ahead log back into the file.
fn run(name: &str, matches: &ArgMatches, context: Context) -> Result<(), CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CommandError::failure("runtime", error.to_string()))?;
    if matches!(name, "message" | "member" | "monitor" | "server") {
        warn_of_broken_screens(&context);
    }
    runtime.block_on(async {
        let outcome = match context.check_fleet_key().await {
            Ok(()) => carry_out(name, matches, &context).await,
            Err(error) => Err(error),
        };
        let closed = context.adapters.maintenance.close().await;
        outcome.and_then(|()| Ok(closed?))
    })
}

/// Runs a command on what was prepared for it.
async fn carry_out(name: &str, matches: &ArgMatches, context: &Context) -> Result<(), CommandError> {
    match name {
        "db" => db::run(group(matches)?, context).await,
        "fleet" => fleet::run(group(matches)?, context).await,
        "agent" => agent::run(group(matches)?, context).await,
        "message" => message::run(group(matches)?, context).await,
        "member" => member::run(group(matches)?, context).await,
        "monitor" => monitor::run(group(matches)?, context).await,
        "attach" => attach::run(read(matches)?, context).await,
        "pane" => pane::run(group(matches)?, context).await,
        "panes" => panes::run(context).await,
        "daemon" => daemon::run(group(matches)?, context).await,
        "server" => server::run(read(matches)?, context).await,
        "doctor" => doctor::run(read(matches)?, context).await,
        "setup" => setup::run(read(matches)?, context).await,
        "demo" => demo::run(read(matches)?, context).await,
        other => Err(CommandError::usage(format!("unrecognized subcommand '{other}'"))),
    }
}

/// A message is worth more than the patterns by which it is announced, so this is no error.
fn warn_of_broken_screens(context: &Context) {
    if let ScreenSource::Broken { path, reason } = &context.adapters.screens {
        let path = path.display();
        context.printer.note(&format!(
            "Warning: {path} cannot be used ({reason}); the built-in screen patterns are used until it is fixed or removed."
        ));
    }
}

/// The groups are built only when they are used: a full tree costs more than the rest of parsing.
fn add_groups(command: Command) -> Command {
    let group = |name: &'static str, about: &'static str, defer: fn(Command) -> Command| {
        Command::new(name).about(about).subcommand_required(true).arg_required_else_help(true).defer(defer)
    };
    let leaf = |name: &'static str, about: &'static str, defer: fn(Command) -> Command| {
        Command::new(name).about(about).defer(defer)
    };
    command
        .subcommand(group("db", "Create, check, back up and purge the database", db::Verb::augment_subcommands))
        .subcommand(group("fleet", "Create, list, show and delete fleets", fleet::Verb::augment_subcommands))
        .subcommand(group("agent", "Register, list, show and deregister agents", agent::Verb::augment_subcommands))
        .subcommand(group(
            "message",
            "Send, broadcast, poll, acknowledge, cancel and show messages",
            message::Verb::augment_subcommands,
        ))
        .subcommand(group(
            "member",
            "Spawn, list, inspect, answer and delete the members of a fleet",
            member::Verb::augment_subcommands,
        ))
        .subcommand(group(
            "monitor",
            "Supervise a fleet: retry pending notifications and wake agents that are due",
            monitor::Verb::augment_subcommands,
        ))
        .subcommand(leaf(
            "attach",
            "Show the pane of an agent in this terminal and type into it; Ctrl-] detaches",
            <attach::Args as clap::Args>::augment_args,
        ))
        .subcommand(group("pane", "List, show and close the panes of agents", pane::Verb::augment_subcommands))
        .subcommand(leaf("panes", "List the embedded terminals", |command| command))
        .subcommand(group("daemon", "Manage the daemon of the embedded terminals", daemon::Verb::augment_subcommands))
        .subcommand(leaf("server", "Serve the web page and the API for people who watch and take part", |command| {
            <server::Args as clap::Args>::augment_args(command)
        }))
        .subcommand(leaf("doctor", "Show the current pane and check what agents need", |command| {
            <doctor::Args as clap::Args>::augment_args(command)
        }))
        .subcommand(leaf("setup", "Install what teaches coding agents to use cafleet", |command| {
            <setup::Args as clap::Args>::augment_args(command)
        }))
        .subcommand(leaf("demo", "Watch a fleet of scripted agents at work; needs no coding agent", |command| {
            <demo::Args as clap::Args>::augment_args(command)
        }))
        .subcommand(leaf("completions", "Print the completions for a shell", |command| {
            <completions::Args as clap::Args>::augment_args(command)
        }))
        .subcommand(leaf("man", "Write the manual pages into a directory", |command| {
            <man::Args as clap::Args>::augment_args(command)
        }))
        .subcommand(
            leaf("exec-file", "Run the argument vector in a file (internal)", |command| {
                <exec_file::Args as clap::Args>::augment_args(command)
            })
            .hide(true),
        )
        .subcommand(
            leaf("pty-daemon", "Own the embedded terminals (internal)", |command| {
                <pty_daemon::Args as clap::Args>::augment_args(command)
            })
            .hide(true),
        )
        .subcommand(
            leaf("demo-agent", "Stand in for a coding agent (internal)", |command| {
                <demo_agent::Args as clap::Args>::augment_args(command)
            })
            .hide(true),
        )
}

fn read<T: FromArgMatches>(matches: &ArgMatches) -> Result<T, CommandError> {
    T::from_arg_matches(matches).map_err(|error| CommandError::usage(parse::one_line(&error)))
}

fn group<T: Subcommand>(matches: &ArgMatches) -> Result<T, CommandError> {
    read(matches)
}
