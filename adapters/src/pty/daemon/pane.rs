//! One pane: a pseudoterminal, the program in it, its screen, and who watches.

use std::cell::{Cell, RefCell};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;

use cafleet_domain::paste::PasteTracker;
use rustix::process::{Pid, WaitOptions, WaitStatus, waitpid};
use rustix::termios::{Winsize, tcgetpgrp, tcsetwinsize};
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until, timeout};

use super::outbox::{Outbox, Stuck};
use super::viewer::Viewer;
use crate::pty::process_table;
use crate::pty::protocol::{PaneEntry, PaneKey, View};
use crate::terminal::{Change, Drawing, Fed, Size, Terminal};

/// How much is read at once; the kernel gives no more than 4 KiB.
const PIECE: usize = 8 * 1024;

/// How long changes are gathered before viewers are told of them.
const GATHERED: Duration = Duration::from_millis(10);

/// How many pieces are read before a screen is judged: what the program wrote before the question counts.
const MOST_PIECES: usize = 256;

/// How long output is awaited of a program that has ended.
const LAST_OUTPUT: Duration = Duration::from_millis(100);

/// How long a text may take that is being written when the daemon is upgraded.
const WRITTEN: Duration = Duration::from_millis(500);

/// A pane.
pub(super) struct Pane {
    pub(super) number: u32,
    pub(super) tag: String,
    pub(super) program: String,
    pub(super) pid: Pid,
    pub(super) master: AsyncFd<OwnedFd>,
    pub(super) terminal: RefCell<Terminal>,
    viewers: RefCell<Vec<Rc<Viewer>>>,
    pub(super) outbox: Outbox,
    /// When the viewers were told last, and when they are to be told of what has changed since.
    told_at: Cell<Instant>,
    due: Cell<Option<Instant>>,
    gathering: Notify,
    /// When a viewer typed last.
    pub(super) keyed: Cell<Option<Instant>>,
    /// How the program ended.
    exit: RefCell<Option<String>>,
    /// The program's output has ended.
    silent: Cell<bool>,
    changed: Notify,
}

impl Pane {
    pub(super) fn new(
        number: u32,
        (tag, program): (String, String),
        pid: Pid,
        (master, given): (AsyncFd<OwnedFd>, PasteTracker),
        terminal: Terminal,
    ) -> Self {
        Self {
            number,
            tag,
            program,
            pid,
            master,
            terminal: RefCell::new(terminal),
            viewers: RefCell::default(),
            outbox: Outbox::after(given),
            told_at: Cell::new(Instant::now()),
            due: Cell::default(),
            gathering: Notify::new(),
            keyed: Cell::default(),
            exit: RefCell::default(),
            silent: Cell::default(),
            changed: Notify::new(),
        }
    }

    pub(super) fn key(&self) -> PaneKey {
        PaneKey { id: format!("%{}", self.number), pid: self.pid.as_raw_nonzero().get().unsigned_abs() }
    }

    pub(super) fn entry(&self) -> PaneEntry {
        let Size { columns, rows } = self.terminal.borrow().size();
        let viewers = self.viewers.borrow().len();
        PaneEntry { key: self.key(), tag: self.tag.clone(), program: self.program.clone(), columns, rows, viewers }
    }

