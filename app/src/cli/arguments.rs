//! Arguments that several commands share.

use std::io::Read;
use std::path::PathBuf;

use cafleet_domain::backend::Backend;
use cafleet_domain::id::AgentId;
use cafleet_domain::text::MAX_BODY_BYTES;

use crate::error::CommandError;

/// Who acts.
#[derive(Debug, clap::Args)]
pub(crate) struct Identity {
    /// The agent that acts
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

/// Which coding agent program.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum CodingAgent {
    /// Claude Code
    Claude,
    /// Codex CLI
    Codex,
    /// opencode
    Opencode,
}

impl From<CodingAgent> for Backend {
    fn from(agent: CodingAgent) -> Self {
        match agent {
            CodingAgent::Claude => Self::Claude,
            CodingAgent::Codex => Self::Codex,
            CodingAgent::Opencode => Self::Opencode,
        }
    }
}

/// Returns a body: the argument itself, or, for `-`, standard input to its end.
pub(crate) fn body(text: String) -> Result<String, CommandError> {
    if text != "-" {
        return Ok(text);
    }
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
    std::env::current_dir()
        .map_err(|error| CommandError::failure("no_directory", format!("cannot tell the current directory: {error}")))
}
