//! Panes as viewers see them.

use async_trait::async_trait;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{MultiplexerError, PaneEvent, PaneEvents, PaneInput, PaneWatcher, WatchMode, WatchedPane};
use tokio::sync::mpsc::{Receiver, channel};

use super::poller::{Subscription, Told};
use super::process::Deadline;
use super::{TmuxMultiplexer, arguments, seconds, typing};

/// How many events wait for a slow viewer; what comes then is left out, and a picture is told in its place.
const BACKLOG: usize = 64;

#[async_trait]
impl PaneWatcher for TmuxMultiplexer {
    async fn watch(&self, pane: &Pane, mode: WatchMode) -> Result<WatchedPane, MultiplexerError> {
        self.ask_ours(pane, arguments::state_only(pane), Deadline::start()).await?;
        let (to, receiver) = channel(BACKLOG);
        self.pollers.subscribe(self, Subscription { pane: pane.clone(), to });
        let input = (mode != WatchMode::ReadOnly).then(|| (self.clone(), pane.clone()));
        Ok(WatchedPane { events: Box::new(Events(receiver)), input: Box::new(Input(input)) })
    }
}

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
        let keys = |buffer: &str| typing::relay(pane, seconds(), buffer);
        tmux.load_and_paste(pane, bytes, keys, Deadline::start()).await?.ours(pane).map(drop)
    }

    async fn resize(&mut self, _columns: u16, _rows: u16) -> Result<(), MultiplexerError> {
        // the size of a window is the business of those who look at it in tmux
        Ok(())
    }
}
