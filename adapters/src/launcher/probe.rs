//! Asking an agent program about itself.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use super::LauncherOptions;

/// How long a program may take to say which version it is or what options it has.
pub(crate) const LIMIT: Duration = Duration::from_secs(5);

/// How much of an answer is kept; help texts are a tenth of it.
const KEPT: u64 = 256 * 1024;

/// What a program printed.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its standard output, up to `KEPT` bytes.
    pub(crate) text: String,
    /// Its standard error, up to `KEPT` bytes.
    pub(crate) complaint: String,
    /// Whether it ended with exit code 0.
    pub(crate) success: bool,
}

/// Runs `program` with `arguments` and no input, in the home directory, and returns what it printed; an error is the
/// reason in words. Whatever it started is ended with it when `limit` is over.
pub(crate) async fn ask(
    program: &Path,
    arguments: &[&str],
    options: &LauncherOptions,
    limit: Duration,
) -> Result<Answer, String> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("PATH", &options.search_path)
        .env("HOME", &options.home)
        .current_dir(&options.home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    for (name, value) in [
        ("CLAUDE_CONFIG_DIR", &options.claude_config_dir),
        ("CODEX_HOME", &options.codex_home),
        ("OPENCODE_CONFIG_DIR", &options.opencode_config_dir),
        ("XDG_CONFIG_HOME", &options.config_home),
    ] {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let question = format!("{} {}", program.display(), arguments.join(" "));
    let mut child = command.spawn().map_err(|error| format!("cannot run {question}: {error}"))?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let answered = timeout(limit, async { tokio::join!(child.wait(), drain(stdout), drain(stderr)) }).await;
    match answered {
        Ok((Ok(status), text, complaint)) => Ok(Answer { text, complaint, success: status.success() }),
        Ok((Err(error), _, _)) => Err(format!("cannot run {question}: {error}")),
        Err(_) => {
            if let Some(group) = group {
                // it may have ended in this moment, which is what is wanted
                let _ = kill_process_group(group, Signal::KILL);
            }
            Err(format!("{question} did not answer within {} s", limit.as_secs()))
        }
    }
}

/// Reads a pipe to its end, so that the program never waits for a reader, and returns the beginning.
async fn drain(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut pipe) = pipe else { return String::new() };
    let mut kept = Vec::new();
    // what was read before an error is all there is
    let _ = (&mut pipe).take(KEPT).read_to_end(&mut kept).await;
    let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&kept).into_owned()
}
