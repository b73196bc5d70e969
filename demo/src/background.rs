//! Commands that run beside the story.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::command::line;
use super::error::DemoError;

/// How long one may take to say its first line.
const START_LIMIT: Duration = Duration::from_secs(10);

/// How long one may take to end.
const END_LIMIT: Duration = Duration::from_secs(3);

/// A running command; it ends when it is dropped.
pub(super) struct Background(Child);

impl Background {
    /// Starts a command of which nobody reads what it says.
    pub(super) fn start(command: &mut Command) -> Result<Self, DemoError> {
        Ok(Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Starts a command, and returns the first line that it says.
    pub(super) async fn start_and_listen(command: &mut Command) -> Result<(Self, String), DemoError> {
        let mut child = command.stderr(Stdio::null()).spawn()?;
        let mut said = String::new();
        if let Some(out) = child.stdout.take() {
            let mut out = BufReader::new(out);
            let late = DemoError::Late { what: "the server did not say its address", limit: START_LIMIT };
            timeout(START_LIMIT, out.read_line(&mut said)).await.map_err(|_| late)??;
        }
        match said.trim_end() {
            "" => Err(DemoError::Answer { line: line(command), answer: said }),
            first => Ok((Self(child), first.to_owned())),
        }
    }

    /// Ends it in order, or at once when it does not listen.
    pub(super) async fn end(mut self) -> Result<(), DemoError> {
        let process = self.0.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(process) = process {
            rustix::process::kill_process(process, rustix::process::Signal::TERM).map_err(io::Error::from)?;
        }
        if timeout(END_LIMIT, self.0.wait()).await.is_err() {
            self.0.kill().await?;
        }
        Ok(())
    }
}
