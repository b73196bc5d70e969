//! The state of the installation.

use std::path::PathBuf;

use cafleet_domain::backend::Backend;
use cafleet_domain::id::FleetId;
use cafleet_domain::placement::{MultiplexerKind, Pane};
use cafleet_domain::ports::DaemonStatus;
use cafleet_domain::screen::ScreenSource;
use serde_json::{Value, json};

use super::{View, labelled};

const LABEL_WIDTH: usize = 14;

/// The database, and its schema when it can be written to.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseCheck {
    pub(crate) location: String,
    pub(crate) schema: Option<u32>,
}

/// A coding agent program.
#[derive(Debug, Clone)]
pub(crate) struct BackendCheck {
    pub(crate) backend: Backend,
    pub(crate) installed: Option<(PathBuf, String)>,
    /// The newest version whose screens were recorded.
    pub(crate) newest_recorded: &'static str,
    /// It is newer than any version whose screens were recorded.
    pub(crate) newer: bool,
    /// How often screens were not recognised, by version, the last one first.
    pub(crate) unrecognised: Vec<(String, u64)>,
    pub(crate) preset: Option<String>,
    /// How what `cafleet setup` installs for it stands.
    pub(crate) skills: Option<String>,
}

/// The monitor of a fleet.
#[derive(Debug, Clone)]
pub(crate) struct MonitorCheck {
    pub(crate) fleet: FleetId,
    pub(crate) pid: i64,
    pub(crate) age_seconds: u64,
    pub(crate) alive: bool,
}

/// The daemon of the embedded terminals, where one runs.
pub(crate) type DaemonCheck = Option<DaemonStatus>;

/// Where this process runs, and what is installed.
#[derive(Debug, Clone)]
pub(crate) struct DoctorView {
    pub(crate) caller: Option<Pane>,
    pub(crate) tmux_pane_env: Option<String>,
    pub(crate) tmux_version: Option<String>,
    /// None when nothing is known of it.
    pub(crate) daemon: Option<DaemonCheck>,
    pub(crate) database: DatabaseCheck,
    pub(crate) backends: Vec<BackendCheck>,
    pub(crate) screens: ScreenSource,
    pub(crate) monitors: Vec<MonitorCheck>,
    pub(crate) problems: Vec<String>,
}

impl View for DoctorView {
    fn text(&self) -> String {
        let mut blocks = vec![
            block("tmux", self.tmux_lines()),
            block("embedded terminals", self.embedded_lines()),
            block("database", self.database_lines()),
            block("coding agents", self.agent_lines()),
        ];
        if !self.monitors.is_empty() {
            blocks.push(block("monitors", self.monitors.iter().map(monitor_line).collect()));
        }
        if !self.problems.is_empty() {
            blocks.push(block("problems", self.problems.iter().map(|problem| format!("- {problem}")).collect()));
        }
        blocks.join("\n")
    }

    fn json(&self) -> Value {
        let pane = self.caller_in(MultiplexerKind::Tmux);
        let daemon = self.daemon.as_ref().and_then(Option::as_ref);
        json!({
            "tmux": {
                "session_name": pane.map(|pane| pane.session.as_str()),
                "window_id": pane.map(|pane| pane.window.as_str()),
                "pane_id": pane.map(|pane| pane.id.as_str()),
                "tmux_pane_env": self.tmux_pane_env,
            },
            "tmux_version": self.tmux_version,
            "embedded_terminals": {
                "pane_id": self.caller_in(MultiplexerKind::Pty).map(|pane| pane.id.as_str()),
                "daemon_pid": daemon.map(|daemon| daemon.pid),
                "panes": daemon.map(|daemon| daemon.panes.len()),
            },
            "database": {"location": self.database.location, "schema": self.database.schema},
            "coding_agents": self.backends.iter().map(backend_json).collect::<Vec<_>>(),
            "screen_patterns": screens_words(&self.screens),
            "monitors": self.monitors.iter().map(monitor_json).collect::<Vec<_>>(),
            "problems": self.problems,
        })
    }
}

impl DoctorView {
    /// Returns the caller's pane, if this multiplexer owns it.
    fn caller_in(&self, kind: MultiplexerKind) -> Option<&Pane> {
        self.caller.as_ref().filter(|pane| pane.multiplexer == kind)
    }

    fn embedded_lines(&self) -> Vec<String> {
        let placement = match self.caller_in(MultiplexerKind::Pty) {
            Some(pane) => format!("pane {}", pane.id),
            None => "not inside one".to_owned(),
        };
        let daemon = match &self.daemon {
            Some(Some(daemon)) => {
                format!("process {}, version {}, {} panes", daemon.pid, daemon.build, daemon.panes.len())
            }
            Some(None) => "not running; started when it is needed".to_owned(),
            None => "cannot be reached".to_owned(),
        };
        let lines = labelled(LABEL_WIDTH, &[("placement", placement), ("daemon", daemon)]);
        lines.lines().map(str::to_owned).collect()
    }

