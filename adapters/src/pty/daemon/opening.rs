//! Opening a pane: a pseudoterminal of portable-pty, and none of its traps.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::Path;

use cafleet_domain::paste::PasteTracker;
use filedescriptor::FileDescriptor;
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::io::{fcntl_getfd, fcntl_setfd};
use rustix::process::Pid;
use rustix::termios::{InputModes, OptionalActions, tcgetattr, tcsetattr};
use tokio::io::unix::AsyncFd;

use super::pane::Pane;
use crate::pane_rules;
use crate::pty::PANE_VARIABLE;
use crate::pty::protocol::Opening;
use crate::terminal::{Size, Terminal};

/// What every program finds in its environment beside what the client gives.
const TERMINAL: [(&str, &str); 2] = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];

/// Opens a pane as number `number`. `whoami` goes into its environment as `CAFLEET_PANE`.
///
/// # Errors
/// When the request cannot work, or the system gives no terminal or no process.
pub(super) fn open(opening: &Opening, number: u32, whoami: &str) -> Result<Pane, String> {
    // portable-pty takes the home directory in place of one that is missing, and does not tell of a program that is
    pane_rules::check(&opening.argv, Path::new(&opening.directory), &opening.tag)?;
    let size = Size::DEFAULT;
    let given = PtySize { rows: size.rows, cols: size.columns, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(given).map_err(|error| format!("cannot open a terminal: {error}"))?;
    let master = descriptor(&*pair.master).map_err(|error| format!("the terminal cannot be used: {error}"))?;
    let mut command = CommandBuilder::from_argv(opening.argv.iter().map(OsString::from).collect());
    command.cwd(&opening.directory);
    command.env_clear();
    for (name, value) in &opening.environment {
        command.env(name, value);
    }
    for (name, value) in TERMINAL {
        command.env(name, value);
    }
    command.env(PANE_VARIABLE, whoami);
    let program = opening.argv.first().cloned().unwrap_or_default();
    let child = pair.slave.spawn_command(command).map_err(|error| format!("cannot start '{program}': {error:#}"))?;
    let pid = child.process_id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| format!("'{program}' has no process"))?;
    // as long as we had it open too, the output would never end
    drop(pair.slave);
    pane(number, (opening.tag.clone(), program), pid, (master, PasteTracker::default()), Terminal::new(size))
}

/// Puts a pane on a terminal, whose program has been given something already.
pub(super) fn pane(
    number: u32,
    names: (String, String),
    pid: Pid,
    (master, given): (OwnedFd, PasteTracker),
    terminal: Terminal,
) -> Result<Pane, String> {
    #[expect(deprecated, reason = "its successor is unsafe code; an `OwnedFd` stays the same descriptor all its life")]
    let master = AsyncFd::new(master).map_err(|error| format!("the terminal cannot be watched: {error}"))?;
    Ok(Pane::new(number, names, pid, (master, given), terminal))
}

/// Returns a descriptor of our own for a terminal, set up. The writer of portable-pty would type a line feed and an
/// end of file into the pane when it is dropped.
fn descriptor(master: &dyn MasterPty) -> io::Result<OwnedFd> {
    let number = master.as_raw_fd().ok_or_else(|| io::Error::other("it has no descriptor"))?;
    let file = FileDescriptor::dup(&Number(number)).and_then(|copy| copy.as_file()).map_err(io::Error::other)?;
    let own = OwnedFd::from(file);
    fcntl_setfd(&own, fcntl_getfd(&own)? | rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&own, true)?;
    let mut settings = tcgetattr(&own)?;
    // the kernel's line editing then erases whole characters
    settings.input_modes |= InputModes::IUTF8;
    tcsetattr(&own, OptionalActions::Now, &settings)?;
    Ok(own)
}

/// A descriptor that somebody else owns.
struct Number(RawFd);

impl AsRawFd for Number {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}
