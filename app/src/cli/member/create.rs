//! `cafleet member create`

use std::path::{Path, PathBuf};

use cafleet_domain::broker::MemberSpec;

use crate::cli::arguments::{Identity, coding_agent, current_directory};
use crate::cli::context::Context;
use crate::cli::text_file;
use crate::error::CommandError;
use crate::view::MemberCreatedView;
use cafleet_domain::backend::Backend;

/// Register a member and spawn its coding agent beside the Director's pane
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    identity: Identity,

    /// Name of the member
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    name: String,

    /// Description of its role
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    description: String,

    /// The program to run
    #[arg(long, value_parser = coding_agent(), default_value = "claude")]
    coding_agent: Backend,

    /// The model to run; for opencode `<provider-id>/<model-id>`
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,

    /// Absolute path of a file with the first prompt
    #[arg(long, value_name = "PATH")]
    prompt_file: Option<PathBuf>,

    /// The first prompt; `{fleet_id}`, `{agent_id}` and `{director_agent_id}` are filled in
    #[arg(last = true, value_name = "PROMPT")]
    prompt: Vec<String>,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let prompt = prompt(args.prompt_file.as_deref(), &args.prompt)?;
    let directory = current_directory()?;
    let spec = MemberSpec {
        name: args.name,
        description: args.description,
        coding_agent: args.coding_agent,
        model: args.model,
        prompt,
        directory,
    };
    let (agent, placement) = context.broker.members.create(fleet, args.identity.agent_id, spec).await?;
    context.printer.show(&MemberCreatedView { agent: &agent, placement: &placement })
}

fn prompt(file: Option<&Path>, words: &[String]) -> Result<Option<String>, CommandError> {
    match (file, words) {
        (Some(_), [_, ..]) => {
            Err(CommandError::usage("--prompt-file and the positional prompt argument are mutually exclusive."))
        }
        (Some(path), []) => read_prompt(path).map(Some),
        (None, []) => Ok(None),
        (None, words) => Ok(Some(words.join(" "))),
    }
}

fn read_prompt(path: &Path) -> Result<String, CommandError> {
    if !path.is_absolute() {
        let message = format!("--prompt-file {}: path must be absolute.", path.display());
        return Err(CommandError { code: "prompt_file", ..CommandError::usage(message) });
    }
    text_file::read("--prompt-file", path)
}
