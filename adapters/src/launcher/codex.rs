//! Codex CLI.

use std::fs;
use std::path::Path;

use async_trait::async_trait;
use cafleet_domain::backend::Backend;
use cafleet_domain::ports::{BackendLauncher, LaunchError, LaunchOptions, LaunchRequest};

use super::{LauncherOptions, add_model, argument, probe, program, version};

/// Keeps a window from sharing the server, and with it the environment, of the window that started first.
const NO_DAEMON: &str = "--no-daemon";

/// Starts codex.
#[derive(Debug, Clone)]
pub struct Codex {
    options: LauncherOptions,
}

impl Codex {
    /// Makes a launcher for the place that `options` describe.
    #[must_use]
    pub fn new(options: LauncherOptions) -> Self {
        Self { options }
    }

    /// Creates the database's directory: codex opens only what exists when it starts.
    fn database_directory(&self) -> Result<String, LaunchError> {
        let directory = &self.options.database_directory;
        fs::create_dir_all(directory)
            .map_err(|error| preparation(format!("cannot create {}: {error}", directory.display())))?;
        argument(Backend::Codex, directory)
    }

    /// Tells whether the installed codex knows `--no-daemon`; versions before the shared server do not, and stop at it.
    async fn knows_no_daemon(&self, program: &Path) -> Result<bool, LaunchError> {
        let help = probe::ask(program, &["--help"], &self.options, probe::LIMIT).await.map_err(preparation)?;
        Ok(help.text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == NO_DAEMON))
    }
}

#[async_trait]
impl BackendLauncher for Codex {
    fn backend(&self) -> Backend {
        Backend::Codex
    }

    async fn version(&self) -> Option<String> {
        version(Backend::Codex, &self.options).await
    }

    async fn check(&self, _options: &LaunchOptions) -> Result<(), LaunchError> {
        program(Backend::Codex, &self.options).map(drop)
    }

    async fn prepare(&self, request: &LaunchRequest) -> Result<Vec<String>, LaunchError> {
        let program = program(Backend::Codex, &self.options)?;
        let directory = self.database_directory()?;
        let no_daemon = self.knows_no_daemon(&program).await?;
        Ok(argv(argument(Backend::Codex, &program)?, no_daemon, directory, request))
    }
}

/// Builds the argument vector.
fn argv(program: String, no_daemon: bool, database_directory: String, request: &LaunchRequest) -> Vec<String> {
    let mut argv = vec![program];
    if no_daemon {
        argv.push(NO_DAEMON.to_owned());
    }
    argv.extend(["--ask-for-approval", "never", "--sandbox", "workspace-write", "--add-dir"].map(str::to_owned));
    argv.push(database_directory);
    // the socket of the multiplexer counts as network
    argv.extend(["-c", "sandbox_workspace_write.network_access=true"].map(str::to_owned));
    add_model(&mut argv, request.model.as_ref());
    argv.extend(["--".to_owned(), request.prompt.clone()]);
    argv
}

fn preparation(detail: String) -> LaunchError {
    LaunchError::Preparation { backend: Backend::Codex, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_the_sandbox_for_the_database_and_puts_the_prompt_last() {
        let request = |model: Option<&str>| LaunchRequest {
            name: "Grace".to_owned(),
            model: model.map(str::to_owned),
            prompt: "--help".to_owned(),
        };
        let middle = "--ask-for-approval never --sandbox workspace-write --add-dir /d -c sandbox_workspace_write.network_access=true";
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let new = argv("/b/codex".to_owned(), true, "/d".to_owned(), &request(Some("gpt-6")));
        assert_eq!(new, words(&format!("/b/codex --no-daemon {middle} --model gpt-6 -- --help")));
        let old = argv("/b/codex".to_owned(), false, "/d".to_owned(), &request(None));
        assert_eq!(old, words(&format!("/b/codex {middle} -- --help")));
    }
}
