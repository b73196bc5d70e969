//! Claude Code.

use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::backend::Backend;
use cafleet_domain::ports::{
    BackendLauncher, BackgroundSession, Installed, LaunchError, LaunchOptions, LaunchRequest, Role,
};
use cafleet_domain::process::Process;
use serde_json::json;

use super::{LauncherOptions, add_model, argument, claude_sessions, installed, is_installed, member, probe, program};

/// How long `claude stop` may take.
const STOP_LIMIT: Duration = Duration::from_secs(15);

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
        Backend::CLAUDE
    }

    fn is_installed(&self) -> bool {
        is_installed(Backend::CLAUDE, &self.options)
    }

    async fn installed(&self) -> Option<Installed> {
        installed(Backend::CLAUDE, &self.options).await
    }

    async fn check(&self, _options: &LaunchOptions) -> Result<(), LaunchError> {
        program(Backend::CLAUDE, &self.options).map(drop)
    }

    async fn prepare(&self, request: &LaunchRequest) -> Result<Vec<String>, LaunchError> {
        let program = argument(Backend::CLAUDE, &program(Backend::CLAUDE, &self.options)?)?;
        member::make_outbox(&request.directory);
        Ok(argv(program, request))
    }

    async fn background_session(&self, processes: &[Process]) -> Option<BackgroundSession> {
        let name = claude_sessions::parked(&claude_sessions::directory(&self.options), processes)?;
        Some(BackgroundSession { stop: format!("claude stop {name}"), name })
    }

    async fn end_background_session(&self, session: &BackgroundSession) -> Result<(), String> {
        let program = program(Backend::CLAUDE, &self.options).map_err(|error| error.to_string())?;
        let answer = probe::ask(&program, &["stop", &session.name], &self.options, STOP_LIMIT).await?;
        if answer.success { Ok(()) } else { Err(answer.complaint.trim().to_owned()) }
    }
}

/// Builds the argument vector. claude takes the word after `--name` as it is, whatever it starts with.
fn argv(program: String, request: &LaunchRequest) -> Vec<String> {
    let mut argv = vec![program];
    argv.extend(["--permission-mode", "dontAsk", "--settings"].map(str::to_owned));
    argv.extend([settings(request), "--name".to_owned(), request.name.clone()]);
    add_model(&mut argv, request.model.as_ref());
    argv.extend(["--".to_owned(), request.prompt.clone()]);
    argv
}

/// Returns what the agent may do without being asked, and that its session stays in its pane: one that is sent to the
/// background outlives it.
///
/// claude takes each command of a line by itself, and denies what no rule has: another spelling of the program, a variable
/// in front, a substitution, a redirection.
fn settings(request: &LaunchRequest) -> String {
    let mut rules = match request.role {
        Role::Director => vec!["Bash(cafleet *)".to_owned()],
        Role::Member => member_rules(request),
    };
    rules.push(format!("Edit(./{}/**)", member::OUTBOX));
    json!({"disableAgentView": true, "permissions": {"allow": rules}}).to_string()
}

/// A rule that ends with ` *` has the command without arguments too, in some versions; so the others have it twice.
fn member_rules(request: &LaunchRequest) -> Vec<String> {
    let mut rules = Vec::new();
    for name in member::names(request.fleet) {
        for verb in member::verbs() {
            let command = format!("cafleet --fleet-id {name} {}", verb.join(" "));
            if verb != ["message"] {
                rules.push(format!("Bash({command})"));
            }
            rules.push(format!("Bash({command} *)"));
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(role: Role, model: Option<&str>) -> LaunchRequest {
        LaunchRequest {
            fleet: "7-03fa92".parse().expect("a fleet"),
            role,
            directory: "/".into(),
            name: "Ada".to_owned(),
            model: model.map(str::to_owned),
            prompt: "-p\nline two".to_owned(),
        }
    }

    fn allowed(role: Role) -> Vec<String> {
        let settings: serde_json::Value = serde_json::from_str(&settings(&request(role, None))).expect("valid JSON");
        assert_eq!(settings["disableAgentView"], true);
        let rules = settings["permissions"]["allow"].as_array().expect("rules");
        rules.iter().map(|rule| rule.as_str().expect("a rule").to_owned()).collect()
    }

    #[test]
    fn puts_the_prompt_last_behind_the_end_of_options() {
        let settings = settings(&request(Role::Member, None));
        let start = ["/b/claude", "--permission-mode", "dontAsk", "--settings", &settings, "--name", "Ada"];
        let plain = argv("/b/claude".to_owned(), &request(Role::Member, None));
        assert_eq!(plain, [&start[..], &["--", "-p\nline two"]].concat());
        let model = argv("/b/claude".to_owned(), &request(Role::Member, Some("opus")));
        assert_eq!(model, [&start[..], &["--model", "opus", "--", "-p\nline two"]].concat());
    }

    #[test]
    fn a_member_may_exchange_messages_and_read_and_a_director_all() {
        assert_eq!(allowed(Role::Director), ["Bash(cafleet *)", "Edit(./.cafleet/**)"]);
        let rules = allowed(Role::Member);
        for rule in ["Bash(cafleet --fleet-id 7 message *)", "Bash(cafleet --fleet-id 7-03fa92 message *)"] {
            assert!(rules.iter().any(|found| found == rule), "{rule}: {rules:?}");
        }
        for rule in &rules {
            let command = rule.strip_prefix("Bash(cafleet --fleet-id 7").map(|rest| rest.trim_start_matches("-03fa92"));
            let reads = [" message *)", " agent list", " agent show", " member list", " monitor status"];
            let is_read = command.is_some_and(|rest| reads.iter().any(|verb| rest.starts_with(verb)));
            assert!(is_read || rule == "Edit(./.cafleet/**)", "{rule}");
            assert!(rule.matches('*').count() <= 2 && !rule.contains("--fleet-id *"), "{rule}");
        }
    }
}
