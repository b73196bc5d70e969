//! Codex CLI.

use std::fs;
use std::path::Path;

use async_trait::async_trait;
use cafleet_domain::backend::Backend;
use cafleet_domain::fleet::FleetRef;
use cafleet_domain::ports::{BackendLauncher, Installed, LaunchError, LaunchOptions, LaunchRequest, Role};

use super::{LauncherOptions, add_model, argument, installed, is_installed, member, probe, program};

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

    /// Creates the directories that are opened to a Director: codex opens only what exists when it starts.
    fn opened(&self) -> Result<Vec<String>, LaunchError> {
        let made = self.options.writable.iter().map(|directory| {
            fs::create_dir_all(directory)
                .map_err(|error| preparation(format!("cannot create {}: {error}", directory.display())))?;
            argument(Backend::CODEX, directory)
        });
        made.collect()
    }

    /// Writes the rules by which members of a fleet run `cafleet` outside of codex's sandbox, into a file of their own.
    fn write_rules(&self, fleet: FleetRef) -> Result<(), LaunchError> {
        let home = self.options.codex_home.clone().unwrap_or_else(|| self.options.home.join(".codex"));
        let file = home.join("rules").join(format!("cafleet-{fleet}.rules"));
        let rules = rules(fleet);
        if fs::read(&file).is_ok_and(|found| found == rules.as_bytes()) {
            return Ok(());
        }
        let written = fs::create_dir_all(home.join("rules")).and_then(|()| fs::write(&file, rules));
        written.map_err(|error| preparation(format!("cannot write {}: {error}", file.display())))
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
        Backend::CODEX
    }

    fn is_installed(&self) -> bool {
        is_installed(Backend::CODEX, &self.options)
    }

    async fn installed(&self) -> Option<Installed> {
        installed(Backend::CODEX, &self.options).await
    }

    async fn check(&self, _options: &LaunchOptions) -> Result<(), LaunchError> {
        program(Backend::CODEX, &self.options).map(drop)
    }

    async fn prepare(&self, request: &LaunchRequest) -> Result<Vec<String>, LaunchError> {
        let program = program(Backend::CODEX, &self.options)?;
        let no_daemon = self.knows_no_daemon(&program).await?;
        let opened = match request.role {
            Role::Director => self.opened()?,
            Role::Member => {
                self.write_rules(request.fleet)?;
                member::make_outbox(&request.directory);
                Vec::new()
            }
        };
        Ok(argv(argument(Backend::CODEX, &program)?, no_daemon, opened, request))
    }
}

/// Returns the rules of a fleet's members. What no rule has runs inside of the sandbox, where neither the database nor the
/// network can be reached; so does a line with a substitution or a redirection, which codex does not take apart.
fn rules(fleet: FleetRef) -> String {
    let names = member::names(fleet);
    let mut rules =
        format!("# Lets members of fleet {fleet} exchange messages and read who is in it. Written by cafleet.\n");
    for verb in member::verbs() {
        let verb: Vec<String> = verb.iter().map(|word| format!("{word:?}")).collect();
        let pattern = format!("[\"cafleet\", \"--fleet-id\", {names:?}, {}]", verb.join(", "));
        rules += &format!("prefix_rule(pattern = {pattern}, decision = \"allow\")\n");
    }
    rules
}

/// Builds the argument vector. With `opened` directories, these and the network are inside of the sandbox.
fn argv(program: String, no_daemon: bool, opened: Vec<String>, request: &LaunchRequest) -> Vec<String> {
    let mut argv = vec![program];
    if no_daemon {
        argv.push(NO_DAEMON.to_owned());
    }
    argv.extend(["--ask-for-approval", "never", "--sandbox", "workspace-write"].map(str::to_owned));
    if !opened.is_empty() {
        argv.extend(opened.into_iter().flat_map(|directory| ["--add-dir".to_owned(), directory]));
        // the socket of the multiplexer counts as network
        argv.extend(["-c", "sandbox_workspace_write.network_access=true"].map(str::to_owned));
    }
    add_model(&mut argv, request.model.as_ref());
    argv.extend(["--".to_owned(), request.prompt.clone()]);
    argv
}

fn preparation(detail: String) -> LaunchError {
    LaunchError::Preparation { backend: Backend::CODEX, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(role: Role, model: Option<&str>) -> LaunchRequest {
        LaunchRequest {
            fleet: "7-03fa92".parse().expect("a fleet"),
            role,
            directory: "/".into(),
            name: "Grace".to_owned(),
            model: model.map(str::to_owned),
            prompt: "--help".to_owned(),
        }
    }

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn opens_the_sandbox_for_a_director_alone_and_puts_the_prompt_last() {
        let closed = "--ask-for-approval never --sandbox workspace-write";
        let new = argv("/b/codex".to_owned(), true, Vec::new(), &request(Role::Member, Some("gpt-6")));
        assert_eq!(new, words(&format!("/b/codex --no-daemon {closed} --model gpt-6 -- --help")));
        let old =
            argv("/b/codex".to_owned(), false, vec!["/d".to_owned(), "/r".to_owned()], &request(Role::Director, None));
        let opened = format!("{closed} --add-dir /d --add-dir /r -c sandbox_workspace_write.network_access=true");
        assert_eq!(old, words(&format!("/b/codex {opened} -- --help")));
    }

    #[test]
    fn the_rules_name_the_fleet_and_the_verbs_of_a_member() {
        let rules = rules("7-03fa92".parse().expect("a fleet"));
        let start = r#"prefix_rule(pattern = ["cafleet", "--fleet-id", ["7", "7-03fa92"], "#;
        let verbs: Vec<&str> = rules.lines().skip(1).filter_map(|line| line.strip_prefix(start)).collect();
        let verb = |words: &str| format!(r#"{words}], decision = "allow")"#);
        let read = [r#""agent", "list""#, r#""agent", "show""#, r#""member", "list""#, r#""monitor", "status""#];
        assert_eq!(verbs, [r#""message""#].into_iter().chain(read).map(verb).collect::<Vec<_>>());
    }
}
