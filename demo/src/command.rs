//! Runs a program and keeps what it wrote.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::error::DemoError;
use super::sandbox::Sandbox;

/// How long one command may take: longer than `member delete` waits for a pane.
const LIMIT: Duration = Duration::from_secs(20);

/// Prepares a program with the environment of the demo and nothing else. It runs in a process group of its own, so
/// that a Ctrl-C ends the demo in order; it ends when it is dropped.
pub(super) fn prepare(sandbox: &Sandbox, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(sandbox.environment())
        .current_dir(sandbox.work())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Runs `command` to its end and returns its standard output.
///
/// # Errors
/// When it cannot be started, fails, or takes too long.
pub(super) async fn run(command: &mut Command, input: Option<&str>) -> Result<String, DemoError> {
    let line = line(command);
    let failed = |detail: String| DemoError::Command { line: line.clone(), detail };
    match timeout(LIMIT, output(command, input)).await {
        Err(_) => Err(failed(format!("no end within {} s", LIMIT.as_secs()))),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Ok(Ok(output)) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(Ok(output)) => Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
    }
}

async fn output(command: &mut Command, input: Option<&str>) -> io::Result<Output> {
    let Some(input) = input else { return command.output().await };
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).await?;
    }
    child.wait_with_output().await
}

/// Returns the command as a person would type it.
pub(super) fn line(command: &Command) -> String {
    let command = command.as_std();
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(program).chain(command.get_args()).map(quoted).collect::<Vec<_>>().join(" ")
}

/// Quotes a word for a shell where that is needed.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=%@,+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_typed_again() {
        let mut command = Command::new("/tmp/x/bin/cafleet");
        command.args(["--fleet-id", "1", "message", "send", "--text", "it's $5; ok", ""]);
        assert_eq!(line(&command), r"cafleet --fleet-id 1 message send --text 'it'\''s $5; ok' ''");
    }
}
