//! Embedded terminals: panes without tmux.
//!
//! A daemon ([`daemon`]) owns the pseudoterminals and the screens ([`crate::terminal`]); [`PtyMultiplexer`] asks it over a Unix socket
//! ([`protocol`], [`client`]), and starts it where it is needed ([`start`]), looks after the daemon ([`control`]), and
//! shows panes to viewers ([`watch`]).

mod client;
mod control;
pub mod daemon;
mod leftovers;
mod process_table;
mod protocol;
mod start;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::death::DeathProof;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::{
    EnterCondition, Front, Look, MultiplexerError, PaneHost, PaneIo, PaneView, SpawnRequest, StartRequest, TaggedPane,
    TypingCondition,
};
use cafleet_domain::process::LeftBehind;
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::foreground::foreground;
use crate::left_behind::left_behind;
use crate::pane_rules;
use crate::server_fate;

use client::{Connected, Found, NAME, connect, key, limited, unexpected};
use protocol::{Opening, Reply, Request};

/// How long a daemon that runs and does not answer is waited for.
const COME_BACK: Duration = Duration::from_secs(3);

/// How often it is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What is said of a daemon whose place another one has.
const ANOTHER: &str = "another one answers at its socket; it makes its own again as soon as that one has ended, as by \
                       'cafleet daemon stop'";

/// The variable that tells a program which pane it is in: `<pane>,<daemon pid>:<start time>:<socket>`.
const PANE_VARIABLE: &str = "CAFLEET_PANE";

/// What the adapter is told about its surroundings; it reads no environment itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PtyOptions {
    /// The directory of the daemon's socket.
    pub directory: PathBuf,
    /// The program that calls [`daemon::run`], with its first arguments; `--directory` and the directory follow.
    pub daemon: Vec<String>,
    /// All that the daemon finds in its environment; panes do not get it.
    pub daemon_environment: Vec<(String, String)>,
    /// `$CAFLEET_PANE` of the calling process; unset or empty outside.
    pub pane_env: Option<String>,
    /// What programs in new panes find in their environment, beside what says which terminal it is.
    pub environment: Vec<(String, String)>,
}

