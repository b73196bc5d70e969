//! Runs the tmux client so that nothing it does can block or blind the caller.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use cafleet_domain::ports::MultiplexerError;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{debug, trace, warn};

/// How long one operation of the port may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How long a pipe may stay open after the client has ended; what it wrote is in the pipe by then, so this bounds only
/// the wait for somebody who inherited the other end.
const PIPE_GRACE: Duration = Duration::from_millis(100);

/// How long a killed client may take to be reaped.
const REAP_GRACE: Duration = Duration::from_millis(100);

/// How much of a client's complaint is kept, in bytes; the rest is read and dropped.
const KEPT_STDERR: usize = 4096;

/// When an operation must have answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// Starts the 5 s of an operation.
    pub(super) fn start() -> Self {
        Self(Instant::now() + LIMIT)
    }

    /// Returns a deadline that leaves `reserve` for cleaning up.
    pub(super) fn earlier_by(self, reserve: Duration) -> Self {
        Self(self.0 - reserve)
    }
}

/// What one call of the client is given.
#[derive(Debug, Default)]
pub(super) struct Call<'a> {
    /// The arguments after the program's name.
    pub(super) arguments: Vec<String>,
    /// What it reads; nothing when empty.
    pub(super) stdin: &'a [u8],
    /// Where it runs; where the caller runs when none.
    pub(super) directory: Option<&'a Path>,
}

/// What one call of the client left behind.
#[derive(Debug)]
pub(super) struct Finished {
    /// Whether it ended with success.
    pub(super) success: bool,
    /// Everything that it wrote to stdout; bytes that are not UTF-8 are replaced.
    pub(super) stdout: String,
    /// The beginning of what it wrote to stderr, without blanks around.
    pub(super) stderr: String,
}

/// Runs `program` to its end, reading both pipes and writing stdin at the same time.
///
/// # Errors
/// `Missing` when there is no such program, `Timeout` when the deadline passes (the client is killed and reaped then),
/// `Failed` when it cannot be started or waited for.
pub(super) async fn run(program: &str, call: Call<'_>, deadline: Deadline) -> Result<Finished, MultiplexerError> {
    let failed = |error: io::Error| MultiplexerError::Failed(format!("cannot run {program}: {error}"));
    trace!(program, arguments = ?call.arguments, bytes = call.stdin.len(), "call");
    let mut child = start(program, &call)?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let waited = timeout_at(deadline.0, talk(&mut child, call.stdin, &mut stdout, &mut stderr)).await;
    let status = match waited {
        Ok(status) => status.map_err(failed)?,
        Err(_) => {
            // reaped here, or by the runtime later should even SIGKILL be slow
            drop(timeout(REAP_GRACE, child.kill()).await);
            warn!(program, "no answer within 5 s");
            return Err(MultiplexerError::Timeout(program.to_owned()));
        }
    };
    if !status.success() {
        debug!(program, %status, stderr = %String::from_utf8_lossy(&stderr).trim(), "a call failed");
    }
    Ok(Finished {
        success: status.success(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).trim().to_owned(),
    })
}

/// Starts `program`; it ends when it is dropped.
///
/// # Errors
/// `Missing` when there is no such program, `Failed` when it cannot be started.
pub(super) fn start(program: &str, call: &Call<'_>) -> Result<Child, MultiplexerError> {
    command(program, call).spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => MultiplexerError::Missing(program.to_owned()),
        _ => MultiplexerError::Failed(format!("cannot run {program}: {error}")),
    })
}

/// Describes the process to start.
fn command(program: &str, call: &Call<'_>) -> Command {
    let mut command = Command::new(program);
    command.args(call.arguments.iter().map(OsStr::new));
    command.stdin(if call.stdin.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    if let Some(directory) = call.directory {
        // the client tells the server $PWD when it names the same directory, which keeps symbolic links as written
        command.current_dir(directory).env("PWD", directory);
    }
    command
}

/// Feeds and drains the child until it has ended and its pipes are read.
async fn talk(child: &mut Child, input: &[u8], stdout: &mut Vec<u8>, stderr: &mut Vec<u8>) -> io::Result<ExitStatus> {
    let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut pipe) = stdin {
            // a client that ends without reading says why on stderr
            drop(pipe.write_all(input).await);
        }
    };
    let pipes = async { tokio::join!(feed, drain(out, stdout, usize::MAX), drain(err, stderr, KEPT_STDERR)) };
    tokio::pin!(pipes);
    tokio::select! {
        status = child.wait() => {
            drop(timeout(PIPE_GRACE, &mut pipes).await);
            status
        }
        _ = &mut pipes => child.wait().await,
    }
}

/// Reads a pipe to its end and keeps the first `limit` bytes.
async fn drain(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>, limit: usize) {
    let Some(mut pipe) = pipe else { return };
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        let room = limit.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
}
