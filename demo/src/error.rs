//! Why a demo ended early.

use std::io;
use std::time::Duration;

use thiserror::Error;

/// Why a demo ended early.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The private directory, a child process or the output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A command did not succeed.
    #[error("`{line}` failed: {detail}")]
    Command {
        /// The command as a person would type it.
        line: String,
        /// What it wrote to standard error, or why it did not end.
        detail: String,
    },
    /// A command succeeded with an answer that the demo cannot read.
    #[error("`{line}` printed an unexpected result: {answer}")]
    Answer {
        /// The command as a person would type it.
        line: String,
        /// Its answer.
        answer: String,
    },
    /// Something did not happen in time.
    #[error("{what} within {} s", limit.as_secs())]
    Late {
        /// What did not happen.
        what: &'static str,
        /// How long it was awaited.
        limit: Duration,
    },
}
