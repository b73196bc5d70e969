//! One client: a greeting, then its requests, then frames if it watches a pane.

use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use cafleet_domain::ports::EnterCondition;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{sleep, timeout};

use super::pane::Pane;
use super::viewer::Viewer;
use super::{Daemon, End, MOST_VIEWERS, ending, opening, relay};
use crate::pane_rules;
use crate::pty::protocol::{Frame, HANDOVER, Hello, Opening, PROTOCOL, PaneKey, Reply, Request, read_line, write_line};
use crate::terminal::Size;

/// How long a client may take to greet, and to ask something.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a client that is turned away may take to ask.
const TURN_AWAY_LIMIT: Duration = Duration::from_secs(1);

/// How long a fresh program is watched; one that ends within this time did not start.
const WATCHED: Duration = Duration::from_millis(300);

/// How long a viewer may take to read what it is sent before it counts as gone.
const VIEWER_LIMIT: Duration = Duration::from_secs(60);

/// How many panes a daemon opens.
const MOST_PANES: usize = 500;

/// Talks to a client until it leaves.
///
/// # Errors
/// When it breaks off, or is not one of ours.
pub(super) async fn serve(daemon: &Rc<Daemon>, stream: UnixStream) -> io::Result<()> {
    if stream.peer_cred()?.uid() != rustix::process::getuid().as_raw() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let (from, mut to) = stream.into_split();
    let mut from = BufReader::new(from);
    write_line(&mut to, &daemon.hello()).await?;
    let Some(hello): Option<Hello> = timeout(PATIENCE, read_line(&mut from)).await?? else { return Ok(()) };
    loop {
        let Some(request) = timeout(PATIENCE, read_line::<Request>(&mut from)).await?? else { return Ok(()) };
        if daemon.is_ending() {
            return Ok(());
        }
        let is_lasting = matches!(request, Request::Stop | Request::Upgrade { .. });
        if hello.protocol != PROTOCOL && !is_lasting {
            let ours = PROTOCOL;
            let message = format!("the terminal daemon speaks version {ours}, the client {}", hello.protocol);
            return write_line(&mut to, &Reply::Failed(message)).await;
        }
        if let Request::Watch { pane, writable, may_type, history } = request {
            return match daemon.find(&pane) {
                Some(_) if daemon.viewers.get() >= MOST_VIEWERS => write_line(&mut to, &Reply::Busy).await,
                Some(pane) => {
                    daemon.viewers.set(daemon.viewers.get() + 1);
                    daemon.clients.set(daemon.clients.get() - 1);
                    let size = writable.map(|(columns, rows)| Size { columns, rows });
                    let viewer = Rc::new(Viewer::new(size, history));
                    let watched = watch(&pane, viewer, may_type || writable.is_some(), from, to).await;
                    daemon.clients.set(daemon.clients.get() + 1);
                    daemon.viewers.set(daemon.viewers.get() - 1);
                    watched
                }
                None => write_line(&mut to, &Reply::Gone).await,
            };
        }
        daemon.busy.set(daemon.busy.get() + 1);
        let reply = answer(daemon, request).await;
        let written = write_line(&mut to, &reply).await;
        daemon.busy.set(daemon.busy.get() - 1);
        written?;
        to.flush().await?;
    }
}

/// Tells a client that there are too many.
///
/// # Errors
/// When it breaks off, or takes too long.
pub(super) async fn turn_away(daemon: &Rc<Daemon>, stream: UnixStream) -> io::Result<()> {
    let (from, mut to) = stream.into_split();
    let mut from = BufReader::new(from);
    write_line(&mut to, &daemon.hello()).await?;
    // a client writes before it reads
    let asked = async {
        let _hello: Option<Hello> = read_line(&mut from).await?;
        read_line::<Request>(&mut from).await
    };
    timeout(TURN_AWAY_LIMIT, asked).await??;
    write_line(&mut to, &Reply::Busy).await
}

