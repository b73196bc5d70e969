//! Arguments that several commands share.

use std::io::Read;
use std::path::{Path, PathBuf};

use cafleet_domain::backend::Backend;
use cafleet_domain::id::AgentId;
use cafleet_domain::text::MAX_BODY_BYTES;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::text_file;
use crate::composition;
use crate::error::CommandError;

/// Who acts.
#[derive(Debug, clap::Args)]
pub(crate) struct Identity {
    /// Your agent id
    #[arg(long, value_name = "INT", allow_negative_numbers = true)]
    pub(crate) agent_id: AgentId,
}

/// Which member.
#[derive(Debug, clap::Args)]
pub(crate) struct Target {
    /// The member
    #[arg(long, value_name = "INT", allow_negative_numbers = true)]
    pub(crate) member_id: AgentId,
}

/// Returns what reads the name of a coding agent program that this process knows.
pub(crate) fn coding_agent() -> impl TypedValueParser<Value = Backend> {
    let programs = composition::programs().iter();
    let names = programs.map(|program| PossibleValue::new(program.backend.as_str()).help(program.title));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Backend>())
}

/// What is said: in the command itself, or in a file that no shell touches.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Body {
    /// The body, up to 1 MiB; `-` reads standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    text: Option<String>,

    /// A file that holds the body, in UTF-8; `-` reads standard input
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    text_file: Option<PathBuf>,
}

impl Body {
    /// Returns the body.
    pub(crate) fn read(self) -> Result<String, CommandError> {
        match (self.text, self.text_file) {
            (Some(text), _) if text != "-" => Ok(text),
            (None, Some(file)) if file != Path::new("-") => text_file::read("--text-file", &file),
            _ => standard_input(),
        }
    }
}

/// Reads standard input to its end.
fn standard_input() -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    let limit = MAX_BODY_BYTES as u64 + 1;
    let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
    read.map_err(|error| CommandError::failure("input", format!("cannot read standard input: {error}")))?;
    if bytes.len() > MAX_BODY_BYTES {
        let message = format!("message text is more than {MAX_BODY_BYTES} bytes long; the limit is 1 MiB");
        return Err(CommandError::failure("text_too_long", message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        CommandError::failure("not_utf8", format!("standard input is not valid UTF-8 (at byte {offset})"))
    })
}

/// Returns the directory in which a program starts that this command spawns.
pub(crate) fn current_directory() -> Result<PathBuf, CommandError> {
    std::env::current_dir().map_err(|error| {
        CommandError::failure("no_directory", format!("cannot determine the current directory: {error}"))
    })
}
