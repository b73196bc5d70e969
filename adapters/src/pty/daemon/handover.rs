//! Becoming a newer program without losing a pane: the same process, the same terminals, the same screens.
//!
//! The descriptors travel in a socket that becomes the new program's standard input (SCM_RIGHTS, unix(7)); what is to be known of
//! them stands in a file that travels with them.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IoSlice, IoSliceMut, Read, Seek, SeekFrom, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use cafleet_domain::paste::{self, PasteTracker};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use rustix::process::Pid;
use serde::{Deserialize, Serialize};

use super::opening;
use super::pane::Pane;
use crate::terminal::{Size, Terminal};

/// How many descriptors one message takes; the kernel takes 253.
const BATCH: usize = 64;

/// What the new program must know beside the descriptors.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) started: i64,
    pub(super) generation: u32,
    pub(super) next: u32,
    pub(super) idle_seconds: u64,
    panes: Vec<PaneState>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PaneState {
    number: u32,
    tag: String,
    program: String,
    pid: i32,
    columns: u16,
    rows: u16,
    /// How many bytes draw its screen; they follow in the order of the panes.
    drawing: usize,
    /// What ends the paste that its program is in.
    #[serde(default)]
    owed: String,
}

impl State {
    pub(super) fn new(started: i64, generation: u32, next: u32, idle_seconds: u64) -> Self {
        Self { started, generation, next, idle_seconds, panes: Vec::new() }
    }
}

/// Becomes `program`. Returns only when that fails, with the reason; nothing is changed then.
pub(super) fn become_program(
    program: &str,
    directory: &Path,
    mut state: State,
    panes: &[Rc<Pane>],
    (listener, life): (BorrowedFd<'_>, Option<BorrowedFd<'_>>),
) -> io::Error {
    let mut drawings = Vec::new();
    for pane in panes {
        let mut terminal = pane.terminal.borrow_mut();
        let Size { columns, rows } = terminal.size();
        // what a synchronized update holds back would be lost
        let _answered_too_late = terminal.end_update();
        let drawing = terminal.replay();
        let pid = pane.pid.as_raw_nonzero().get();
        let (tag, program) = (pane.tag.clone(), pane.program.clone());
        let owed = String::from_utf8_lossy(&pane.outbox.given().closing()).into_owned();
        let (number, drawn) = (pane.number, drawing.len());
        state.panes.push(PaneState { number, tag, program, pid, columns, rows, drawing: drawn, owed });
        drawings.push(drawing);
    }
    let inherited = write(directory, &state, &drawings).and_then(|file| {
        let mut descriptors = vec![file.as_fd(), listener];
        descriptors.extend(panes.iter().map(|pane| pane.master.get_ref().as_fd()));
        // last: programs that do not know of it leave it
        descriptors.extend(life);
        send(&descriptors)
    });
    match inherited {
        Err(error) => error,
        Ok(inherited) => Command::new(program)
            .args(["pty-daemon", "--resume", "--directory"])
            .arg(directory)
            .stdin(Stdio::from(OwnedFd::from(inherited)))
            .exec(),
    }
}

/// Writes state and drawings to a file without a name.
fn write(directory: &Path, state: &State, drawings: &[Vec<u8>]) -> io::Result<File> {
    let path = directory.join("handover");
    let _left_by_a_crash = std::fs::remove_file(&path);
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    serde_json::to_writer(&mut file, state)?;
    file.write_all(b"\n")?;
    drawings.iter().try_for_each(|drawing| file.write_all(drawing))?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Returns the end of a socket in which the descriptors wait to be received.
fn send(descriptors: &[BorrowedFd<'_>]) -> io::Result<UnixStream> {
    let (near, far) = UnixStream::pair()?;
    for batch in descriptors.chunks(BATCH) {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(BATCH))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(batch));
        sendmsg(&near, &[IoSlice::new(b"+")], &mut control, SendFlags::empty())?;
    }
    Ok(far)
}

/// What a program has inherited.
pub(super) struct Inherited {
    pub(super) state: State,
    pub(super) listener: UnixListener,
    pub(super) panes: Vec<Pane>,
    /// The lock of a living daemon; none from an older program.
    pub(super) life: Option<File>,
}

/// Takes over what [`become_program`] has left on standard input.
pub(super) fn inherit() -> io::Result<Inherited> {
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    let mut descriptors = receive(&socket)?.into_iter();
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "standard input holds no panes");
    let file = File::from(descriptors.next().ok_or_else(broken)?);
    let listener = UnixListener::from(descriptors.next().ok_or_else(broken)?);
    let mut file = BufReader::new(file);
    let mut line = Vec::new();
    file.read_until(b'\n', &mut line)?;
    let mut state: State = serde_json::from_slice(&line)?;
    let mut panes = Vec::new();
    for known in std::mem::take(&mut state.panes) {
        let mut terminal = Terminal::new(Size { columns: known.columns, rows: known.rows });
        let mut drawing = vec![0; known.drawing];
        file.read_exact(&mut drawing)?;
        // a drawing asks nothing
        terminal.feed(&drawing);
        let pid = Pid::from_raw(known.pid).ok_or_else(broken)?;
        let master = descriptors.next().ok_or_else(broken)?;
        let names = (known.tag, known.program);
        panes.push(
            opening::pane(known.number, names, pid, (master, given(&known.owed)), terminal)
                .map_err(io::Error::other)?,
        );
    }
    let life = descriptors.next().map(File::from);
    Ok(Inherited { state, listener, panes, life })
}

/// Returns what a program has been given to which this is owed.
fn given(owed: &str) -> PasteTracker {
    let paste = [paste::BEGIN.as_slice(), paste::END].concat();
    let mut given = PasteTracker::default();
    given.take(&paste[..paste.len().saturating_sub(owed.len())]);
    given
}

fn receive(socket: &OwnedFd) -> io::Result<Vec<OwnedFd>> {
    let mut descriptors = Vec::new();
    loop {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(BATCH))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let received = recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
        if received.bytes == 0 {
            return Ok(descriptors);
        }
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                descriptors.extend(rights);
            }
        }
    }
}
