//! A pane in the terminal of whoever runs the command.

mod detach_key;
mod picture;
mod screen;

use std::io::{self, Read, Write};
use std::thread;

use cafleet_domain::paste::PasteTracker;
use cafleet_domain::ports::{MultiplexerError, PaneEvent, PaneEvents, WatchedPane};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};

use crate::typing::Typing;
use crate::typist::{Typist, resting};
use picture::Picture;

pub(crate) use detach_key::DetachKey;
pub(crate) use screen::{OwnTerminal, size};

/// How much is read of the keyboard at once.
const KEYS: usize = 4 * 1024;

/// How much of what is typed waits for a program that does not read. With more, the keyboard is not read either.
const MOST_WAITING: usize = 4 * 1024 * 1024;

/// Why somebody is not attached any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parting {
    /// They pressed the key, or a signal came; the pane goes on.
    Detached,
    /// As `Detached`, but the program has not read all that was typed, and will not.
    Cut,
    /// The program has ended, in words how.
    Ended(String),
    /// The multiplexer has ended, or let go of us.
    Lost,
}

/// Who is attached, and what they see.
pub(crate) struct Attachment<'a> {
    /// Whether what is pressed is typed; else it is only looked.
    pub(crate) types: bool,
    /// For whom the agent's messages wait meanwhile; none where the pane is no agent's, or nothing is typed.
    pub(crate) typist: Option<Typist>,
    pub(crate) detach: DetachKey,
    /// What the window of the terminal is called.
    pub(crate) title: &'a str,
    /// The terminal, which must be set up, and is left as it then is.
    pub(crate) out: &'a mut dyn Write,
}

impl Attachment<'_> {
    /// Shows a pane, gives it the keys, and returns when one of them is through.
    ///
    /// # Errors
    /// When the terminal or the multiplexer fails.
    pub(crate) async fn run(mut self, watched: WatchedPane) -> Result<Parting, MultiplexerError> {
        let mut typing = Typing::start(watched.input);
        let mut keys =
            Keys { from: keyboard(), detach: self.detach, paste: PasteTracker::default(), typed: Vec::new() };
        let parting = self.show(watched.events, &mut typing, &mut keys).await;
        let is_cut = !keys.typed.is_empty() | !typing.finish().await;
        if let Some(typist) = &mut self.typist {
            typist.give_back().await;
        }
        Ok(if is_cut && parting == Ok(Parting::Detached) { Parting::Cut } else { parting? })
    }

    async fn show(
        &mut self,
        mut events: Box<dyn PaneEvents>,
        typing: &mut Typing,
        keys: &mut Keys,
    ) -> Result<Parting, MultiplexerError> {
        let failed = |error: io::Error| MultiplexerError::Failed(format!("the terminal failed: {error}"));
        let mut picture = Picture::new(size().unwrap_or_default());
        let mut resized = signal(SignalKind::window_change()).map_err(failed)?;
        let mut ends = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()]
            .map(signal)
            .into_iter()
            .collect::<io::Result<Vec<_>>>()
            .map_err(failed)?;
        loop {
            let rests = keys.typed.is_empty() && typing.is_idle();
            tokio::select! {
                event = events.next() => match event? {
                    None => return Ok(Parting::Lost),
                    Some(PaneEvent::Ended(how)) => return Ok(Parting::Ended(how)),
                    Some(event) => draw(event, &mut picture, self.title, self.out).map_err(failed)?,
                },
                pressed = keys.from.recv(), if keys.typed.len() < MOST_WAITING => {
                    let goes_on = pressed.is_some_and(|pressed| keys.take(&pressed));
                    match &mut self.typist {
                        // who cannot have the pane for themselves, as when a sender was killed in the middle, types as in
                        // any terminal
                        Some(typist) if !keys.typed.is_empty() => drop(typist.take().await),
                        None if !self.types => keys.typed.clear(),
                        Some(_) | None => {}
                    }
                    if !goes_on {
                        return Ok(Parting::Detached);
                    }
                },
                given = typing.advance(&mut keys.typed) => given?,
                Some(typist) = resting(self.typist.as_mut()), if rests => typist.give_back().await,
                drawn = picture.frame() => put(&drawn, self.out).map_err(failed)?,
                _ = resized.recv() => {
                    if let Some((columns, rows)) = size() {
                        put(&picture.resize((columns, rows)), self.out).map_err(failed)?;
                        if self.types {
                            typing.resize((columns, rows));
                        }
                    }
                }
                () = any(&mut ends) => return Ok(Parting::Detached),
            }
        }
    }
}

/// The keyboard, and what was typed on it that the pane has not taken yet.
struct Keys {
    from: Receiver<Vec<u8>>,
    detach: DetachKey,
    paste: PasteTracker,
    typed: Vec<u8>,
}

impl Keys {
    /// Takes what was typed up to the key that detaches, which in a paste is a character; returns whether that key was
    /// not among it.
    fn take(&mut self, pressed: &[u8]) -> bool {
        let end = self.paste.find(pressed, self.detach.byte());
        self.typed.extend_from_slice(&pressed[..end.unwrap_or(pressed.len())]);
        end.is_none()
    }
}

fn draw(event: PaneEvent, picture: &mut Picture, title: &str, out: &mut dyn Write) -> io::Result<()> {
    if matches!(event, PaneEvent::Snapshot { .. }) {
        // our words, not the program's
        write!(out, "\u{1b}]2;{title}\u{7}")?;
    }
    put(&picture.take(event), out)
}

fn put(drawn: &[u8], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(drawn)?;
    out.flush()
}

/// Reads the keyboard on a thread of its own: a read cannot be given up.
fn keyboard() -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel(16);
    thread::spawn(move || {
        let mut keys = [0; KEYS];
        while let Ok(count @ 1..) = io::stdin().lock().read(&mut keys) {
            if sender.blocking_send(keys[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Waits for the first of several signals.
async fn any(signals: &mut [tokio::signal::unix::Signal]) {
    let [a, b, c, d] = signals else { return std::future::pending().await };
    tokio::select! {
        _ = a.recv() => {}
        _ = b.recv() => {}
        _ = c.recv() => {}
        _ = d.recv() => {}
    }
}
