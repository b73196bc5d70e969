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
use crate::terminal::Terminal;

/// How many events wait for a slow viewer before tmux is read no further; tmux then leaves output out.
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

struct Events(Receiver<Result<PaneEvent, MultiplexerError>>);

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

/// A pane that is being watched.
struct Watch {
    pane: Pane,
    control: Control,
    /// The screen; none before it was drawn.
    terminal: Option<Terminal>,
    title: String,
    dead: bool,
    /// The last picture was taken while output was left out.
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

    /// Tells everything that happens until the pane ends or nobody listens.
    async fn run(mut self, first: Vec<PaneEvent>, to: Sender<Result<PaneEvent, MultiplexerError>>) {
        let mut events = Ok(Some(first));
        let mut look = Instant::now() + LOOK_AGAIN;
        loop {
            let told = match events {
                Ok(Some(told)) => told,
                Ok(None) => vec![PaneEvent::Ended("ended".to_owned())],
                Err(error) => {
                    let _nobody_listens = to.send(Err(error)).await;
                    return;
                }
            };
            for event in told {
                let is_last = matches!(event, PaneEvent::Ended(_));
                if to.send(Ok(event)).await.is_err() || is_last {
                    return;
                }
            }
            events = tokio::select! {
                line = self.control.next() => self.take(line).await,
                () = sleep_until(look) => {
                    look = Instant::now() + LOOK_AGAIN;
                    self.look_again().await
                }
                () = to.closed() => return,
            };
        }
    }

    /// Takes a line; returns what it tells, none when the pane is gone.
    async fn take(&mut self, line: Result<Line, MultiplexerError>) -> Result<Option<Vec<PaneEvent>>, MultiplexerError> {
        match line? {
            Line::Output(bytes) => Ok(Some(self.output(&bytes))),
            Line::Paused => {
                self.resume().await?;
                self.redraw().await
            }
            Line::Changed => self.look_again().await,
            Line::Answer(_) => Ok(Some(Vec::new())),
            Line::Exit => Ok(None),
        }
    }

    /// Lets tmux tell again what the pane draws. What it has drawn since is not told.
    async fn resume(&mut self) -> Result<(), MultiplexerError> {
        self.control.command(&format!("refresh-client -A '{}:continue'", self.pane.id.as_str())).await?;
        let answered = async {
            loop {
                // the next answer would be taken for that to another question
                if matches!(self.control.next().await?, Line::Answer(_) | Line::Exit) {
                    return Ok(());
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

    async fn redraw(&mut self) -> Result<Option<Vec<PaneEvent>>, MultiplexerError> {
        let (mut picture, _) = self.picture().await?;
        while self.is_paused && picture.is_some() {
            self.resume().await?;
            (picture, _) = self.picture().await?;
        }
        Ok(picture.map(|picture| self.draw(picture)))
    }

    fn draw(&mut self, picture: Picture) -> Vec<PaneEvent> {
        let Picture { size, dead, drawing, title } = picture;
        let mut terminal = Terminal::new(size);
        let _to_nobody = terminal.feed(&drawing);
        let drawing = terminal.replay(false);
        self.terminal = Some(terminal);
        self.dead = dead;
        let mut events = vec![PaneEvent::Snapshot { columns: size.columns, rows: size.rows, drawing }];
        if title != self.title {
            self.title.clone_from(&title);
            events.push(PaneEvent::Title(title));
        }
        if dead {
            events.push(PaneEvent::Ended("ended; this is its last screen".to_owned()));
        }
        events
    }

    /// Asks what the pane shows, all of one moment; none when it is gone. Also returns what came before that moment.
    async fn picture(&mut self) -> Result<(Option<Picture>, Vec<PaneEvent>), MultiplexerError> {
        self.control.command(&arguments::picture(&self.pane)).await?;
        let (mut before, mut is_paused) = (Vec::new(), false);
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

/// Waits for tmux, as long as it may take to answer.
async fn limited<T>(answer: impl Future<Output = Result<T, MultiplexerError>>) -> Result<T, MultiplexerError> {
    timeout(ANSWER_LIMIT, answer).await.unwrap_or_else(|_| Err(MultiplexerError::Timeout("tmux".to_owned())))
}
