//! opencode.

use async_trait::async_trait;
use cafleet_domain::backend::Backend;
use cafleet_domain::ports::{BackendLauncher, Installed, LaunchError, LaunchOptions, LaunchRequest, Preset, Role};

use super::{LauncherOptions, add_model, argument, installed, is_installed, member, preset, program};

/// Starts opencode.
#[derive(Debug, Clone)]
pub struct Opencode {
    options: LauncherOptions,
}

impl Opencode {
    /// Makes a launcher for the place that `options` describe.
    #[must_use]
    pub fn new(options: LauncherOptions) -> Self {
        Self { options }
    }
}

#[async_trait]
impl BackendLauncher for Opencode {
    fn backend(&self) -> Backend {
        Backend::OPENCODE
    }

    fn is_installed(&self) -> bool {
        is_installed(Backend::OPENCODE, &self.options)
    }

    async fn installed(&self) -> Option<Installed> {
        installed(Backend::OPENCODE, &self.options).await
    }

    fn preset(&self) -> Option<Preset> {
        Some(preset::find(&self.options))
    }

    async fn check(&self, options: &LaunchOptions) -> Result<(), LaunchError> {
        check_model(options.model.as_deref())?;
        program(Backend::OPENCODE, &self.options).map(drop)
    }

    async fn prepare(&self, request: &LaunchRequest) -> Result<Vec<String>, LaunchError> {
        check_model(request.model.as_deref())?;
        let program = program(Backend::OPENCODE, &self.options)?;
        if request.role == Role::Member {
            preset::ensure(&program, &self.options)
                .await
                .map_err(|detail| LaunchError::Preparation { backend: Backend::OPENCODE, detail })?;
            member::make_outbox(&request.directory);
        }
        Ok(argv(argument(Backend::OPENCODE, &program)?, request))
    }
}

/// Refuses a model that opencode would replace by another one without a word. The part behind the first `/` is the
/// provider's name for the model and may hold further ones.
fn check_model(model: Option<&str>) -> Result<(), LaunchError> {
    let Some(model) = model else { return Ok(()) };
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['-', '/'])
            && !part.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    match model.split_once('/') {
        Some((provider, name)) if plain(provider) && plain(name) => Ok(()),
        _ => Err(LaunchError::InvalidModel(model.to_owned())),
    }
}

/// Builds the argument vector. The prompt is bound to its option by `=`: a bare one would be the path of a project, and
/// one that starts with `-` an option. A Director is the user's own agent, with the user's own permissions.
fn argv(program: String, request: &LaunchRequest) -> Vec<String> {
    let mut argv = vec![program];
    if request.role == Role::Member {
        argv.extend(["--agent".to_owned(), preset::AGENT.to_owned()]);
    }
    add_model(&mut argv, request.model.as_ref());
    argv.push(format!("--prompt={}", request.prompt));
    argv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binds_the_prompt_to_its_option() {
        let request = |model: Option<&str>| LaunchRequest {
            fleet: "7-03fa92".parse().expect("a fleet"),
            role: Role::Member,
            directory: "/".into(),
            name: "Alan".to_owned(),
            model: model.map(str::to_owned),
            prompt: "-x\n=y".to_owned(),
        };
        let plain = argv("/b/opencode".to_owned(), &request(None));
        assert_eq!(plain, ["/b/opencode", "--agent", "cafleet", "--prompt=-x\n=y"]);
        let model = argv("/b/opencode".to_owned(), &request(Some("a/b")));
        assert_eq!(model, ["/b/opencode", "--agent", "cafleet", "--model", "a/b", "--prompt=-x\n=y"]);
        let director = argv("/b/opencode".to_owned(), &LaunchRequest { role: Role::Director, ..request(None) });
        assert_eq!(director, ["/b/opencode", "--prompt=-x\n=y"]);
    }

    #[test]
    fn a_model_names_its_provider() {
        for good in ["anthropic/claude-opus-5", "openrouter/meta/llama-4:free", "a/b"] {
            assert_eq!(check_model(Some(good)), Ok(()), "{good:?}");
        }
        for bad in ["", "opus", "/opus", "anthropic/", "a b/c", "a/b\n", "-a/b", "a//b", "/"] {
            assert_eq!(check_model(Some(bad)), Err(LaunchError::InvalidModel(bad.to_owned())), "{bad:?}");
        }
        assert_eq!(check_model(None), Ok(()));
    }
}
