//! The daemon: one process for each user and data directory, which owns the embedded terminals.
//!
//! One thread does everything, so nothing needs a lock and a look and a key can be one step.

mod clean_start;
mod connection;
mod ending;
mod handover;
mod opening;
mod outbox;
mod pane;
mod relay;
mod socket;
mod typing;
mod viewer;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use cafleet_domain::ports::Clock;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::{JoinSet, LocalSet, spawn_local};
use tokio::time::{Instant, interval, sleep};
use tracing::{info, warn};

use super::leftovers;
use super::protocol::{Hello, PaneKey};
use super::start::{is_in_place, lock_at_once, lock_for_life, make, socket_path};
use crate::system::SystemClock;
use handover::State;
use pane::Pane;

/// How many requests are answered at once. Viewers do not count: they stay.
const MOST_CLIENTS: usize = 256;

/// How many viewers are shown panes at once.
const MOST_VIEWERS: usize = 256;

/// How many clients at once are told that there are too many; further ones are told nothing.
const MOST_TURNED_AWAY: usize = 64;

/// How often it is looked whether directory, lock and socket are still there.
const CHECK_PLACE: Duration = Duration::from_millis(250);

/// How long the answers to requests may take when the daemon is to end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// How often it is looked whether they are given.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// How the daemon is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonOptions {
    /// The directory of its socket.
    pub directory: PathBuf,
    /// How long it stays without a pane.
    pub idle: Duration,
    /// Takes over the panes that the process's former program left on standard input.
    pub resume: bool,
}

/// Why the daemon ends.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Idle,
    Stop,
    /// Goes on as this program.
    Upgrade(String),
}

struct Daemon {
    directory: PathBuf,
    started: i64,
    generation: u32,
    idle: Duration,
    panes: RefCell<BTreeMap<u32, Rc<Pane>>>,
    next: Cell<u32>,
    clients: Cell<usize>,
    viewers: Cell<usize>,
    turned_away: Cell<usize>,
    /// Held until the daemon ends; it says that one lives.
    life: RefCell<Option<File>>,
    /// Which file the socket is.
    socket: Cell<socket::Identity>,
    /// How many requests are being answered.
    busy: Cell<usize>,
    ending: RefCell<Option<End>>,
    /// Panes, clients or the end have changed.
    changed: Notify,
}

/// Runs the daemon to its end.
///
/// # Errors
/// When the socket cannot be made, or the system refuses what is needed.
pub fn run(options: &DaemonOptions) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, serve(options))
}

async fn serve(options: &DaemonOptions) -> io::Result<()> {
    let (daemon, mut listener) = if options.resume { resume(options)? } else { begin(options).await? };
    let daemon = Rc::new(daemon);
    for pane in daemon.panes() {
        daemon.attend(&pane);
    }
    watch_signals(&daemon)?;
    watch_idleness(&daemon);
    loop {
        let end = accept_until_end(&daemon, &mut listener).await;
        match end {
            End::Upgrade(program) => {
                daemon.settle().await;
                info!(program, "goes on as another program");
                let error = daemon.become_program(&program, &listener);
                warn!(program, %error, "cannot go on as another program");
                *daemon.ending.borrow_mut() = None;
            }
            End::Idle | End::Stop => {
                info!(?end, "ends");
                break;
            }
        }
    }
    // whoever comes now starts another one
    socket::remove(&daemon.directory, daemon.socket.get());
    drop(listener);
    drop(daemon.life.take());
    daemon.end_panes().await;
    daemon.settle().await;
    Ok(())
}

/// Starts anew: away from the terminal and the session of whoever started us.
async fn begin(options: &DaemonOptions) -> io::Result<(Daemon, UnixListener)> {
    clean_start::begin();
    let life = socket::live(&options.directory).await?;
    leftovers::end_all(&options.directory);
    let (listener, socket) = socket::bind(&options.directory)?;
    let started = SystemClock.now().unix_micros() / 1_000_000;
    let daemon = Daemon::new(&options.directory, State::new(started, 0, 0, options.idle.as_secs()));
    daemon.life.replace(Some(life));
    daemon.socket.set(socket);
    Ok((daemon, listener))
}