    /// Reads the program's output until it ends.
    pub(super) async fn read_output(self: Rc<Self>) {
        // the daemon may have become another program in the middle of a paste
        self.settle();
        loop {
            let (update, due) = (self.terminal.borrow().update_ends(), self.due.get());
            tokio::select! {
                ready = self.master.readable() => {
                    let Ok(mut ready) = ready else { break };
                    match ready.try_io(|_| self.read_piece()) {
                        Ok(Ok(true)) => {}
                        Err(_would_block) => continue,
                        Ok(Ok(false) | Err(_)) => break,
                    }
                    // the other panes have their turn
                    tokio::task::yield_now().await;
                }
                () = sleep_until(update.unwrap_or_else(std::time::Instant::now).into()), if update.is_some() => {
                    let fed = self.terminal.borrow_mut().settle(std::time::Instant::now());
                    self.heed(fed);
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.tell(),
                () = self.gathering.notified() => {}
            }
        }
        self.silent.set(true);
        self.changed.notify_waiters();
    }

    /// Reads a piece of output and returns whether there may be more.
    fn read_piece(self: &Rc<Self>) -> std::io::Result<bool> {
        let mut piece = [0; PIECE];
        match rustix::io::read(self.master.get_ref(), &mut piece) {
            // EIO: nobody has the terminal open any more
            Ok(0) | Err(rustix::io::Errno::IO) => Ok(false),
            Err(rustix::io::Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
            Ok(count) => {
                let title = self.terminal.borrow().title();
                let fed = self.terminal.borrow_mut().feed(&piece[..count]);
                self.heed(fed);
                let now = self.terminal.borrow().title();
                if now != title {
                    self.viewers.borrow().iter().for_each(|viewer| viewer.entitle(&now));
                }
                Ok(true)
            }
        }
    }

    /// Reads what the program has written so far.
    pub(super) fn catch_up(self: &Rc<Self>) {
        for _ in 0..MOST_PIECES {
            if !matches!(self.read_piece(), Ok(true)) {
                return;
            }
        }
    }

    /// Answers the program, and lets the viewers know what it drew.
    fn heed(self: &Rc<Self>, fed: Fed) {
        if fed.lost {
            // a program draws everything again when its size changes
            let size = self.terminal.borrow().size();
            let _gone = self.set_window(Size { rows: size.rows + 1, ..size });
            let _gone = self.set_window(size);
        }
        if !self.viewers.borrow().is_empty() && self.due.get().is_none() {
            self.due.set(Some(self.told_at.get() + GATHERED));
            self.gathering.notify_one();
        }
        if !fed.answers.is_empty() {
            let pane = Rc::clone(self);
            tokio::task::spawn_local(async move {
                // who does not read its answers gets none
                let _stuck = pane.give(&fed.answers).await;
            });
        }
    }

    /// Tells the viewers what has changed.
    fn tell(&self) {
        self.due.set(None);
        self.told_at.set(Instant::now());
        let change = self.terminal.borrow_mut().changes();
        let viewers = self.viewers.borrow();
        match change {
            Change::Nothing => {}
            Change::Update(bytes) => viewers.iter().for_each(|viewer| viewer.show(&bytes)),
            Change::Everything => viewers.iter().for_each(|viewer| viewer.show_all()),
        }
    }

    /// Writes bytes when it is our turn.
    async fn give(self: &Rc<Self>, bytes: &[u8]) -> Result<(), Stuck> {
        let given = match self.outbox.turn(&self.master).await {
            Ok(mut turn) => turn.write(bytes).await,
            Err(stuck) => Err(stuck),
        };
        if given.is_err() {
            self.settle();
        }
        given
    }

    /// Ends a paste that a writer has left open as soon as the program reads.
    pub(super) fn settle(self: &Rc<Self>) {
        if self.outbox.given().is_within() {
            let pane = Rc::clone(self);
            tokio::task::spawn_local(async move { pane.outbox.settle(&pane.master).await });
        }
    }

    /// Returns the name of the program in front.
    fn command(&self) -> String {
        let group = tcgetpgrp(self.master.get_ref()).unwrap_or(self.pid);
        let name = process_table::name(group.as_raw_nonzero().get());
        if name.is_empty() { process_table::name(self.pid.as_raw_nonzero().get()) } else { name }
    }

    pub(super) fn look(self: &Rc<Self>) -> View {
        self.catch_up();
        View::new(self.terminal.borrow().screen(), self.command())
    }

    pub(super) fn capture(self: &Rc<Self>, lines: u32, ansi: bool) -> String {
        self.catch_up();
        self.terminal.borrow().tail(usize::try_from(lines).unwrap_or(usize::MAX), ansi)
    }

    pub(super) fn watch(&self, viewer: &Rc<Viewer>) {
        self.viewers.borrow_mut().push(Rc::clone(viewer));
        self.fit();
        let title = self.terminal.borrow().title();
        viewer.entitle(&title);
        if let Some(how) = &*self.exit.borrow() {
            viewer.end(how);
        }
    }

    pub(super) fn unwatch(&self, viewer: &Rc<Viewer>) {
        self.viewers.borrow_mut().retain(|known| !Rc::ptr_eq(known, viewer));
        self.fit();
    }

    /// Takes note of the size of a viewer's terminal, if the pane may take it.
    pub(super) fn resize(&self, viewer: &Rc<Viewer>, size: Size) {
        if viewer.size.get().is_some() {
            viewer.size.set(Some(size));
            self.fit();
        }
    }

    /// Takes the size of the viewer that counts: of those whose size the pane may take, the last that came.
    fn fit(&self) {
        let wanted = self.viewers.borrow().iter().rev().find_map(|viewer| viewer.size.get());
        let Some(size) = wanted.map(Size::within_bounds) else { return };
        if size != self.terminal.borrow().size() {
            self.terminal.borrow_mut().resize(size);
            let _gone = self.set_window(size);
            self.viewers.borrow().iter().for_each(|viewer| viewer.show_all());
        }
    }

    fn set_window(&self, Size { columns, rows }: Size) -> rustix::io::Result<()> {
        tcsetwinsize(self.master.get_ref(), Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })
    }

    /// Returns what draws the pane from nothing. All viewers have been told of it then.
    pub(super) fn drawing(&self) -> (Size, Drawing) {
        self.tell();
        let mut terminal = self.terminal.borrow_mut();
        (terminal.size(), terminal.drawing())
    }

    /// Takes note of how the program ended, once it has. Only this pane's process is asked for.
    pub(super) fn reap(&self) {
        if self.exit.borrow().is_some() {
            return;
        }
        let how = match waitpid(Some(self.pid), WaitOptions::NOHANG) {
            Ok(Some((_, status))) => describe(status),
            Err(rustix::io::Errno::CHILD) => "ended".to_owned(),
            _ => return,
        };
        *self.exit.borrow_mut() = Some(how);
        self.changed.notify_waiters();
    }

    pub(super) fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Waits for the end of the program, and of its output, which may be on its way still.
    pub(super) async fn ended(self: &Rc<Self>) {
        loop {
            let changed = self.changed.notified();
            if self.has_ended() {
                break;
            }
            changed.await;
        }
        let _more_output_is_of_others = timeout(LAST_OUTPUT, async {
            while !self.silent.get() {
                let changed = self.changed.notified();
                if self.silent.get() {
                    break;
                }
                changed.await;
            }
        })
        .await;
        self.catch_up();
    }

    /// Tells the viewers that the pane is gone.
    pub(super) fn dismiss(&self) {
        let how = self.exit.borrow().clone().unwrap_or_default();
        self.viewers.borrow().iter().for_each(|viewer| viewer.end(&how));
    }

    /// Waits until nobody writes to the program any more, or for long enough.
    pub(super) async fn quiet(&self) {
        let _long_enough = timeout(WRITTEN, self.outbox.turn(&self.master)).await;
    }
}

fn describe(status: WaitStatus) -> String {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
