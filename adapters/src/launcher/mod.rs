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
use cafleet_domain::ports::{Installed, LaunchError};

pub use claude::Claude;
pub use codex::Codex;
pub use opencode::Opencode;

/// What a launcher knows of the place where agents start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LauncherOptions {
    /// The value of `PATH`.
    pub search_path: OsString,
    /// The user's home directory.
    pub home: PathBuf,
    /// The directories, absolute, to which a Director in a sandbox must be able to write: that of the database, and that of the
    /// embedded terminals' socket.
    pub writable: Vec<PathBuf>,
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

/// Returns where a program is installed and the first line of what `--version` prints; none when it is not on the search path.
async fn installed(backend: Backend, options: &LauncherOptions) -> Option<Installed> {
    let program = path::find(backend.as_str(), &options.search_path)?;
    let answer = probe::ask(&program, &["--version"], options, probe::LIMIT).await;
    let version = answer.and_then(|answer| {
        let line = answer.text.lines().map(str::trim).find(|line| !line.is_empty());
        line.map(str::to_owned).ok_or_else(|| "no version".to_owned())
    });
    Some(Installed { program, version })
}

/// Tells whether a program is on the search path.
fn is_installed(backend: Backend, options: &LauncherOptions) -> bool {
    path::find(backend.as_str(), &options.search_path).is_some()
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