/// Goes on where the former program of this process has stopped.
fn resume(options: &DaemonOptions) -> io::Result<(Daemon, UnixListener)> {
    let handover::Inherited { state, listener, panes, life } = handover::inherit()?;
    listener.set_nonblocking(true)?;
    let daemon = Daemon::new(&options.directory, state);
    // older programs hold no lock
    daemon.life.replace(life.or_else(|| lock_for_life(&options.directory)));
    // where another daemon has our place, the socket is not ours
    if daemon.has_place() {
        daemon.socket.set(socket::identity(&options.directory));
    }
    panes.iter().for_each(|pane| daemon.note(pane));
    daemon.panes.borrow_mut().extend(panes.into_iter().map(|pane| (pane.number, Rc::new(pane))));
    Ok((daemon, UnixListener::from_std(listener)?))
}

/// Serves clients until the daemon is to end, and returns why.
async fn accept_until_end(daemon: &Rc<Daemon>, listener: &mut UnixListener) -> End {
    let mut check = interval(CHECK_PLACE);
    loop {
        if let Some(end) = daemon.ending.borrow().clone() {
            return end;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if daemon.clients.get() < MOST_CLIENTS => daemon.receive(stream),
                Ok((stream, _)) => daemon.turn_away(stream),
                Err(error) => {
                    // the process has no descriptor left; one may be given back
                    warn!(%error, "a client could not be accepted");
                    sleep(LOOK_AGAIN).await;
                }
            },
            () = daemon.changed.notified() => {}
            _ = check.tick() => {
                if let Some(again) = daemon.restore_place().await {
                    *listener = again;
                }
            }
        }
    }
}

fn watch_signals(daemon: &Rc<Daemon>) -> io::Result<()> {
    let mut children = signal(SignalKind::child())?;
    let reaper = Rc::clone(daemon);
    spawn_local(async move {
        loop {
            // first those that ended before anybody listened
            reaper.panes().iter().for_each(|pane| pane.reap());
            if children.recv().await.is_none() {
                return;
            }
        }
    });
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let (mut stop, daemon) = (signal(kind)?, Rc::clone(daemon));
        spawn_local(async move {
            stop.recv().await;
            daemon.end(End::Stop);
        });
    }
    // a closed terminal is none of ours
    let mut hangups = signal(SignalKind::hangup())?;
    spawn_local(async move { while hangups.recv().await.is_some() {} });
    Ok(())
}

/// Ends the daemon when it has had neither pane nor client for long enough, and nobody is about to start one.
fn watch_idleness(daemon: &Rc<Daemon>) {
    let daemon = Rc::clone(daemon);
    spawn_local(async move {
        let mut idle_since = Instant::now();
        loop {
            sleep(daemon.idle.min(Duration::from_secs(30))).await;
            if !daemon.panes.borrow().is_empty() || daemon.clients.get() + daemon.viewers.get() > 0 {
                idle_since = Instant::now();
            } else if idle_since.elapsed() >= daemon.idle
                && let Some(lock) = lock_at_once(&daemon.directory)
            {
                // held until the process ends: whoever starts a daemon waits for it
                std::mem::forget(lock);
                return daemon.end(End::Idle);
            }
        }
    });
}

impl Daemon {
    fn new(directory: &Path, state: State) -> Self {
        Self {
            directory: directory.to_owned(),
            started: state.started,
            generation: state.generation,
            idle: Duration::from_secs(state.idle_seconds),
            panes: RefCell::default(),
            next: Cell::new(state.next),
            clients: Cell::default(),
            viewers: Cell::default(),
            turned_away: Cell::default(),
            life: RefCell::default(),
            socket: Cell::default(),
            busy: Cell::default(),
            ending: RefCell::default(),
            changed: Notify::new(),
        }
    }

    fn hello(&self) -> Hello {
        Hello::new(self.started, self.generation)
    }

    fn panes(&self) -> Vec<Rc<Pane>> {
        self.panes.borrow().values().map(Rc::clone).collect()
    }

    fn find(&self, key: &PaneKey) -> Option<Rc<Pane>> {
        let number: u32 = key.id.strip_prefix('%')?.parse().ok()?;
        self.panes.borrow().get(&number).filter(|pane| pane.key() == *key && !pane.has_ended()).map(Rc::clone)
    }

    /// Returns the number of the next pane, and by what its program recognises it.
    fn next_pane(&self) -> (u32, String) {
        let number = self.next.get();
        self.next.set(number + 1);
        let socket = socket_path(&self.directory);
        let whoami = format!("%{number},{}:{}:{}", std::process::id(), self.started, socket.display());
        (number, whoami)
    }

