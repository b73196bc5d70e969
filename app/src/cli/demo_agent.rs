//! `cafleet demo-agent`: what the shims of the demo run.

use std::path::PathBuf;

use cafleet_demo::scripted_agent::{self, ScriptedAgentArgs, Style};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::error::CommandError;

/// Stand in for a coding agent (internal)
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The program to stand in for
    #[arg(long, value_parser = styles())]
    style: Style,

    /// The arguments of that program
    #[arg(last = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

fn styles() -> impl TypedValueParser<Value = Style> {
    PossibleValuesParser::new(Style::ALL.map(Style::as_str)).try_map(|style| style.parse::<Style>())
}

pub(crate) fn run(args: Args, cafleet: PathBuf) -> Result<(), CommandError> {
    let args = ScriptedAgentArgs { style: args.style, arguments: args.arguments, cafleet };
    scripted_agent::run(args).map_err(|error| CommandError::failure("terminal", error.to_string()))
}
