//! One poller for each tmux server, shared by all who watch panes there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cafleet_domain::placement::{Pane, ServerId};
use cafleet_domain::ports::{Clock, Look, MultiplexerError, PaneEvent};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{sleep, timeout};

use super::poll::{Query, Reader, Seen, Step, script};
use super::process::{Call, Deadline};
use super::shown::{Looks, Shown};
use super::{TmuxMultiplexer, arguments, exec_file, process};
use crate::system::SystemClock;

/// How long to wait after a client that said nothing.
const PAUSE: Duration = Duration::from_millis(500);

/// How long tmux may take for the next line: several times what lies between two ticks.
const SILENCE: Duration = Duration::from_secs(5);

/// What a viewer is told.
pub(super) type Told = Result<PaneEvent, MultiplexerError>;

/// Somebody who watches a pane.
pub(super) struct Subscription {
    pub(super) pane: Pane,
    pub(super) to: Sender<Told>,
}

/// The way to a poller, with its server.
type Running = (ServerId, UnboundedSender<Subscription>);

/// The pollers that run.
#[derive(Debug, Clone, Default)]
pub(super) struct Pollers(Arc<Mutex<Vec<Running>>>);

impl Pollers {
    /// Shows a pane to somebody; starts the poller of its server where none runs.
    pub(super) fn subscribe(&self, tmux: &TmuxMultiplexer, subscription: Subscription) {
        let server = subscription.pane.server.clone();
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, poller)) = running.iter().find(|(known, _)| *known == server) {
            // it ends only under this lock
            let _never_closed = poller.send(subscription);
            return;
        }
        let (sender, receiver) = unbounded_channel();
        let _never_closed = sender.send(subscription);
        running.push((server.clone(), sender));
        let poller = Poller { tmux: tmux.clone(), server, receiver, panes: BTreeMap::new(), since: 0 };
        tokio::spawn(poller.run(self.clone()));
    }
}

/// A viewer, who may be slow.
struct Viewer {
    to: Sender<Told>,
    /// Something was left out.
    is_behind: bool,
}

impl Viewer {
    fn tell(&mut self, events: &[PaneEvent]) {
        for event in events {
            self.is_behind = self.is_behind || self.to.try_send(Ok(event.clone())).is_err();
        }
    }
}

/// A pane that somebody watches.
struct Watched {
    pane: Pane,
    shown: Shown,
    viewers: Vec<Viewer>,
    /// A picture is wanted, whether anything has moved or not.
    is_stale: bool,
    /// It was told of in this tick.
    is_seen: bool,
}

impl Watched {
    fn tell(&mut self, events: &[PaneEvent]) {
        for viewer in &mut self.viewers {
            viewer.tell(events);
        }
    }

    /// Draws everything again for those who could not follow and now can.
    fn catch_up(&mut self) {
        let picture = self.shown.picture();
        for viewer in self.viewers.iter_mut().filter(|viewer| viewer.is_behind && !picture.is_empty()) {
            if viewer.to.capacity() > picture.len() {
                viewer.is_behind = false;
                viewer.tell(&picture);
            }
        }
    }
}

/// Asks about all panes of one server that somebody watches.
struct Poller {
    tmux: TmuxMultiplexer,
    server: ServerId,
    receiver: UnboundedReceiver<Subscription>,
    panes: BTreeMap<String, Watched>,
    /// When the client before this one was started, in seconds since the epoch: what has moved since may not have been
    /// seen, however long this process was held up.
    since: i64,
}

impl Poller {
    /// Polls until nobody watches any more.
    async fn run(mut self, pollers: Pollers) {
        loop {
            while let Ok(subscription) = self.receiver.try_recv() {
                self.add(subscription);
            }
            self.forget_leavers();
            if self.panes.is_empty() && self.ends(&pollers) {
                return;
            }
            if let Err(error) = self.poll().await {
                self.look_for_missing().await;
                if matches!(error, MultiplexerError::Missing(_)) {
                    self.fail(&error).await;
                }
                sleep(PAUSE).await;
            }
        }
    }

    /// Ends, unless somebody has come in the meantime.
    fn ends(&mut self, pollers: &Pollers) -> bool {
        let mut running = pollers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.receiver.is_empty() {
            return false;
        }
        running.retain(|(server, _)| *server != self.server);
        true
    }