    fn add(self: &Rc<Self>, pane: &Rc<Pane>) {
        info!(pane = pane.number, process = pane.pid.as_raw_nonzero().get(), "a pane was opened");
        self.panes.borrow_mut().insert(pane.number, Rc::clone(pane));
        self.note(pane);
        self.attend(pane);
        // it may have ended before it was known
        pane.reap();
    }

    fn note(&self, pane: &Pane) {
        leftovers::note(&self.directory, pane.pid.as_raw_nonzero().get());
    }

    /// Returns `true` if whoever asks whether a daemon lives comes upon our lock.
    fn has_place(&self) -> bool {
        self.life.borrow().as_ref().is_some_and(|life| is_in_place(life, &self.directory))
    }

    /// Makes again what has been removed of the directory, the lock and the socket, and returns a new socket.
    ///
    /// The directory above is not made: who has removed that one does not expect it back. While another daemon has our
    /// place, nothing is done.
    async fn restore_place(&self) -> Option<UnixListener> {
        if !self.has_place() {
            make(&self.directory).ok()?;
            let life = lock_for_life(&self.directory)?;
            self.life.replace(Some(life));
            self.panes().iter().for_each(|pane| self.note(pane));
        }
        let (listener, socket) = socket::bind_again(&self.directory, self.socket.get()).await?;
        warn!("the socket was removed, and is made again");
        self.socket.set(socket);
        Some(listener)
    }

    /// Reads what a pane's program writes, and removes the pane when the program ends.
    fn attend(self: &Rc<Self>, pane: &Rc<Pane>) {
        spawn_local(Rc::clone(pane).read_output());
        let (daemon, pane) = (Rc::clone(self), Rc::clone(pane));
        spawn_local(async move {
            pane.ended().await;
            daemon.remove(&pane);
        });
    }

    fn remove(&self, pane: &Pane) {
        info!(pane = pane.number, "a pane was removed");
        pane.dismiss();
        leftovers::forget(&self.directory, pane.pid.as_raw_nonzero().get());
        self.panes.borrow_mut().remove(&pane.number);
        self.changed.notify_one();
    }

    fn receive(self: &Rc<Self>, stream: tokio::net::UnixStream) {
        self.clients.set(self.clients.get() + 1);
        let daemon = Rc::clone(self);
        spawn_local(async move {
            // a client that breaks off is told nothing
            let _broken_off = connection::serve(&daemon, stream).await;
            daemon.clients.set(daemon.clients.get() - 1);
            daemon.changed.notify_one();
        });
    }

    /// Tells a client that there are too many.
    fn turn_away(self: &Rc<Self>, stream: tokio::net::UnixStream) {
        if self.turned_away.get() >= MOST_TURNED_AWAY {
            return;
        }
        self.turned_away.set(self.turned_away.get() + 1);
        let daemon = Rc::clone(self);
        spawn_local(async move {
            let _broken_off = connection::turn_away(&daemon, stream).await;
            daemon.turned_away.set(daemon.turned_away.get() - 1);
        });
    }

    fn is_ending(&self) -> bool {
        self.ending.borrow().is_some()
    }

    fn end(&self, end: End) {
        *self.ending.borrow_mut() = Some(end);
        self.changed.notify_one();
    }

    /// Waits until every request that was taken is answered and every text written, or for long enough.
    async fn settle(&self) {
        let end = Instant::now() + LAST_ANSWERS;
        while self.busy.get() > 0 && Instant::now() < end {
            sleep(LOOK_AGAIN).await;
        }
        for pane in self.panes() {
            pane.quiet().await;
        }
    }

    fn become_program(&self, program: &str, listener: &UnixListener) -> io::Error {
        let state = State::new(self.started, self.generation + 1, self.next.get(), self.idle.as_secs());
        let life = self.life.borrow();
        let descriptors = (listener.as_fd(), life.as_ref().map(AsFd::as_fd));
        handover::become_program(program, &self.directory, state, &self.panes(), descriptors)
    }

    async fn end_panes(&self) {
        let mut ends = JoinSet::new();
        for pane in self.panes() {
            ends.spawn_local(async move { ending::end(&pane).await });
        }
        ends.join_all().await;
    }
}
