//! Embedded terminals: panes without tmux.
//!
//! A daemon ([`daemon`]) owns the pseudoterminals and the screens ([`crate::terminal`]); [`PtyMultiplexer`] asks it over a Unix socket
//! ([`protocol`], [`client`]), and starts it where it is needed ([`start`]), looks after the daemon ([`control`]), and
//! shows panes to viewers ([`watch`]).

mod client;
mod control;
pub mod daemon;
mod process_table;
mod protocol;
mod start;
mod watch;

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::{Look, Multiplexer, MultiplexerError, SpawnRequest, StartRequest, TaggedPane};

use crate::pane_rules;
pub use control::{DaemonStatus, PaneSummary};

use client::{Connected, NAME, connect, key, limited, unexpected};
use protocol::{Opening, Reply, Request};

/// What the adapter is told about its surroundings; it reads no environment itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PtyOptions {
    /// The directory of the daemon's socket.
    pub directory: PathBuf,
    /// The program that calls [`daemon::run`], with its first arguments; `--directory` and the directory follow.
    pub daemon: Vec<String>,
    /// `$CAFLEET_PANE` of the calling process: `<pane>,<daemon pid>:<start time>:<socket>`; unset or empty outside.
    pub pane_env: Option<String>,
    /// What programs in new panes find in their environment, beside what says which terminal it is.
    pub environment: Vec<(String, String)>,
}

/// The panes of the terminal daemon.
///
/// A pane hears when its program runs and no shell is in front of it, as in tmux. There are no modes that take its keys,
/// and no dead panes: a pane goes with its program.
#[derive(Debug, Clone)]
pub struct PtyMultiplexer {
    options: PtyOptions,
}

impl PtyMultiplexer {
    /// Prepares the adapter; starts nothing yet.
    #[must_use]
    pub fn new(options: PtyOptions) -> Self {
        Self { options }
    }

    /// Asks the daemon that `pane` belongs to; `Gone` when it has ended.
    async fn ask(&self, pane: &Pane, request: Request) -> Result<Reply, MultiplexerError> {
        limited(async {
            let gone = || MultiplexerError::Gone(pane.id.clone());
            let mut connected = connect_to(&pane.server).await?.ok_or_else(gone)?;
            match connected.ask(&request).await? {
                Some(Reply::Gone) => Err(gone()),
                Some(Reply::NotReading) => Err(MultiplexerError::NotReading(pane.id.clone())),
                Some(reply) => Ok(reply),
                None if connect_to(&pane.server).await?.is_none() => Err(gone()),
                None => Err(MultiplexerError::Failed(format!("{NAME} did not answer; it is being upgraded"))),
            }
        })
        .await
    }

    async fn open(
        &self,
        mut connected: Connected,
        beside: Option<&Pane>,
        request: &StartRequest,
    ) -> Result<Pane, MultiplexerError> {
        let directory = request.directory.to_str().ok_or_else(|| {
            MultiplexerError::Failed(format!("the directory '{}' is not UTF-8", request.directory.display()))
        })?;
        let opening = Opening {
            beside: beside.map(key),
            argv: request.argv.clone(),
            directory: directory.to_owned(),
            tag: request.tag.clone(),
            environment: self.options.environment.clone(),
        };
        match connected.ask(&Request::Open(opening)).await? {
            Some(Reply::Opened(entry)) => Ok(connected.pane(&entry)),
            Some(Reply::Gone) => Err(MultiplexerError::Gone(
                beside.map(|pane| pane.id.clone()).unwrap_or_else(|| cafleet_domain::id::PaneId::new("%0")),
            )),
            Some(reply) => Err(unexpected(&reply)),
            None => Err(MultiplexerError::Failed(format!("{NAME} ended before it answered"))),
        }
    }
}

/// Connects to one run of a daemon; none when it has ended.
async fn connect_to(server: &ServerId) -> Result<Option<Connected>, MultiplexerError> {
    let connected = connect(Path::new(&server.socket)).await?;
    Ok(connected.filter(|connected| connected.server == *server))
}

#[async_trait]
impl Multiplexer for PtyMultiplexer {
    fn kind(&self) -> MultiplexerKind {
        MultiplexerKind::Pty
    }

    async fn version(&self) -> Result<String, MultiplexerError> {
        Ok(env!("CARGO_PKG_VERSION").to_owned())
    }

