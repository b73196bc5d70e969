//! Writing to a program: one writer at a time, and never a paste that stays open.

use std::cell::Cell;
use std::os::fd::OwnedFd;
use std::time::Duration;

use cafleet_domain::paste::PasteTracker;
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

/// How long a program may take to read on.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long a writer waits for its turn; the answer is due after 5 s.
const TURN_LIMIT: Duration = Duration::from_secs(4);

/// How many writers may wait.
const MOST_WAITING: usize = 64;

/// The program does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stuck;

/// Whose turn it is to write, and what the program has been given.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    turn: Mutex<()>,
    given: Cell<PasteTracker>,
    waiting: Cell<usize>,
}

/// The turn of one writer.
pub(super) struct Turn<'a> {
    outbox: &'a Outbox,
    _turn: MutexGuard<'a, ()>,
    to: &'a AsyncFd<OwnedFd>,
}

impl Outbox {
    /// Returns an outbox to a program that has been given something already.
    pub(super) fn after(given: PasteTracker) -> Self {
        Self { given: Cell::new(given), ..Self::default() }
    }

    /// Returns what the program has been given.
    pub(super) fn given(&self) -> PasteTracker {
        self.given.get()
    }

    /// Waits for the turn, then for the program to read the end of a paste that an earlier writer has left open.
    pub(super) async fn turn<'a>(&'a self, to: &'a AsyncFd<OwnedFd>) -> Result<Turn<'a>, Stuck> {
        if self.waiting.get() >= MOST_WAITING {
            return Err(Stuck);
        }
        self.waiting.set(self.waiting.get() + 1);
        let turn = timeout(TURN_LIMIT, self.turn.lock()).await;
        self.waiting.set(self.waiting.get() - 1);
        let mut turn = Turn { outbox: self, _turn: turn.map_err(|_| Stuck)?, to };
        turn.write(&self.given.get().closing()).await?;
        Ok(turn)
    }

    /// As [`Outbox::turn`], but waits while `waits` tells so.
    pub(super) async fn turn_while<'a>(
        &'a self,
        to: &'a AsyncFd<OwnedFd>,
        waits: impl Fn() -> bool,
    ) -> Result<Turn<'a>, Stuck> {
        let mut turn = Turn { outbox: self, _turn: self.turn.lock().await, to };
        turn.write_while(&self.given.get().closing(), waits).await?;
        Ok(turn)
    }

    /// Ends a paste that is left open as soon as the program reads, however long that takes.
    pub(super) async fn settle(&self, to: &AsyncFd<OwnedFd>) {
        while self.given.get().is_within() {
            if to.writable().await.is_err() || self.turn(to).await.is_ok() {
                return;
            }
        }
    }
}

impl Turn<'_> {
    /// Writes bytes. When the program stops reading, the rest is dropped.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Stuck> {
        self.write_while(bytes, || false).await
    }

    /// Writes bytes. When the program stops reading, it is waited for while `waits` tells so, then the rest is dropped.
    pub(super) async fn write_while(&mut self, bytes: &[u8], waits: impl Fn() -> bool) -> Result<(), Stuck> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let Ok(ready) = timeout(PATIENCE, self.to.writable()).await else {
                if waits() {
                    continue;
                }
                return Err(Stuck);
            };
            rest = &rest[self.write_some(ready.map_err(|_| Stuck)?, rest)?..];
        }
        Ok(())
    }

    /// Writes bytes if `may_begin` tells so when the program's terminal takes the first of them: nothing happens in between.
    /// Returns whether it did. When the program stops reading, the rest is dropped.
    pub(super) async fn write_if(&mut self, bytes: &[u8], may_begin: impl Fn() -> bool) -> Result<bool, Stuck> {
        let mut first = 0;
        while first < bytes.len().min(1) {
            let ready = timeout(PATIENCE, self.to.writable()).await.map_err(|_| Stuck)?;
            if !may_begin() {
                return Ok(false);
            }
            first = self.write_some(ready.map_err(|_| Stuck)?, bytes)?;
        }
        self.write(&bytes[first..]).await.map(|()| true)
    }

    /// Writes as many bytes as the program's terminal takes, and returns how many.
    fn write_some(&self, mut ready: AsyncFdReadyGuard<'_, OwnedFd>, bytes: &[u8]) -> Result<usize, Stuck> {
        match ready.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), bytes)?)) {
            Ok(Ok(count)) => {
                self.note(&bytes[..count]);
                Ok(count)
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => Ok(0),
            Ok(Err(_)) => Err(Stuck),
            Err(_would_block) => Ok(0),
        }
    }

    /// Writes a key if the program's terminal takes it at once.
    pub(super) fn press(self, key: &[u8]) -> Result<(), Stuck> {
        match rustix::io::write(self.to.get_ref(), key) {
            Ok(count) if count == key.len() => {
                self.note(key);
                Ok(())
            }
            _ => Err(Stuck),
        }
    }

    fn note(&self, written: &[u8]) {
        let mut given = self.outbox.given.get();
        given.take(written);
        self.outbox.given.set(given);
    }
}