/// The panes of the terminal daemon.
///
/// A pane hears when its program runs; what is typed goes only to the process group that it is meant for. There are no modes
/// that take its keys, and no dead panes: a pane goes with its program.
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
        match self.ask_or_proof(pane, request).await? {
            Ok(reply) => Ok(reply),
            Err(_) => Err(MultiplexerError::Gone(pane.id.clone())),
        }
    }

    /// Asks the daemon that `pane` belongs to, or proves that the pane is gone.
    async fn ask_or_proof(&self, pane: &Pane, request: Request) -> Result<Result<Reply, DeathProof>, MultiplexerError> {
        limited(async {
            let mut connected = match connect_to(&pane.server).await? {
                Ok(connected) => connected,
                Err(proof) => return Ok(Err(proof)),
            };
            match connected.ask_patiently(&request).await? {
                Some(Reply::Gone) => Ok(Err(DeathProof::NoSuchPane)),
                Some(Reply::NotReading) => Err(MultiplexerError::NotReading(pane.id.clone())),
                Some(reply) => Ok(Ok(reply)),
                None => proof_of_end(&pane.server, "did not answer; it may be becoming another version").map(Err),
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

/// Connects to one run of a daemon, or proves that it has ended. Waits a moment for one that is there and does not answer:
/// it may be becoming another version, or about to make its socket again.
async fn connect_to(server: &ServerId) -> Result<Result<Connected, DeathProof>, MultiplexerError> {
    let begin = Instant::now();
    loop {
        let silent = match connect(Path::new(&server.socket)).await? {
            Found::Daemon(connected) if connected.server == *server => return Ok(Ok(connected)),
            Found::Daemon(_) => proof_of_end(server, ANOTHER),
            Found::Nobody => proof_of_end(server, "its socket is gone; it makes it again by itself"),
            Found::Silence => proof_of_end(server, "does not answer now"),
        };
        match silent {
            Err(MultiplexerError::Unreachable(why)) if begin.elapsed() < COME_BACK => {
                debug!(socket = server.socket, why, "the daemon does not answer, and is asked again");
                sleep(LOOK_AGAIN).await;
            }
            other => return other.map(Err),
        }
    }
}

/// Proves that a daemon which does not answer has ended; see [`server_fate::proof_of_end`].
fn proof_of_end(server: &ServerId, what: &str) -> Result<DeathProof, MultiplexerError> {
    server_fate::proof_of_end(server, NAME, &format!("{what} ({})", server.socket))
}

#[async_trait]
impl PaneHost for PtyMultiplexer {
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
        let failed = |reason: &str| MultiplexerError::Failed(format!("{PANE_VARIABLE} is '{environment}', {reason}"));
        let form = "which is not <pane>,<pid>:<start time>:<socket>";
        let (id, server) = read_pane_variable(environment).ok_or_else(|| failed(form))?;
        limited(async {
            let connected = connect_to(&server).await?;
            let mut connected = connected.map_err(|_| failed("but that terminal daemon has ended"))?;
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
            let connected = connected.map_err(|_| MultiplexerError::Gone(beside.id.clone()))?;
            self.open(connected, Some(&beside), &StartRequest { argv, directory, tag }).await
        })
        .await
    }

    async fn start(&self, request: &StartRequest) -> Result<Pane, MultiplexerError> {
        pane_rules::check(&request.argv, &request.directory, &request.tag).map_err(MultiplexerError::Failed)?;
        limited(async { self.open(start::connect_or_start(&self.options).await?, None, request).await }).await
    }

    async fn kill(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        match self.ask_or_proof(pane, Request::Kill(key(pane))).await? {
            Ok(reply) => done(reply),
            Err(proof) => end_leftovers(pane, &proof).ok_or_else(|| MultiplexerError::Gone(pane.id.clone())),
        }
    }

    async fn is_outlived(&self, pane: &Pane) -> bool {
        let place = leftover(pane);
        let is_left = place.is_some_and(|(directory, program)| leftovers::is_left(directory, program));
        is_left && matches!(self.look(pane).await, Ok(Look::Gone(DeathProof::ServerEnded { .. })))
    }

    async fn left_behind(&self, pane: &Pane) -> Vec<LeftBehind> {
        left_behind(|environment| {
            environment
                .get(PANE_VARIABLE)
                .and_then(read_pane_variable)
                .is_some_and(|(id, server)| id == pane.id.as_str() && server == pane.server)
        })
        .await
    }

    async fn list(&self, pane: &Pane) -> Result<Vec<TaggedPane>, MultiplexerError> {
        limited(async {
            let Ok(mut connected) = connect_to(&pane.server).await? else { return Ok(Vec::new()) };
            match connected.ask(&Request::List).await? {
                Some(Reply::Panes(entries)) => {
                    let tagged = entries.into_iter();
                    Ok(tagged.map(|entry| TaggedPane { pane: connected.pane(&entry), tag: Some(entry.tag) }).collect())
                }
                Some(reply) => Err(unexpected(&reply)),
                None => proof_of_end(&pane.server, "did not answer").map(|_| Vec::new()),
            }
        })
        .await
    }

    async fn rebalance(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        // panes share no window
        done(self.ask(pane, Request::Touch(key(pane))).await?)
    }
}

#[async_trait]
impl PaneIo for PtyMultiplexer {
    async fn look(&self, pane: &Pane) -> Result<Look, MultiplexerError> {
        match self.ask_or_proof(pane, Request::Look(key(pane))).await? {
            Ok(Reply::Seen(view)) => {
                let mut view = PaneView::from(view);
                (view.front.group, view.foreground) = foreground(pane.pid, None);
                Ok(Look::Seen(view))
            }
            Ok(reply) => Err(unexpected(&reply)),
            Err(proof) => Ok(Look::Gone(proof)),
        }
    }

    async fn capture(&self, pane: &Pane, lines: u32, ansi: bool) -> Result<String, MultiplexerError> {
        match self.ask(pane, Request::Capture { pane: key(pane), lines, ansi }).await? {
            Reply::Captured(text) => Ok(text),
            reply => Err(unexpected(&reply)),
        }
    }

    async fn paste(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError> {
        pane_rules::check_typing(condition).map_err(MultiplexerError::Failed)?;
        let (condition, text) = (condition.clone().into(), text.to_owned());
        pressed(self.ask(pane, Request::Paste { pane: key(pane), front: front.group, condition, text }).await?)
    }

    async fn submit_if_shown(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &EnterCondition,
    ) -> Result<bool, MultiplexerError> {
        pane_rules::check_condition(condition).map_err(MultiplexerError::Failed)?;
        let EnterCondition { mark, cursor_below, cursor_column, present, absent, untouched } = condition.clone();
        let (key, front) = (key(pane), front.group);
        let request =
            Request::Submit { pane: key, front, mark, cursor_below, cursor_column, present, absent, untouched };
        pressed(self.ask(pane, request).await?)
    }

    async fn type_keys(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError> {
        pane_rules::check_typing(condition).map_err(MultiplexerError::Failed)?;
        pane_rules::check_keys(text).map_err(MultiplexerError::Failed)?;
        let (condition, text) = (condition.clone().into(), text.to_owned());
        pressed(self.ask(pane, Request::TypeKeys { pane: key(pane), front: front.group, condition, text }).await?)
    }
}

/// Reads [`PANE_VARIABLE`]; none when it is not of its form.
fn read_pane_variable(value: &str) -> Option<(&str, ServerId)> {
    let (id, server) = value.split_once(',')?;
    Some((id, server.parse().ok()?))
}

/// Ends what a daemon that has ended left of a pane; none when nothing was left.
fn end_leftovers(pane: &Pane, proof: &DeathProof) -> Option<()> {
    let DeathProof::ServerEnded { .. } = proof else { return None };
    let (directory, program) = leftover(pane)?;
    leftovers::end(directory, program).then_some(())
}

/// Returns where the daemon of a pane notes its program, and the program.
fn leftover(pane: &Pane) -> Option<(&Path, i32)> {
    Some((Path::new(&pane.server.socket).parent()?, i32::try_from(pane.pid).ok()?))
}

fn pressed(reply: Reply) -> Result<bool, MultiplexerError> {
    if let Reply::Pressed(pressed) = reply { Ok(pressed) } else { Err(unexpected(&reply)) }
}

fn done(reply: Reply) -> Result<(), MultiplexerError> {
    if reply == Reply::Done { Ok(()) } else { Err(unexpected(&reply)) }
}