    fn add(&mut self, Subscription { pane, to }: Subscription) {
        let watched = self.panes.entry(pane.id.as_str().to_owned()).or_insert_with(|| Watched {
            pane: pane.clone(),
            shown: Shown::default(),
            viewers: Vec::new(),
            is_stale: true,
            is_seen: true,
        });
        watched.viewers.push(Viewer { to, is_behind: true });
        watched.catch_up();
    }

    fn forget_leavers(&mut self) {
        for watched in self.panes.values_mut() {
            watched.viewers.retain(|viewer| !viewer.to.is_closed());
        }
        self.panes.retain(|_, watched| !watched.viewers.is_empty());
    }

    /// Runs one client to its end, or until somebody else comes to watch; fails when it said nothing.
    async fn poll(&mut self) -> Result<(), MultiplexerError> {
        let mark = exec_file::unique();
        let queries: Vec<Query> = self.panes.values_mut().map(query).collect();
        let now = SystemClock.now().unix_micros() / 1_000_000;
        let script = script(&mark, &queries, std::mem::replace(&mut self.since, now));
        let mut child = self.start()?;
        let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(MultiplexerError::Failed("tmux: its pipes are missing".to_owned()));
        };
        let feed = async move {
            // a client that ends without reading says so by its silence
            let _broken = to.write_all(script.as_bytes()).await;
        };
        tokio::spawn(feed);
        let (mut from, mut reader, mut line, mut ticks) = (BufReader::new(from), Reader::new(&mark), Vec::new(), 0);
        loop {
            tokio::select! {
                read = timeout(SILENCE, from.read_until(b'\n', &mut line)) => match read {
                    Ok(Ok(1..)) => {}
                    Ok(_) if ticks > 0 => return Ok(()),
                    Ok(_) => return Err(MultiplexerError::Failed("tmux says nothing about its panes".to_owned())),
                    Err(_) => return Err(MultiplexerError::Timeout("tmux".to_owned())),
                },
                Some(subscription) = self.receiver.recv() => {
                    self.add(subscription);
                    // its pane may not be among those that are asked about
                    return Ok(());
                }
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            line.clear();
            for step in reader.take(text.strip_suffix('\n').unwrap_or(&text)) {
                match step {
                    Step::Pane(seen) => self.take(&seen),
                    Step::Tick => {
                        ticks += 1;
                        self.end_tick().await;
                    }
                }
            }
        }
    }

    fn start(&self) -> Result<Child, MultiplexerError> {
        let words = ["source-file", "-"];
        let arguments = arguments::with(arguments::client(&self.server.socket), words);
        // what it is given comes later
        process::start(&self.tmux.options.program, &Call { arguments, stdin: b"-", directory: None })
    }

    fn take(&mut self, seen: &Seen) {
        let Some(watched) = self.panes.get_mut(&seen.id).filter(|_| seen.is_ours) else { return };
        let Some(looks) = Looks::read(&seen.looks) else { return };
        watched.is_seen = true;
        if seen.drawn.is_none() {
            watched.is_stale |= watched.shown.differs(&looks);
            return;
        }
        watched.is_stale = false;
        let events = watched.shown.take(seen, looks);
        watched.tell(&events);
        if looks.dead {
            watched.catch_up();
            watched.tell(&[PaneEvent::Ended("ended; this is its last screen".to_owned())]);
            watched.viewers.clear();
        }
    }

    async fn end_tick(&mut self) {
        if self.panes.values().any(|watched| !watched.is_seen) {
            self.look_for_missing().await;
        }
        for watched in self.panes.values_mut() {
            watched.is_seen = false;
            watched.catch_up();
        }
        self.forget_leavers();
    }

    /// Tells the end of panes that tmux did not tell of, where there is proof of it.
    async fn look_for_missing(&mut self) {
        for watched in self.panes.values_mut().filter(|watched| !watched.is_seen) {
            if let Ok(Look::Gone(_)) = self.tmux.look_by(&watched.pane, Deadline::start()).await {
                watched.tell(&[PaneEvent::Ended("ended".to_owned())]);
                watched.viewers.clear();
            }
        }
    }

    async fn fail(&mut self, error: &MultiplexerError) {
        for watched in self.panes.values_mut() {
            for viewer in watched.viewers.drain(..) {
                let _nobody_listens = viewer.to.try_send(Err(error.clone()));
            }
        }
    }
}

/// Asks about a pane. A stale one stays so until it was drawn: the client may be given up before it answers.
fn query(watched: &mut Watched) -> Query {
    watched.is_seen = false;
    Query {
        pane: watched.pane.clone(),
        fresh: watched.is_stale,
        size: watched.shown.size(),
        history: watched.shown.history,
    }
}
