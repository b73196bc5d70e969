//! What a viewer types, on its way to a pane, while the viewer is shown what happens there.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cafleet_domain::paste::PasteTracker;
use cafleet_domain::ports::{MultiplexerError, PaneInput};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long a pane may take to read the last of what was typed, when the viewer leaves.
const LAST_KEYS: Duration = Duration::from_millis(500);

#[derive(Debug)]
enum Typed {
    Keys(Vec<u8>),
    Size(u16, u16),
}

/// Gives a pane what is typed, as fast as it is taken.
pub(crate) struct Typing {
    to: Sender<Typed>,
    task: JoinHandle<Result<(), MultiplexerError>>,
    given: usize,
    written: Arc<AtomicUsize>,
    is_over: bool,
    size: Option<(u16, u16)>,
}

impl Typing {
    /// Begins to type into a pane.
    pub(crate) fn start(input: Box<dyn PaneInput>) -> Self {
        let (to, from) = channel(1);
        let written = Arc::new(AtomicUsize::new(0));
        let task = tokio::spawn(write(input, from, Arc::clone(&written)));
        Self { to, task, given: 0, written, is_over: false, size: None }
    }

    /// Gives the pane what is in `keys` as soon as what was given before is taken; waits for ever when there is nothing
    /// to give. When this is dropped before, nothing is given.
    ///
    /// # Errors
    /// When the pane takes nothing any more. That it is gone it tells by itself.
    pub(crate) async fn advance(&mut self, keys: &mut Vec<u8>) -> Result<(), MultiplexerError> {
        tokio::select! {
            Ok(room) = self.to.reserve(), if self.size.is_some() || !keys.is_empty() => {
                match self.size.take() {
                    Some((columns, rows)) => room.send(Typed::Size(columns, rows)),
                    None => {
                        self.given += keys.len();
                        room.send(Typed::Keys(std::mem::take(keys)));
                    }
                }
                Ok(())
            }
            error = failure(&mut self.task, &mut self.is_over) => Err(error),
        }
    }

    /// Tells the size of the viewer with the next [`Typing::advance`].
    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        self.size = Some(size);
    }

    /// Tells whether all that was given is taken.
    pub(crate) fn is_idle(&self) -> bool {
        self.written.load(Ordering::Acquire) == self.given
    }

    /// Ends a paste that is open, and types no more. Returns whether all that was given was taken.
    pub(crate) async fn finish(mut self) -> bool {
        let Self { to, .. } = &mut self;
        drop(std::mem::replace(to, channel(1).0));
        if !self.is_over && timeout(LAST_KEYS, &mut self.task).await.is_err() {
            self.task.abort();
        }
        self.is_idle()
    }
}

/// Waits until a pane takes nothing any more, and returns why; for ever when it is gone.
async fn failure(task: &mut JoinHandle<Result<(), MultiplexerError>>, is_over: &mut bool) -> MultiplexerError {
    if !*is_over {
        let outcome = task.await;
        *is_over = true;
        if let Ok(Err(error)) = outcome
            && !matches!(error, MultiplexerError::Gone(_))
        {
            return error;
        }
    }
    pending().await
}

/// Writes what comes until nothing more does, and closes the paste in which that happens.
async fn write(
    mut input: Box<dyn PaneInput>,
    mut from: Receiver<Typed>,
    written: Arc<AtomicUsize>,
) -> Result<(), MultiplexerError> {
    let mut tracker = PasteTracker::default();
    while let Some(typed) = from.recv().await {
        match typed {
            Typed::Keys(keys) => {
                input.write(&keys).await?;
                tracker.take(&keys);
                written.fetch_add(keys.len(), Ordering::Release);
            }
            Typed::Size(columns, rows) => input.resize(columns, rows).await?,
        }
    }
    let closing = tracker.closing();
    if closing.is_empty() { Ok(()) } else { input.write(&closing).await }
}