    async fn caller(&self) -> Result<Option<Pane>, MultiplexerError> {
        let Some(environment) = self.options.pane_env.as_deref().filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let failed = |reason: &str| MultiplexerError::Failed(format!("CAFLEET_PANE is '{environment}', {reason}"));
        let form = "which is not <pane>,<pid>:<start time>:<socket>";
        let (id, server) = environment.split_once(',').ok_or_else(|| failed(form))?;
        let server: ServerId = server.parse().map_err(|_| failed(form))?;
        limited(async {
            let connected = connect_to(&server).await?;
            let mut connected = connected.ok_or_else(|| failed("but that terminal daemon has ended"))?;
            let listed = connected.ask(&Request::List).await?;
            let Some(Reply::Panes(entries)) = listed else { return Err(failed("but the daemon does not list it")) };
            let found = entries.iter().find(|entry| entry.key.id == id);
            found.map(|entry| connected.pane(entry)).map(Some).ok_or_else(|| failed("but there is no such pane"))
        })
        .await
    }

    async fn spawn(&self, request: &SpawnRequest) -> Result<Pane, MultiplexerError> {
        let SpawnRequest { beside, argv, directory, tag } = request.clone();
        limited(async {
            let connected = connect_to(&beside.server).await?;
            let connected = connected.ok_or_else(|| MultiplexerError::Gone(beside.id.clone()))?;
            self.open(connected, Some(&beside), &StartRequest { argv, directory, tag }).await
        })
        .await
    }

    async fn start(&self, request: &StartRequest) -> Result<Pane, MultiplexerError> {
        pane_rules::check(&request.argv, &request.directory, &request.tag).map_err(MultiplexerError::Failed)?;
        limited(async { self.open(start::connect_or_start(&self.options).await?, None, request).await }).await
    }

    async fn look(&self, pane: &Pane) -> Result<Look, MultiplexerError> {
        match self.ask(pane, Request::Look(key(pane))).await {
            Ok(Reply::Seen(view)) => Ok(Look::Seen(view.into())),
            Ok(reply) => Err(unexpected(&reply)),
            Err(MultiplexerError::Gone(_)) => Ok(Look::Gone),
            Err(error) => Err(error),
        }
    }

    async fn capture(&self, pane: &Pane, lines: u32, ansi: bool) -> Result<String, MultiplexerError> {
        match self.ask(pane, Request::Capture { pane: key(pane), lines, ansi }).await? {
            Reply::Captured(text) => Ok(text),
            reply => Err(unexpected(&reply)),
        }
    }

    async fn paste(&self, pane: &Pane, text: &str) -> Result<(), MultiplexerError> {
        done(self.ask(pane, Request::Paste { pane: key(pane), text: text.to_owned() }).await?)
    }

    async fn submit_if_shown(&self, pane: &Pane, marker: &str) -> Result<bool, MultiplexerError> {
        pane_rules::check_marker(marker).map_err(MultiplexerError::Failed)?;
        match self.ask(pane, Request::Submit { pane: key(pane), marker: marker.to_owned() }).await? {
            Reply::Pressed(pressed) => Ok(pressed),
            reply => Err(unexpected(&reply)),
        }
    }

    async fn type_keys(&self, pane: &Pane, text: &str) -> Result<(), MultiplexerError> {
        pane_rules::check_keys(text).map_err(MultiplexerError::Failed)?;
        done(self.ask(pane, Request::TypeKeys { pane: key(pane), text: text.to_owned() }).await?)
    }

    async fn kill(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        done(self.ask(pane, Request::Kill(key(pane))).await?)
    }

    async fn list(&self, pane: &Pane) -> Result<Vec<TaggedPane>, MultiplexerError> {
        limited(async {
            let Some(mut connected) = connect_to(&pane.server).await? else { return Ok(Vec::new()) };
            match connected.ask(&Request::List).await? {
                Some(Reply::Panes(entries)) => {
                    let tagged = entries.into_iter();
                    Ok(tagged.map(|entry| TaggedPane { pane: connected.pane(&entry), tag: Some(entry.tag) }).collect())
                }
                Some(reply) => Err(unexpected(&reply)),
                None => Ok(Vec::new()),
            }
        })
        .await
    }

    async fn rebalance(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        // panes share no window
        done(self.ask(pane, Request::Touch(key(pane))).await?)
    }
}

fn done(reply: Reply) -> Result<(), MultiplexerError> {
    if reply == Reply::Done { Ok(()) } else { Err(unexpected(&reply)) }
}
