//! `cafleet demo-agent`: what the shims of the demo run.

use std::path::PathBuf;

use crate::cli::arguments::CodingAgent;
use crate::error::CommandError;
use crate::scripted_agent::{self, ScriptedAgentArgs};

/// Stand in for a coding agent (internal)
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The program to stand in for
    #[arg(long, value_enum)]
    style: CodingAgent,

    /// The arguments of that program
    #[arg(last = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(args: Args, cafleet: PathBuf) -> Result<(), CommandError> {
    let args = ScriptedAgentArgs { style: args.style.into(), arguments: args.arguments, cafleet };
    scripted_agent::run(args).map_err(|error| CommandError::failure("terminal", error.to_string()))
}
