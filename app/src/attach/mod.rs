//! A pane in the terminal of whoever runs the command.

mod picture;
mod screen;

use std::io::{self, Read, Write};
use std::thread;

use cafleet_domain::ports::{MultiplexerError, PaneEvent, PaneInput, WatchedPane};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};

use crate::typist::{Typist, resting};
use picture::Picture;

pub(crate) use screen::{OwnTerminal, size};

/// The key that detaches: Ctrl-].
const DETACH: u8 = 0x1d;

/// How much is read of the keyboard at once.
const KEYS: usize = 4 * 1024;

/// Why somebody is not attached any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parting {
    /// They pressed the key, or a signal came; the pane goes on.
    Detached,
    /// The program has ended, in words how.
    Ended(String),
    /// The multiplexer has ended, or let go of us.
    Lost,
}

/// Shows a pane on `out`, gives it the keys of the typist, if there is one, and returns when one of them is through. The
/// terminal must be set up, and is left as it then is.
///
/// # Errors
/// When the terminal or the multiplexer fails.
pub(crate) async fn run(
    watched: WatchedPane,
    mut typist: Option<Typist>,
    title: &str,
    out: &mut dyn Write,
) -> Result<Parting, MultiplexerError> {
    let parting = show(watched, typist.as_mut(), title, out).await;
    if let Some(typist) = &mut typist {
        typist.give_back().await;
    }
    parting
}

async fn show(
    mut watched: WatchedPane,
    mut typist: Option<&mut Typist>,
    title: &str,
    out: &mut dyn Write,
) -> Result<Parting, MultiplexerError> {
    let failed = |error: io::Error| MultiplexerError::Failed(format!("the terminal failed: {error}"));
    let mut keys = keyboard();
    let mut picture = Picture::new(size().unwrap_or_default());
    let mut resized = signal(SignalKind::window_change()).map_err(failed)?;
    let mut ends = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()]
        .map(signal)
        .into_iter()
        .collect::<io::Result<Vec<_>>>()
        .map_err(failed)?;
    loop {
        tokio::select! {
            event = watched.events.next() => match event? {
                None => return Ok(Parting::Lost),
                Some(PaneEvent::Ended(how)) => return Ok(Parting::Ended(how)),
                Some(event) => draw(event, &mut picture, title, out).map_err(failed)?,
            },
            pressed = keys.recv() => match pressed {
                None => return Ok(Parting::Detached),
                Some(pressed) if !type_keys(watched.input.as_mut(), &pressed, typist.as_deref_mut()).await? => {
                    return Ok(Parting::Detached);
                }
                Some(_) => {}
            },
            Some(typist) = resting(typist.as_deref_mut()) => typist.give_back().await,
            drawn = picture.frame() => put(&drawn, out).map_err(failed)?,
            _ = resized.recv() => {
                if let Some((columns, rows)) = size() {
                    put(&picture.resize((columns, rows)), out).map_err(failed)?;
                    if typist.is_some() {
                        watched.input.resize(columns, rows).await?;
                    }
                }
            }
            () = any(&mut ends) => return Ok(Parting::Detached),
        }
    }
}

/// Gives the pane what was typed up to the key that detaches; returns whether that key was not among it.
async fn type_keys(
    input: &mut dyn PaneInput,
    pressed: &[u8],
    typist: Option<&mut Typist>,
) -> Result<bool, MultiplexerError> {
    let end = pressed.iter().position(|&key| key == DETACH);
    let typed = &pressed[..end.unwrap_or(pressed.len())];
    if let (Some(typist), false) = (typist, typed.is_empty()) {
        // who cannot have the pane for themselves, as when a sender was killed in the middle, types as in any terminal
        let _not_alone = typist.take().await;
        input.write(typed).await?;
    }
    Ok(end.is_none())
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
