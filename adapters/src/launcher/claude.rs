//! Claude Code.

use async_trait::async_trait;
use cafleet_domain::backend::Backend;
use cafleet_domain::ports::{BackendLauncher, LaunchError, LaunchOptions, LaunchRequest};

use super::{LauncherOptions, add_model, argument, program, version};

/// What a member may do without being asked: the bare form `cafleet …` and nothing else. claude denies it under any
/// other spelling (an absolute path, a variable in front, a redirection).
const SETTINGS: &str = r#"{"permissions":{"allow":["Bash(cafleet *)"]}}"#;

/// Starts claude.
#[derive(Debug, Clone)]
pub struct Claude {
    options: LauncherOptions,
}

impl Claude {
    /// Makes a launcher for the place that `options` describe.
    #[must_use]
    pub fn new(options: LauncherOptions) -> Self {
        Self { options }
    }
}

#[async_trait]
impl BackendLauncher for Claude {
    fn backend(&self) -> Backend {
        Backend::Claude
    }

    async fn version(&self) -> Option<String> {
        version(Backend::Claude, &self.options).await
    }

    async fn check(&self, _options: &LaunchOptions) -> Result<(), LaunchError> {
        program(Backend::Claude, &self.options).map(drop)
    }

    async fn prepare(&self, request: &LaunchRequest) -> Result<Vec<String>, LaunchError> {
        let program = argument(Backend::Claude, &program(Backend::Claude, &self.options)?)?;
        Ok(argv(program, request))
    }
}

/// Builds the argument vector. claude takes the word after `--name` as it is, whatever it starts with.
fn argv(program: String, request: &LaunchRequest) -> Vec<String> {
    let fixed = ["--permission-mode", "dontAsk", "--settings", SETTINGS, "--name"];
    let mut argv = vec![program];
    argv.extend(fixed.map(str::to_owned));
    argv.push(request.name.clone());
    add_model(&mut argv, request.model.as_ref());
    argv.extend(["--".to_owned(), request.prompt.clone()]);
    argv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_the_prompt_last_behind_the_end_of_options() {
        let request = |model: Option<&str>| LaunchRequest {
            name: "Ada".to_owned(),
            model: model.map(str::to_owned),
            prompt: "-p\nline two".to_owned(),
        };
        let start = ["/b/claude", "--permission-mode", "dontAsk", "--settings", SETTINGS, "--name", "Ada"];
        let plain = argv("/b/claude".to_owned(), &request(None));
        assert_eq!(plain, [&start[..], &["--", "-p\nline two"]].concat());
        let model = argv("/b/claude".to_owned(), &request(Some("opus")));
        assert_eq!(model, [&start[..], &["--model", "opus", "--", "-p\nline two"]].concat());
    }

    #[test]
    fn allows_the_bare_command_only() {
        let settings: serde_json::Value = serde_json::from_str(SETTINGS).expect("valid JSON");
        assert_eq!(settings["permissions"]["allow"], serde_json::json!(["Bash(cafleet *)"]));
    }
}
