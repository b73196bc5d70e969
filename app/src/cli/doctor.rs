//! `cafleet doctor`

use std::path::PathBuf;

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_domain::ports::{Installed, MultiplexerError, Preset, PresetState};
use cafleet_domain::screen::ScreenSource;

use super::bug_report;
use super::context::Context;
use crate::error::CommandError;
use crate::setup::{self, ItemReport, State};
use crate::view::{BackendCheck, DatabaseCheck, DoctorView, MonitorCheck};

/// Show the current pane and check what agents need
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write diagnostics for a bug report to this new file, without messages, names and your home directory
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let view = examine(context).await;
    if let Some(file) = &args.report {
        bug_report::write(file, &view, context).await?;
    }
    context.printer.show(&view)?;
    match view.problems.len() {
        0 => Ok(()),
        1 => Err(CommandError::failure("unhealthy", "1 problem found; see above for what to do")),
        n => Err(CommandError::failure("unhealthy", format!("{n} problems found; see above for what to do"))),
    }
}

async fn examine(context: &Context) -> DoctorView {
    let mut problems = Vec::new();
    let is_tmux = context.settings.tmux.is_some() || context.settings.multiplexer == Some(MultiplexerKind::Tmux);
    let version = context.adapters.tmux.version().await;
    // without tmux there are the embedded terminals
    let tmux_version = if is_tmux { report(version, &mut problems, multiplexer_advice) } else { version.ok() };
    let caller = match (is_tmux, &tmux_version) {
        (true, None) => None,
        _ => report(context.adapters.multiplexer.caller().await, &mut problems, multiplexer_advice).flatten(),
    };
    let daemon = report(context.adapters.daemon.status().await, &mut problems, daemon_advice);
    let database = examine_database(context, &mut problems).await;
    let backends = examine_backends(context, &mut problems).await;
    let monitors = examine_monitors(context).await;
    let screens = context.adapters.screens.clone();
    problems.extend(broken_screens(&screens));
    let tmux_pane_env = context.settings.tmux_pane.clone();
    DoctorView { caller, tmux_pane_env, tmux_version, daemon, database, backends, screens, monitors, problems }
}

fn broken_screens(screens: &ScreenSource) -> Option<String> {
    match screens {
        ScreenSource::Broken { path, reason } => {
            Some(format!("screen patterns in {}: {reason}; fix or remove the file", path.display()))
        }
        ScreenSource::BuiltIn | ScreenSource::File { .. } => None,
    }
}

fn report<T>(
    outcome: Result<T, MultiplexerError>,
    problems: &mut Vec<String>,
    advice: fn(&MultiplexerError) -> &'static str,
) -> Option<T> {
    outcome.map_err(|error| problems.push(format!("{error}; {}", advice(&error)))).ok()
}

fn multiplexer_advice(error: &MultiplexerError) -> &'static str {
    match error {
        MultiplexerError::Missing(_) | MultiplexerError::TooOld { .. } => "install tmux 3.2 or newer",
        MultiplexerError::Failed(reason) if reason.starts_with("CAFLEET_PANE") => "run this in a pane that exists",
        _ => "check that the tmux server of this session answers: tmux list-sessions",
    }
}

fn daemon_advice(_error: &MultiplexerError) -> &'static str {
    "look at the daemon of the embedded terminals: cafleet daemon status"
}

async fn examine_database(context: &Context, problems: &mut Vec<String>) -> DatabaseCheck {
    let examined = context.adapters.maintenance.examine().await;
    let schema = match examined {
        Ok(schema) => Some(schema),
        Err(error) => {
            problems.push(error.to_string());
            None
        }
    };
    DatabaseCheck { location: context.adapters.maintenance.location(), schema }
}

async fn examine_backends(context: &Context, problems: &mut Vec<String>) -> Vec<BackendCheck> {
    let mut checks = Vec::new();
    // a database that cannot be read is a problem that was named already
    let unrecognised = context.adapters.store.unrecognised().await.unwrap_or_default();
    for program in context.adapters.programs.iter() {
        let backend = program.backend;
        let Some(launcher) = context.adapters.launcher(backend) else { continue };
        let installed = launcher.installed().await.map(|found| {
            let Installed { program, version } = found;
            (program, version.unwrap_or_else(|reason| format!("({reason})")))
        });
        let preset = launcher.preset().filter(|_| installed.is_some()).map(|preset| preset_words(&preset));
        let skills = installed.is_some().then(|| skills(context, backend));
        let newer = installed.as_ref().and_then(|(_, version)| program.is_newer_than_recorded(version));
        let times = unrecognised.iter().filter(|count| count.backend == backend);
        let unrecognised = times.map(|count| (count.version.clone(), count.times)).collect();
        checks.push(BackendCheck {
            backend,
            newest_recorded: program.newest_recorded,
            installed,
            newer: newer == Some(true),
            unrecognised,
            preset,
            skills,
        });
    }
    if checks.iter().all(|check| check.installed.is_none()) {
        problems.push("no coding agent is installed; install claude, codex or opencode and put it on PATH".to_owned());
    }
    checks
}

fn preset_words(preset: &Preset) -> String {
    let file = preset.file.display();
    match preset.state {
        PresetState::Current => format!("{file} (current)"),
        PresetState::Missing => format!("{file} (missing; written on the first spawn)"),
        PresetState::Changed => format!("{file} (changed by hand; left as it is)"),
    }
}

/// Says how the skills and rules of an agent stand. Members work without them, so nothing of it is a problem.
fn skills(context: &Context, backend: Backend) -> String {
    let report = setup::examine(&context.places(), &[backend]);
    let wrong = |item: &&ItemReport| item.name != "preset" && !matches!(item.state, State::Current | State::Linked(_));
    let wrong: Vec<&str> = report.items.iter().filter(wrong).map(|item| item.name.as_str()).collect();
    match wrong.is_empty() {
        true => "skills current".to_owned(),
        false => format!("not current: {} (run 'cafleet setup')", wrong.join(", ")),
    }
}

async fn examine_monitors(context: &Context) -> Vec<MonitorCheck> {
    let heartbeats = context.adapters.store.heartbeats().await.unwrap_or_default();
    let now = context.adapters.clock.now();
    let checks = heartbeats.into_iter().map(|heartbeat| {
        let age = now.since(heartbeat.last_tick_at).as_secs();
        MonitorCheck { fleet: heartbeat.fleet, pid: heartbeat.pid, age_seconds: age, alive: heartbeat.beats(now) }
    });
    checks.collect()
}
