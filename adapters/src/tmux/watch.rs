//! Panes as viewers see them: output by a client in control mode, through the same screen model as that of the embedded
//! terminals.

use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{MultiplexerError, PaneEvent, PaneEvents, PaneInput, PaneWatcher, WatchMode, WatchedPane};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, sleep_until, timeout};

use super::control::{Control, Line};
use super::parse::{self, Picture};
use super::process::Deadline;
use super::{TmuxMultiplexer, arguments};
use crate::terminal::{Size, Terminal};

/// How many events wait for a slow viewer; what comes then is left out, and a picture is told in its place.
const BACKLOG: usize = 64;

/// How often a pane is looked at that says nothing: its end is not always told.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long tmux may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

#[async_trait]
impl PaneWatcher for TmuxMultiplexer {
    async fn watch(&self, pane: &Pane, mode: WatchMode) -> Result<WatchedPane, MultiplexerError> {
        let gone = || MultiplexerError::Gone(pane.id.clone());
        let reply = self.ask_ours(pane, arguments::session_of(pane), Deadline::start()).await?;
        let session = reply.fields.first().ok_or_else(gone)?;
        let control = Control::attach(&self.options.program, &pane.server.socket, session, pane.id.as_str())?;
        let mut watch =
            Watch { pane: pane.clone(), control, terminal: None, title: String::new(), dead: false, is_paused: false };
        let first = watch.begin().await?;
        let (sender, receiver) = channel(BACKLOG);
        tokio::spawn(watch.run(first, sender));
        let input = (mode != WatchMode::ReadOnly).then(|| (self.clone(), pane.clone()));
        Ok(WatchedPane { events: Box::new(Events(receiver)), input: Box::new(Input(input)) })
    }
}

/// What a viewer is told.
type Told = Result<PaneEvent, MultiplexerError>;

struct Events(Receiver<Told>);

#[async_trait]
impl PaneEvents for Events {
    async fn next(&mut self) -> Result<Option<PaneEvent>, MultiplexerError> {
        self.0.recv().await.transpose()
    }
}

struct Input(Option<(TmuxMultiplexer, Pane)>);

#[async_trait]
impl PaneInput for Input {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), MultiplexerError> {
        let Some((tmux, pane)) = &self.0 else { return Ok(()) };
        for call in arguments::relay(pane, bytes) {
            tmux.ask_ours(pane, call, Deadline::start()).await?;
        }
        Ok(())
    }

    async fn resize(&mut self, _columns: u16, _rows: u16) -> Result<(), MultiplexerError> {
        // the size of a window is the business of those who look at it in tmux
        Ok(())
    }
}

/// The way to a viewer, who may be slow.
struct Outbox {
    to: Sender<Told>,
    /// Something was left out.
    is_behind: bool,
}

impl Outbox {
    /// Tells something where there is room for it.
    fn tell(&mut self, event: PaneEvent) {
        self.is_behind = self.is_behind || self.to.try_send(Ok(event)).is_err();
    }

    /// Waits until there is room.
    async fn room(&self) {
        let _nobody_listens = self.to.reserve().await;
    }

    /// Tells something in place of what was left out.
    async fn catch_up(&mut self, events: Vec<PaneEvent>) {
        for event in events {
            let _nobody_listens = self.to.send(Ok(event)).await;
        }
        self.is_behind = false;
    }

    /// Tells what nothing follows.
    async fn end(self, last: Told) {
        let _nobody_listens = self.to.send(last).await;
    }
}

/// A pane that is being watched.
struct Watch {
    pane: Pane,
    control: Control,
    /// The screen; none before it was drawn.
    terminal: Option<Terminal>,
    title: String,
    dead: bool,
    /// tmux leaves output out.
    is_paused: bool,
}

impl Watch {
    /// Waits for the client to be attached, and draws the pane.
    async fn begin(&mut self) -> Result<Vec<PaneEvent>, MultiplexerError> {
        let gone = MultiplexerError::Gone(self.pane.id.clone());
        let attached = async {
            loop {
                match self.control.next().await? {
                    Line::Answer(Some(_)) => return Ok(true),
                    Line::Answer(None) | Line::Exit => return Ok(false),
                    _ => {}
                }
            }
        };
        if limited(attached).await? { self.redraw().await?.ok_or(gone) } else { Err(gone) }
    }

    /// Tells everything that happens until the pane ends or nobody listens. tmux is read on however slow who listens is: it
    /// would read no further from the pane's program, when nobody else is attached.
    async fn run(mut self, first: Vec<PaneEvent>, to: Sender<Told>) {
        let mut outbox = Outbox { to, is_behind: false };
        let mut events = Ok(Some(first));
        let mut look = Instant::now() + LOOK_AGAIN;
        loop {
            let told = match events {
                Ok(Some(told)) => told,
                Ok(None) => vec![PaneEvent::Ended("ended".to_owned())],
                Err(error) => return outbox.end(Err(error)).await,
            };
            for event in told {
                match event {
                    PaneEvent::Ended(_) => {
                        if outbox.is_behind {
                            outbox.catch_up(self.present()).await;
                        }
                        return outbox.end(Ok(event)).await;
                    }
                    event => outbox.tell(event),
                }
            }
            events = tokio::select! {
                line = self.control.next() => self.take(line).await,
                () = sleep_until(look) => {
                    look = Instant::now() + LOOK_AGAIN;
                    self.look_again().await
                }
                () = outbox.room(), if outbox.is_behind => {
                    outbox.catch_up(self.present()).await;
                    Ok(Some(Vec::new()))
                }
                () = outbox.to.closed() => return,
            };
        }
    }

