//! Coding agent programs: claude, codex, opencode.
//!
//! To add one, implement `BackendLauncher` in a file of its own. The argument vectors were tried on claude 2.1.332, codex
//! 0.171.0 and opencode 1.18.34. Nothing here reads the environment: what counts of it comes in [`LauncherOptions`],
//! and the programs that are asked about themselves see the same.

mod claude;
mod claude_sessions;
mod codex;
mod member;
mod opencode;
mod path;
mod preset;
mod probe;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cafleet_domain::backend::Backend;
use cafleet_domain::ports::LaunchError;

pub use claude::Claude;
pub use codex::Codex;
pub use opencode::Opencode;
pub use preset::PresetState;

/// What a launcher knows of the place where agents start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LauncherOptions {
    /// The value of `PATH`.
    pub search_path: OsString,
    /// The user's home directory.
    pub home: PathBuf,
    /// The directory of the database, absolute; agents in a sandbox must be able to write to it.
    pub database_directory: PathBuf,
    /// The value of `CLAUDE_CONFIG_DIR`; claude takes `~/.claude` when none.
    pub claude_config_dir: Option<PathBuf>,
    /// The value of `CODEX_HOME`; codex takes `~/.codex` when none.
    pub codex_home: Option<PathBuf>,
    /// The value of `OPENCODE_CONFIG_DIR`, where presets are kept; opencode takes its folder in the configuration
    /// directory when none.
    pub opencode_config_dir: Option<PathBuf>,
    /// The value of `XDG_CONFIG_HOME`, the configuration directory; `~/.config` when none.
    pub config_home: Option<PathBuf>,
}

/// Returns where a program is installed and what it says about its version; none when it is not on the search path.
///
/// The version is the first line of what `--version` prints, or the reason why there is none in parentheses. For people.
pub async fn installed(backend: Backend, options: &LauncherOptions) -> Option<(PathBuf, String)> {
    let program = path::find(backend.as_str(), &options.search_path)?;
    let version = match probe::ask(&program, &["--version"], options, probe::LIMIT).await {
        Ok(answer) => {
            answer.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(no version)").to_owned()
        }
        Err(reason) => format!("({reason})"),
    };
    Some((program, version))
}

/// As [`installed`], the version by itself, if the program told one.
async fn version(backend: Backend, options: &LauncherOptions) -> Option<String> {
    let (_, version) = installed(backend, options).await?;
    (!version.starts_with('(')).then_some(version)
}

/// Tells whether a program is on the search path.
#[must_use]
pub fn is_installed(backend: Backend, options: &LauncherOptions) -> bool {
    path::find(backend.as_str(), &options.search_path).is_some()
}

/// Returns where opencode looks for the preset that it needs, and what is to be in it.
#[must_use]
pub fn opencode_preset_file(options: &LauncherOptions) -> (PathBuf, &'static str) {
    (preset::file(options), preset::CONTENT)
}

/// Returns the preset file that opencode needs, and whether it is as CAFleet writes it.
#[must_use]
pub fn opencode_preset(options: &LauncherOptions) -> (PathBuf, PresetState) {
    let file = preset::file(options);
    let state = preset::state(&file);
    (file, state)
}

/// Finds the program or says that it is missing.
fn program(backend: Backend, options: &LauncherOptions) -> Result<PathBuf, LaunchError> {
    path::find(backend.as_str(), &options.search_path)
        .ok_or_else(|| LaunchError::BinaryMissing(backend.as_str().to_owned()))
}

/// Turns a path into an argument.
fn argument(backend: Backend, path: &Path) -> Result<String, LaunchError> {
    path.to_str().map(str::to_owned).ok_or_else(|| LaunchError::Preparation {
        backend,
        detail: format!("the path {} is not UTF-8", path.display()),
    })
}

/// Appends `--model` where a model was chosen.
fn add_model(argv: &mut Vec<String>, model: Option<&String>) {
    if let Some(model) = model {
        argv.extend(["--model".to_owned(), model.clone()]);
    }
}
