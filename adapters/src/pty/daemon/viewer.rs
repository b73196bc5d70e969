//! Those who watch a pane. None of them can slow its program down.

use std::cell::{Cell, RefCell};

use tokio::sync::Notify;

use crate::pty::protocol::Frame;
use crate::terminal::{Drawing, Size};

/// How much may wait for a viewer. One that falls further behind gets a new picture instead.
const MOST_PENDING: usize = 256 * 1024;

#[derive(Debug, Default)]
struct Pending {
    /// The viewer must be drawn everything; what comes before that means nothing to it.
    snapshot: bool,
    /// What is drawn after the history that was sent.
    drawing: Option<Frame>,
    bytes: Vec<u8>,
    title: Option<String>,
    end: Option<String>,
}

/// A viewer, seen from the pane.
#[derive(Debug)]
pub(super) struct Viewer {
    /// The size of its terminal, if the pane may take it.
    pub(super) size: Cell<Option<Size>>,
    /// It takes what is above the screen.
    takes_history: bool,
    pending: RefCell<Pending>,
    wake: Notify,
}

impl Viewer {
    pub(super) fn new(size: Option<Size>, takes_history: bool) -> Self {
        let pending = RefCell::new(Pending { snapshot: true, ..Pending::default() });
        Self { size: Cell::new(size), takes_history, pending, wake: Notify::new() }
    }

    pub(super) fn show(&self, bytes: &[u8]) {
        let mut pending = self.pending.borrow_mut();
        if pending.snapshot || bytes.is_empty() {
            return;
        }
        if pending.bytes.len() + bytes.len() > MOST_PENDING {
            pending.bytes = Vec::new();
            pending.snapshot = true;
        } else {
            pending.bytes.extend_from_slice(bytes);
        }
        self.wake.notify_one();
    }

    pub(super) fn show_all(&self) {
        let mut pending = self.pending.borrow_mut();
        pending.bytes = Vec::new();
        pending.snapshot = true;
        self.wake.notify_one();
    }

    pub(super) fn entitle(&self, title: &str) {
        self.pending.borrow_mut().title = Some(title.to_owned());
        self.wake.notify_one();
    }

    pub(super) fn end(&self, how: &str) {
        self.pending.borrow_mut().end = Some(how.to_owned());
        self.wake.notify_one();
    }

    /// Waits for what the viewer is to be sent next; `draw` draws all of the pane.
    pub(super) async fn next(&self, draw: impl Fn() -> (Size, Drawing)) -> Frame {
        loop {
            if let Some(frame) = self.pending_frame(&draw) {
                return frame;
            }
            self.wake.notified().await;
        }
    }

    fn pending_frame(&self, draw: impl Fn() -> (Size, Drawing)) -> Option<Frame> {
        if let Some(drawing) = self.pending.borrow_mut().drawing.take() {
            return Some(drawing);
        }
        if self.pending.borrow().snapshot {
            return Some(self.begin(draw()));
        }
        let mut pending = self.pending.borrow_mut();
        if !pending.bytes.is_empty() {
            return Some(Frame::Bytes(std::mem::take(&mut pending.bytes)));
        }
        pending.title.take().map(Frame::Title).or_else(|| pending.end.take().map(Frame::End))
    }

    /// Returns the first frame of a picture.
    fn begin(&self, (Size { columns, rows }, Drawing { history, screen }): (Size, Drawing)) -> Frame {
        let drawing = Frame::Snapshot(columns, rows, screen);
        let mut pending = self.pending.borrow_mut();
        pending.snapshot = false;
        if !self.takes_history || history.is_empty() {
            return drawing;
        }
        pending.drawing = Some(drawing);
        Frame::History(history)
    }
}