    /// Takes a line; returns what it tells, none when the pane is gone.
    async fn take(&mut self, line: Result<Line, MultiplexerError>) -> Result<Option<Vec<PaneEvent>>, MultiplexerError> {
        match line? {
            Line::Output(bytes) => Ok(Some(self.output(&bytes))),
            Line::Paused => {
                self.is_paused = true;
                self.redraw().await
            }
            Line::Changed => self.look_again().await,
            Line::Answer(_) => Ok(Some(Vec::new())),
            Line::Exit => Ok(None),
        }
    }

    /// Lets tmux tell again what the pane draws. What it has drawn since is not told.
    async fn resume(&mut self) -> Result<(), MultiplexerError> {
        self.is_paused = false;
        self.control.command(&format!("refresh-client -A '{}:continue'", self.pane.id.as_str())).await?;
        let answered = async {
            loop {
                match self.control.next().await? {
                    // the next answer would be taken for that to another question
                    Line::Answer(_) | Line::Exit => return Ok(()),
                    Line::Paused => self.is_paused = true,
                    Line::Output(_) | Line::Changed => {}
                }
            }
        };
        limited(answered).await
    }

    fn output(&mut self, bytes: &[u8]) -> Vec<PaneEvent> {
        let Some(terminal) = &mut self.terminal else { return Vec::new() };
        let mut events = vec![PaneEvent::Output(terminal.feed(bytes).shown)];
        let title = terminal.title();
        if title != self.title && !title.is_empty() {
            self.title.clone_from(&title);
            events.push(PaneEvent::Title(title));
        }
        events
    }

    /// Draws the pane anew where its size has changed or its program has ended. What was drawn in between is in the
    /// picture.
    async fn look_again(&mut self) -> Result<Option<Vec<PaneEvent>>, MultiplexerError> {
        let (size, dead) = (self.terminal.as_ref().map(Terminal::size), self.dead);
        let (picture, mut events) = self.picture().await?;
        let Some(picture) = picture else { return Ok(None) };
        if self.is_paused {
            return self.redraw().await;
        }
        if size != Some(picture.size) || dead != picture.dead {
            events = self.draw(picture);
        }
        Ok(Some(events))
    }

    /// Draws the pane as it is now, once nothing is left out any more.
    async fn redraw(&mut self) -> Result<Option<Vec<PaneEvent>>, MultiplexerError> {
        loop {
            if self.is_paused {
                self.resume().await?;
            }
            let (picture, _) = self.picture().await?;
            match picture {
                Some(_) if self.is_paused => {}
                picture => return Ok(picture.map(|picture| self.draw(picture))),
            }
        }
    }

    fn draw(&mut self, picture: Picture) -> Vec<PaneEvent> {
        let Picture { size, dead, drawing, title } = picture;
        let mut terminal = Terminal::new(size);
        let _to_nobody = terminal.feed(&drawing);
        let mut events = vec![picture_of(&mut terminal)];
        self.terminal = Some(terminal);
        self.dead = dead;
        if title != self.title {
            self.title.clone_from(&title);
            events.push(PaneEvent::Title(title));
        }
        if dead {
            events.push(PaneEvent::Ended("ended; this is its last screen".to_owned()));
        }
        events
    }

    /// Returns the picture and the title of what was told last.
    fn present(&mut self) -> Vec<PaneEvent> {
        let Some(terminal) = &mut self.terminal else { return Vec::new() };
        // what comes of an update that has begun has to be in the picture: the rest of it follows
        let _to_nobody = terminal.end_update();
        vec![picture_of(terminal), PaneEvent::Title(self.title.clone())]
    }

    /// Asks what the pane shows, all of one moment; none when it is gone. Also returns what came before that moment.
    async fn picture(&mut self) -> Result<(Option<Picture>, Vec<PaneEvent>), MultiplexerError> {
        self.control.command(&arguments::picture(&self.pane)).await?;
        let (mut before, mut is_paused) = (Vec::new(), self.is_paused);
        let mut answers: Vec<Vec<String>> = Vec::new();
        let answered = async {
            while answers.len() < arguments::PICTURE_ANSWERS {
                match self.control.next().await? {
                    Line::Output(bytes) => before.push(bytes),
                    Line::Answer(Some(rows)) => answers.push(rows),
                    Line::Answer(None) | Line::Exit => return Ok(false),
                    Line::Paused => is_paused = true,
                    Line::Changed => {}
                }
            }
            Ok(true)
        };
        let is_there = limited(answered).await?;
        let events = before.iter().flat_map(|bytes| self.output(bytes)).collect();
        self.is_paused = is_paused;
        Ok((if is_there { parse::picture(&answers) } else { None }, events))
    }
}

fn picture_of(terminal: &mut Terminal) -> PaneEvent {
    let Size { columns, rows } = terminal.size();
    PaneEvent::Snapshot { columns, rows, drawing: terminal.replay(false) }
}

/// Waits for tmux, as long as it may take to answer.
async fn limited<T>(answer: impl Future<Output = Result<T, MultiplexerError>>) -> Result<T, MultiplexerError> {
    timeout(ANSWER_LIMIT, answer).await.unwrap_or_else(|_| Err(MultiplexerError::Timeout("tmux".to_owned())))
}
