//! Child processes of a turn: they never hold up the screen, and they end with the turn.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use super::control::{Control, Stopped};

/// How long output is still awaited after the child has ended: a grandchild may keep the pipe open for ever.
const LATE_OUTPUT: Duration = Duration::from_millis(200);

/// How often a running child is looked at when it writes nothing.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What a child left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Output {
    /// It ended with exit code 0.
    pub(super) success: bool,
    /// Its standard output.
    pub(super) stdout: String,
    /// Its standard error, or why it could not be started.
    pub(super) stderr: String,
}

/// Which pipe a piece of output came from.
#[derive(Clone, Copy)]
enum Pipe {
    Stdout,
    Stderr,
}

/// Runs `command` to its end without input and returns what it left.
///
/// # Errors
/// When the turn is stopped meanwhile; the child and what it started are killed.
pub(super) fn run(command: &mut Command, control: &Receiver<Control>) -> Result<Output, Stopped> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let program = command.get_program().to_string_lossy().into_owned();
            return Ok(Output { stderr: format!("cannot run {program}: {error}"), ..Output::default() });
        }
    };
    let (sender, pieces) = mpsc::channel();
    forward(child.stdout.take(), Pipe::Stdout, sender.clone());
    forward(child.stderr.take(), Pipe::Stderr, sender);
    let outcome = wait(&mut child, control);
    if outcome.is_err() {
        end(&mut child);
    }
    let success = outcome?;
    Ok(collect(success, &pieces))
}

fn forward(pipe: Option<impl Read + Send + 'static>, kind: Pipe, pieces: Sender<(Pipe, Vec<u8>)>) {
    let Some(mut pipe) = pipe else { return };
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            if pieces.send((kind, buffer[..count].to_vec())).is_err() {
                break;
            }
        }
    });
}

/// Waits until the child has ended and tells whether it succeeded.
fn wait(child: &mut Child, control: &Receiver<Control>) -> Result<bool, Stopped> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) => {}
            Err(_) => return Ok(false),
        }
        match control.recv_timeout(LOOK_AGAIN) {
            Err(RecvTimeoutError::Timeout) | Ok(Control::Answer(_)) => {}
            Ok(Control::Stop) | Err(RecvTimeoutError::Disconnected) => return Err(Stopped),
        }
    }
}

fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let killed: io::Result<()> = match group {
        Some(group) => kill_process_group(group, Signal::KILL).map_err(Into::into),
        None => child.kill(),
    };
    if killed.is_ok() {
        // reaped, so that no zombie stays in the pane; the result of a killed child says nothing
        drop(child.wait());
    }
}

fn collect(success: bool, pieces: &Receiver<(Pipe, Vec<u8>)>) -> Output {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    while let Ok((pipe, piece)) = pieces.recv_timeout(LATE_OUTPUT) {
        match pipe {
            Pipe::Stdout => stdout.extend(piece),
            Pipe::Stderr => stderr.extend(piece),
        }
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
    Output { success, stdout: text(stdout), stderr: text(stderr) }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn keeps_what_a_child_wrote() {
        let (_control, orders) = mpsc::channel();
        let output = run(&mut shell("echo out; echo err >&2; exit 3"), &orders).expect("not stopped");
        assert_eq!(output, Output { success: false, stdout: "out".to_owned(), stderr: "err".to_owned() });
        let flood = run(&mut shell("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"), &orders).expect("ends");
        assert_eq!((flood.success, flood.stdout.len(), flood.stderr.len()), (true, 300_000, 300_000));
    }

    #[test]
    fn a_missing_program_is_output_too() {
        let (_control, orders) = mpsc::channel();
        let output = run(&mut Command::new("/nonexistent/cafleet"), &orders).expect("not stopped");
        assert!(!output.success);
        assert!(output.stderr.starts_with("cannot run /nonexistent/cafleet: "), "{}", output.stderr);
    }

    #[test]
    fn a_grandchild_that_keeps_the_pipe_does_not_hold_us() {
        let (_control, orders) = mpsc::channel();
        let start = Instant::now();
        let output = run(&mut shell("sleep 30 & echo $!"), &orders).expect("not stopped");
        assert!(output.success && start.elapsed() < Duration::from_secs(10));
        let left: i32 = output.stdout.parse().expect("the process id of the grandchild");
        rustix::process::kill_process(Pid::from_raw(left).expect("a process id"), Signal::KILL).expect("it still runs");
    }

    #[test]
    fn a_stopped_turn_ends_its_child() {
        let (control, orders) = mpsc::channel();
        control.send(Control::Stop).expect("somebody listens");
        let start = Instant::now();
        assert_eq!(run(&mut shell("sleep 30; :"), &orders), Err(Stopped));
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
