//! Writing to a program: one writer at a time, never longer than the program reads, never an open paste.

use std::cell::Cell;
use std::os::fd::OwnedFd;
use std::time::Duration;

use tokio::io::unix::AsyncFd;
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

/// A text with what must stand around it: once the beginning is written, the end follows, whatever happens.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wrapped<'a> {
    pub(super) before: &'a [u8],
    pub(super) text: &'a [u8],
    pub(super) after: &'a [u8],
}

impl Wrapped<'_> {
    /// Returns what is owed to the program when it has read only the first `written` bytes.
    fn owed(&self, written: usize) -> Vec<u8> {
        let [before, text] = [self.before.len(), self.before.len() + self.text.len()];
        match written {
            0 => Vec::new(),
            some if some < before => [&self.before[some..], self.after].concat(),
            some if some < text => self.after.to_vec(),
            some => self.after[some - text..].to_vec(),
        }
    }
}

/// Whose turn it is to write, and what comes before anything else.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// The end of a paste that the program has not read yet.
    owed: Mutex<Vec<u8>>,
    waiting: Cell<usize>,
}

/// The turn of one writer.
pub(super) struct Turn<'a> {
    owed: MutexGuard<'a, Vec<u8>>,
    to: &'a AsyncFd<OwnedFd>,
}

impl Outbox {
    /// Waits for the turn, then for the program to read what is owed to it.
    pub(super) async fn turn<'a>(&'a self, to: &'a AsyncFd<OwnedFd>) -> Result<Turn<'a>, Stuck> {
        if self.waiting.get() >= MOST_WAITING {
            return Err(Stuck);
        }
        self.waiting.set(self.waiting.get() + 1);
        let owed = timeout(TURN_LIMIT, self.owed.lock()).await;
        self.waiting.set(self.waiting.get() - 1);
        let mut turn = Turn { owed: owed.map_err(|_| Stuck)?, to };
        turn.pay().await?;
        Ok(turn)
    }

    /// Writes what is owed as soon as the program reads, however long that takes.
    pub(super) async fn settle(&self, to: &AsyncFd<OwnedFd>) {
        while !self.owed.lock().await.is_empty() {
            if to.writable().await.is_err() || self.turn(to).await.is_ok() {
                return;
            }
        }
    }
}

impl Turn<'_> {
    async fn pay(&mut self) -> Result<(), Stuck> {
        let owed = std::mem::take(&mut *self.owed);
        let mut written = 0;
        let paid = write(self.to, &owed, &mut written).await;
        *self.owed = owed[written..].to_vec();
        paid
    }

    /// Writes a text. When the program stops reading, the rest is dropped, and the end of a paste is owed.
    pub(super) async fn write(mut self, text: Wrapped<'_>) -> Result<(), Stuck> {
        let mut written = 0;
        let whole = [text.before, text.text, text.after].concat();
        let outcome = write(self.to, &whole, &mut written).await;
        if outcome.is_err() {
            *self.owed = text.owed(written);
        }
        outcome
    }

    /// Writes a key if the program's terminal takes it at once.
    pub(super) fn press(self, key: &[u8]) -> Result<(), Stuck> {
        match rustix::io::write(self.to.get_ref(), key) {
            Ok(count) if count == key.len() => Ok(()),
            _ => Err(Stuck),
        }
    }
}

/// Writes until all is written or nothing was read for [`PATIENCE`]; counts what was.
async fn write(to: &AsyncFd<OwnedFd>, bytes: &[u8], written: &mut usize) -> Result<(), Stuck> {
    while *written < bytes.len() {
        let mut ready = timeout(PATIENCE, to.writable()).await.map_err(|_| Stuck)?.map_err(|_| Stuck)?;
        match ready.try_io(|fd| Ok(rustix::io::write(fd.get_ref(), &bytes[*written..])?)) {
            Ok(Ok(count)) => *written += count,
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Ok(Err(_)) => return Err(Stuck),
            Err(_would_block) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_that_was_begun_is_owed_its_end() {
        let paste = Wrapped { before: b"<<", text: b"text", after: b">>" };
        let owed: Vec<Vec<u8>> = (0..=8).map(|written| paste.owed(written)).collect();
        let expected: [&[u8]; 9] = [b"", b"<>>", b">>", b">>", b">>", b">>", b">>", b">", b""];
        assert_eq!(owed, expected);
        assert_eq!(Wrapped { text: b"keys", ..Wrapped::default() }.owed(2), b"");
    }
}
