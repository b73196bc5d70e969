//! A made-up coding agent, `parrot`, and a `cafleet` that knows it beside its own three: what a fourth agent takes.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use cafleet::{CodingAgent, LauncherOptions};
use cafleet_domain::backend::Backend;
use cafleet_domain::keystroke;
use cafleet_domain::ports::{BackendLauncher, Installed, LaunchError, LaunchOptions, LaunchRequest};
use cafleet_domain::profile::{AnswerKeys, MidTurn, Profile, ShellMode, WordsField};
use cafleet_domain::program::{Files, Program};
use cafleet_domain::screen::Patterns;
use cafleet_domain::screen::patterns::{Ending, Footer, Frame, Placeholder, Words};

/// The name of the program.
pub const PARROT: Backend = Backend::named("parrot");

/// What `parrot` writes above its composer when it waits.
pub const WAITING: &str = "= waiting";

/// What it writes below its composer.
pub const FOOTER: &str = "parrot, at your service";

/// Returns all that `cafleet` has to know of `parrot`.
#[must_use]
pub fn parrot() -> CodingAgent {
    CodingAgent { program: program(), launcher: |options| Arc::new(Parrot { options }) }
}

fn program() -> Program {
    Program {
        backend: PARROT,
        title: "Parrot",
        files: Files { interpreters: &[], packages: &[], versions: None },
        profile: Profile {
            mid_turn: MidTurn::Queued,
            shell_mode: ShellMode::Pasted,
            first_line_takes_feed: false,
            answer_keys: AnswerKeys { next: keystroke::NEXT, previous: None },
            words: WordsField::IsAnswer,
            confirmation: None,
        },
        patterns: Patterns {
            frame: Frame::Rules {
                rule: '─',
                prompt: ">".to_owned(),
                modes: vec!["!".to_owned()],
                scrolled: "more".to_owned(),
            },
            spoken: None,
            placeholder: Placeholder::Dim,
            footer: Footer {
                known: vec![Words { begins: FOOTER.to_owned(), holds: String::new() }],
                ..Footer::default()
            },
            working: Vec::new(),
            ended: vec![Ending {
                name: "parrot: waiting".to_owned(),
                begins: WAITING.to_owned(),
                holds: String::new(),
                parts: 1,
                dim: false,
            }],
            silent: false,
            asking: Vec::new(),
        },
        newest_recorded: "1.0.0",
    }
}

/// Starts `parrot`.
struct Parrot {
    options: LauncherOptions,
}

impl Parrot {
    fn find(&self) -> Option<PathBuf> {
        let folders = std::env::split_paths(&self.options.search_path);
        folders.map(|folder| folder.join(PARROT.as_str())).find(|program| program.is_file())
    }
}

#[async_trait]
impl BackendLauncher for Parrot {
    fn backend(&self) -> Backend {
        PARROT
    }

    fn is_installed(&self) -> bool {
        self.find().is_some()
    }

    async fn installed(&self) -> Option<Installed> {
        Some(Installed { program: self.find()?, version: Ok("parrot 1.0.0".to_owned()) })
    }

    async fn check(&self, _options: &LaunchOptions) -> Result<(), LaunchError> {
        self.find().map(drop).ok_or_else(|| LaunchError::BinaryMissing(PARROT.to_string()))
    }

    async fn prepare(&self, request: &LaunchRequest) -> Result<Vec<String>, LaunchError> {
        let program = self.find().ok_or_else(|| LaunchError::BinaryMissing(PARROT.to_string()))?;
        Ok(vec![program.display().to_string(), request.prompt.clone()])
    }
}
