//! Several multiplexers behind one port.

use std::sync::Arc;

use async_trait::async_trait;
use cafleet_domain::placement::{MultiplexerKind, Pane};
use cafleet_domain::ports::{
    EnterCondition, Front, Look, Multiplexer, MultiplexerError, PaneHost, PaneIo, PaneWatcher, SpawnRequest,
    StartRequest, TaggedPane, TypingCondition, WatchMode, WatchedPane,
};
use cafleet_domain::process::LeftBehind;

/// Shows every pane through the multiplexer that owns it.
#[derive(Clone)]
pub struct RoutedWatcher {
    tmux: Arc<dyn PaneWatcher>,
    pty: Arc<dyn PaneWatcher>,
}

impl RoutedWatcher {
    /// Puts both behind one port.
    #[must_use]
    pub fn new(tmux: Arc<dyn PaneWatcher>, pty: Arc<dyn PaneWatcher>) -> Self {
        Self { tmux, pty }
    }
}

#[async_trait]
impl PaneWatcher for RoutedWatcher {
    async fn watch(&self, pane: &Pane, mode: WatchMode) -> Result<WatchedPane, MultiplexerError> {
        match pane.multiplexer {
            MultiplexerKind::Tmux => self.tmux.watch(pane, mode).await,
            MultiplexerKind::Pty => self.pty.watch(pane, mode).await,
        }
    }
}

/// Hands every operation on a pane to the multiplexer that owns it, whatever the environment of the caller. Only where
/// there is no pane yet does it matter which multiplexer was chosen.
#[derive(Clone)]
pub struct RoutedMultiplexer {
    tmux: Arc<dyn Multiplexer>,
    pty: Arc<dyn Multiplexer>,
    /// The one in which the calling process runs, if in any.
    here: MultiplexerKind,
    /// The one that opens panes beside no other.
    starts: MultiplexerKind,
}

impl RoutedMultiplexer {
    /// Puts both behind one port.
    #[must_use]
    pub fn new(
        tmux: Arc<dyn Multiplexer>,
        pty: Arc<dyn Multiplexer>,
        here: MultiplexerKind,
        starts: MultiplexerKind,
    ) -> Self {
        Self { tmux, pty, here, starts }
    }

    fn of(&self, kind: MultiplexerKind) -> &dyn Multiplexer {
        match kind {
            MultiplexerKind::Tmux => self.tmux.as_ref(),
            MultiplexerKind::Pty => self.pty.as_ref(),
        }
    }

    fn owner(&self, pane: &Pane) -> &dyn Multiplexer {
        self.of(pane.multiplexer)
    }
}

#[async_trait]
impl PaneHost for RoutedMultiplexer {
    fn kind(&self) -> MultiplexerKind {
        self.starts
    }

    async fn version(&self) -> Result<String, MultiplexerError> {
        self.of(self.here).version().await
    }

    async fn caller(&self) -> Result<Option<Pane>, MultiplexerError> {
        self.of(self.here).caller().await
    }

    async fn spawn(&self, request: &SpawnRequest) -> Result<Pane, MultiplexerError> {
        self.owner(&request.beside).spawn(request).await
    }

    async fn start(&self, request: &StartRequest) -> Result<Pane, MultiplexerError> {
        self.of(self.starts).start(request).await
    }

    async fn kill(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        self.owner(pane).kill(pane).await
    }

    async fn is_outlived(&self, pane: &Pane) -> bool {
        self.owner(pane).is_outlived(pane).await
    }

    async fn left_behind(&self, pane: &Pane) -> Vec<LeftBehind> {
        self.owner(pane).left_behind(pane).await
    }

    async fn list(&self, pane: &Pane) -> Result<Vec<TaggedPane>, MultiplexerError> {
        self.owner(pane).list(pane).await
    }

    async fn rebalance(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        self.owner(pane).rebalance(pane).await
    }
}

#[async_trait]
impl PaneIo for RoutedMultiplexer {
    async fn look(&self, pane: &Pane) -> Result<Look, MultiplexerError> {
        self.owner(pane).look(pane).await
    }

    async fn capture(&self, pane: &Pane, lines: u32, ansi: bool) -> Result<String, MultiplexerError> {
        self.owner(pane).capture(pane, lines, ansi).await
    }

    async fn paste(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError> {
        self.owner(pane).paste(pane, front, condition, text).await
    }

    async fn submit_if_shown(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &EnterCondition,
    ) -> Result<bool, MultiplexerError> {
        self.owner(pane).submit_if_shown(pane, front, condition).await
    }

    async fn type_keys(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError> {
        self.owner(pane).type_keys(pane, front, condition, text).await
    }
}