    fn tmux_lines(&self) -> Vec<String> {
        let lines = match self.caller_in(MultiplexerKind::Tmux) {
            Some(pane) => labelled(
                LABEL_WIDTH,
                &[
                    ("session_name", pane.session.clone()),
                    ("window_id", pane.window.clone()),
                    ("pane_id", pane.id.to_string()),
                    ("TMUX_PANE", self.tmux_pane_env.clone().unwrap_or_default()),
                    ("version", self.tmux_version.clone().unwrap_or_default()),
                ],
            ),
            None => {
                let version = self.tmux_version.as_deref().unwrap_or("not installed");
                let place = "not inside a tmux session".to_owned();
                labelled(LABEL_WIDTH, &[("placement", place), ("version", version.to_owned())])
            }
        };
        lines.lines().map(str::to_owned).collect()
    }

    fn agent_lines(&self) -> Vec<String> {
        let screens = labelled(LABEL_WIDTH, &[("screens", screens_words(&self.screens))]);
        self.backends.iter().map(backend_line).chain([screens]).collect()
    }

    fn database_lines(&self) -> Vec<String> {
        let DatabaseCheck { location, schema } = &self.database;
        let schema = schema.map_or("not usable".to_owned(), |schema| format!("{schema} (current, writable)"));
        let lines = labelled(LABEL_WIDTH, &[("location", location.clone()), ("schema", schema)]);
        lines.lines().map(str::to_owned).collect()
    }
}

fn block(title: &str, lines: Vec<String>) -> String {
    lines.into_iter().fold(format!("{title}:"), |block, line| format!("{block}\n  {line}"))
}

fn backend_line(check: &BackendCheck) -> String {
    let state = match &check.installed {
        Some((path, version)) => format!("{} ({version})", path.display()),
        None => "not installed".to_owned(),
    };
    let preset = check.preset.as_ref().map(|preset| format!("; preset {preset}")).unwrap_or_default();
    let skills = check.skills.as_ref().map(|skills| format!("; {skills}")).unwrap_or_default();
    let mut lines = vec![(check.backend.as_str(), state + &preset + &skills)];
    if check.newer {
        let recorded = check.newest_recorded;
        lines.push((
            "",
            format!("newer than {recorded}, the newest version known; an unrecognised screen holds notifications"),
        ));
    }
    for (version, times) in &check.unrecognised {
        lines.push(("", format!("screens not recognised: {times} (last of {version})")));
    }
    let width = LABEL_WIDTH;
    lines
        .iter()
        .map(|(label, value)| match *label {
            "" => format!("{:width$}{value}", ""),
            label => labelled(width, &[(label, value.clone())]),
        })
        .collect::<Vec<_>>()
        .join("\n  ")
}

fn backend_json(check: &BackendCheck) -> Value {
    let installed = check.installed.as_ref();
    json!({
        "name": check.backend.as_str(),
        "path": installed.map(|(path, _)| path.display().to_string()),
        "version": installed.map(|(_, version)| version.as_str()),
        "newest_recorded_screens": check.newest_recorded,
        "newer_than_recorded": check.newer,
        "unrecognised_screens": check.unrecognised.iter().map(|(version, times)| json!({"version": version, "times": times})).collect::<Vec<_>>(),
        "preset": check.preset,
        "skills": check.skills,
    })
}

/// Says by which patterns the screens of the agents are read.
fn screens_words(screens: &ScreenSource) -> String {
    match screens {
        ScreenSource::BuiltIn => "built-in patterns".to_owned(),
        ScreenSource::File { path, backends } => {
            let backends: Vec<&str> = backends.iter().map(|backend| backend.as_str()).collect();
            format!("{} ({}), else built-in patterns", path.display(), backends.join(", "))
        }
        ScreenSource::Broken { path, .. } => format!("built-in patterns; {} cannot be used", path.display()),
    }
}

fn monitor_line(check: &MonitorCheck) -> String {
    let state = if check.alive { "running" } else { "stopped" };
    let MonitorCheck { fleet, pid, age_seconds, .. } = check;
    format!("fleet {fleet}: {state} (pid {pid}, last tick {age_seconds}s ago)")
}

fn monitor_json(check: &MonitorCheck) -> Value {
    let MonitorCheck { fleet, pid, age_seconds, alive } = check;
    json!({"fleet_id": fleet.get(), "running": alive, "pid": pid, "last_tick_age_seconds": age_seconds})
}
