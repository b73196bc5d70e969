//! What a viewer types, on its way to the program: nothing is left out while the viewer is there.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::io::BufReader;
use tokio::net::unix::OwnedReadHalf;
use tokio::time::{Instant, timeout};

use super::outbox::{Stuck, Turn};
use super::pane::Pane;
use super::viewer::Viewer;
use crate::pty::protocol::Frame;
use crate::terminal::Size;

/// How long a viewer may pause within a paste: nobody else can write meanwhile.
const PAUSE_LIMIT: Duration = Duration::from_secs(10);

/// Gives the program what the viewer types, until the viewer leaves. The viewer is read no faster than the program reads; once
/// the viewer has left, a program that does not read gets no more.
///
/// # Errors
/// When the connection breaks, or pauses too long within a paste.
pub(super) async fn hear(
    pane: &Rc<Pane>,
    viewer: &Rc<Viewer>,
    may_type: bool,
    from: &mut BufReader<OwnedReadHalf>,
) -> io::Result<()> {
    let mut turn = None;
    loop {
        // whoever wrote now would write into the paste
        if !pane.outbox.given().is_within() && from.buffer().is_empty() {
            turn = None;
        }
        let frame = match turn {
            Some(_) => timeout(PAUSE_LIMIT, Frame::read(from)).await??,
            None => Frame::read(from).await?,
        };
        match frame {
            Some(Frame::Bytes(bytes)) if may_type => {
                let written = write(pane, &mut turn, &bytes, || !has_left(from) && !pane.has_ended()).await;
                if written.is_err() && has_left(from) {
                    return Ok(());
                }
            }
            Some(Frame::Resize(columns, rows)) if may_type => pane.resize(viewer, Size { columns, rows }),
            Some(_) => {}
            None => return Ok(()),
        }
    }
}

async fn write<'a>(
    pane: &'a Rc<Pane>,
    turn: &mut Option<Turn<'a>>,
    bytes: &[u8],
    waits: impl Fn() -> bool,
) -> Result<(), Stuck> {
    if turn.is_none() {
        *turn = Some(pane.outbox.turn_while(&pane.master, &waits).await?);
    }
    let keyed = || pane.keyed.set(Some(Instant::now()));
    keyed();
    let written = match turn {
        Some(turn) => turn.write_while(bytes, &waits).await,
        None => Err(Stuck),
    };
    // the program may not have read for long
    keyed();
    written
}

/// Tells whether the other side sends no more, though some of it may still have to be read.
fn has_left(from: &BufReader<OwnedReadHalf>) -> bool {
    let mut states = [PollFd::new(from.get_ref().as_ref(), PollFlags::RDHUP)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut states, Some(&at_once)).is_ok_and(|count| count > 0)
}