async fn answer(daemon: &Rc<Daemon>, request: Request) -> Reply {
    match request {
        Request::Open(opening) => open(daemon, &opening).await,
        Request::List => Reply::Panes(daemon.panes().iter().map(|pane| pane.entry()).collect()),
        Request::Look(key) => on(daemon, &key, async |pane| Reply::Seen(pane.look())).await,
        Request::Touch(key) => on(daemon, &key, async |_| Reply::Done).await,
        Request::Capture { pane, lines, ansi } => {
            on(daemon, &pane, async |pane| Reply::Captured(pane.capture(lines, ansi))).await
        }
        Request::Paste { pane, front, condition, text } => {
            on(daemon, &pane, async |pane| pane.paste(front, &condition.into(), &text).await).await
        }
        Request::TypeKeys { pane, front, condition, text } => {
            on(daemon, &pane, async |pane| pane.type_keys(front, &condition.into(), &text).await).await
        }
        Request::Submit { pane, front, mark, cursor_below, cursor_column, present, absent, untouched } => {
            let condition = EnterCondition { mark, cursor_below, cursor_column, present, absent, untouched };
            on(daemon, &pane, async |pane| pane.submit(front, &condition).await).await
        }
        Request::Kill(key) => {
            on(daemon, &key, async |pane| {
                ending::end(&pane).await;
                daemon.remove(&pane);
                Reply::Done
            })
            .await
        }
        Request::Watch { .. } => Reply::Failed("a pane is watched by its own connection".to_owned()),
        Request::Stop => {
            daemon.end(End::Stop);
            Reply::Done
        }
        Request::Upgrade { program, .. } if !pane_rules::is_program(Path::new(&program)) => {
            Reply::Failed(format!("'{program}' is not the absolute path of a program"))
        }
        Request::Upgrade { program, handover } if handover == HANDOVER => {
            daemon.end(End::Upgrade(program));
            Reply::Done
        }
        Request::Upgrade { .. } => Reply::Failed(
            "the new program cannot take over the panes of the running one; end them, or go on with the old one"
                .to_owned(),
        ),
    }
}

async fn on(daemon: &Rc<Daemon>, key: &PaneKey, act: impl AsyncFnOnce(Rc<Pane>) -> Reply) -> Reply {
    match daemon.find(key) {
        Some(pane) => act(pane).await,
        None => Reply::Gone,
    }
}

/// Opens a pane, and closes it again when its program does not stay.
async fn open(daemon: &Rc<Daemon>, opening: &Opening) -> Reply {
    if opening.beside.as_ref().is_some_and(|beside| daemon.find(beside).is_none()) {
        return Reply::Gone;
    }
    if daemon.panes().len() >= MOST_PANES {
        return Reply::Failed(format!("the terminal daemon has {MOST_PANES} panes, which is all that it opens"));
    }
    let (number, whoami) = daemon.next_pane();
    let pane = match opening::open(opening, number, &whoami) {
        Ok(pane) => Rc::new(pane),
        Err(reason) => return Reply::Failed(reason),
    };
    daemon.add(&pane);
    if timeout(WATCHED, pane.ended()).await.is_err() {
        return Reply::Opened(pane.entry());
    }
    let said = pane_rules::last_words(&pane.capture(u32::MAX, false));
    let colon = if said.is_empty() { "" } else { ": " };
    Reply::Failed(format!("'{}' ended at once{colon}{said}", pane.program))
}

/// Shows a pane to a client, and the client's keys to the pane, until one of them leaves.
async fn watch(
    pane: &Rc<Pane>,
    viewer: Rc<Viewer>,
    may_type: bool,
    mut from: BufReader<OwnedReadHalf>,
    mut to: OwnedWriteHalf,
) -> io::Result<()> {
    write_line(&mut to, &Reply::Done).await?;
    pane.watch(&viewer);
    let mut heard = std::pin::pin!(relay::hear(pane, &viewer, may_type, &mut from));
    let outcome = tokio::select! {
        sent = send(pane, &viewer, &mut to) => match sent {
            Ok(()) => Ok(()),
            // what was typed before the viewer left counts
            Err(_) => heard.await,
        },
        heard = &mut heard => heard,
    };
    pane.unwatch(&viewer);
    pane.settle();
    outcome
}

async fn send(pane: &Rc<Pane>, viewer: &Viewer, to: &mut OwnedWriteHalf) -> io::Result<()> {
    loop {
        let frame = viewer.next(|| pane.drawing()).await;
        let is_last = matches!(frame, Frame::End(_));
        tokio::select! {
            written = frame.write(to) => written?,
            () = sleep(VIEWER_LIMIT) => return Err(io::ErrorKind::TimedOut.into()),
        }
        if is_last {
            return Ok(());
        }
    }
}
