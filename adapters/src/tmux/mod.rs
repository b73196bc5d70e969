//! Panes of tmux, 3.2 or newer.
//!
//! Each operation on a pane is one call of the tmux client in which the server itself compares run, pane and process
//! before it acts ([`arguments`], [`typing`]); what the client prints is read in [`parse`] and [`screen`]; [`process`] runs it with
//! a deadline; [`spawn`] opens panes. Viewers are shown panes ([`watch`])
//! by one poller for each server ([`poller`], [`poll`], [`shown`]).

mod arguments;
mod caller;
mod exec_file;
mod parse;
mod poll;
mod poller;
mod process;
mod quoting;
mod screen;
mod shown;
mod spawn;
mod typing;
mod watch;

use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::death::DeathProof;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::{
    Clock, Deaf, EnterCondition, Front, Look, MultiplexerError, PaneHost, PaneIo, SpawnRequest, StartRequest,
    TaggedPane, TypingCondition,
};
use cafleet_domain::process::LeftBehind;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

pub use exec_file::exec_file;
pub use screen::parse as parse_screen;

use crate::foreground::foreground;
use crate::left_behind::left_behind;
use crate::pane_rules;
use crate::server_fate::{self, with_namespace};
use crate::system::SystemClock;
use parse::State;
use poller::Pollers;
use process::{Call, Deadline, Finished};

/// How long a program has to leave after SIGTERM.
const LEAVE_LIMIT: Duration = Duration::from_secs(1);

/// How often the adapter looks whether it has left.
const LEAVE_POLL: Duration = Duration::from_millis(20);

/// What remains of the 5 s of an operation to remove what it may have left behind: a buffer, a pane.
const CLEANUP_RESERVE: Duration = Duration::from_millis(500);

/// What the adapter is told about its surroundings; it reads no environment itself, but for the system's directory for
/// temporary files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TmuxOptions {
    /// The tmux client, by name or path.
    pub program: String,
    /// `$TMUX` of the calling process: `<socket>,<server pid>,<session>`; unset or empty outside tmux.
    pub tmux_env: Option<String>,
    /// `$TMUX_PANE` of the calling process.
    pub tmux_pane_env: Option<String>,
    /// A program with its first arguments that calls [`exec_file`] with the path given as its last argument.
    pub exec_helper: Vec<String>,
    /// Variables that programs in new panes find, whatever the environment of the server is.
    pub environment: Vec<(String, String)>,
}

impl Default for TmuxOptions {
    fn default() -> Self {
        Self {
            program: "tmux".to_owned(),
            tmux_env: None,
            tmux_pane_env: None,
            exec_helper: Vec::new(),
            environment: Vec::new(),
        }
    }
}

/// The panes of tmux servers.
///
/// A pane hears when its program runs, its input is on, and no mode of tmux takes its keys or copies them to others; text and
/// keys go only to a pane that hears and in front of which is the program that they are meant for, by its name in tmux, else
/// the answer is `Failed` with the reason.
#[derive(Debug, Clone)]
pub struct TmuxMultiplexer {
    options: TmuxOptions,
    /// Shared by clones: there is one for each server.
    pollers: Pollers,
}

/// The answer of a call that concerns one pane.
struct Reply {
    /// How the pane is; [`State::Other`] when its server has ended.
    state: State,
    /// The fields after the state.
    fields: Vec<String>,
    /// The lines after the first.
    rest: String,
}

impl Reply {
    /// Fails with `Gone` unless the pane is ours.
    fn ours(self, pane: &Pane) -> Result<Self, MultiplexerError> {
        match self.state {
            State::Gone | State::Other => Err(MultiplexerError::Gone(pane.id.clone())),
            _ => Ok(self),
        }
    }
}

impl TmuxMultiplexer {
    /// Prepares the adapter; runs nothing yet.
    #[must_use]
    pub fn new(options: TmuxOptions) -> Self {
        Self { options, pollers: Pollers::default() }
    }

    /// Runs the client once.
    async fn run(&self, arguments: Vec<String>, deadline: Deadline) -> Result<Finished, MultiplexerError> {
        self.run_call(Call { arguments, ..Call::default() }, deadline).await
    }

    /// Runs the client once, with stdin or a directory.
    async fn run_call(&self, call: Call<'_>, deadline: Deadline) -> Result<Finished, MultiplexerError> {
        process::run(&self.options.program, call, deadline).await
    }

    /// Runs a call that prints the state of `pane` first. Fails with `Unreachable` when the pane's server does not answer
    /// and cannot be proven to have ended.
    async fn ask(&self, pane: &Pane, call: Call<'_>, deadline: Deadline) -> Result<Reply, MultiplexerError> {
        let gone = |state| Reply { state, fields: Vec::new(), rest: String::new() };
        if !parse::is_pane_id(pane.id.as_str()) {
            return Ok(gone(State::Gone));
        }
        let finished = self.run_call(call, deadline).await?;
        if let Some(how) = parse::no_server(&finished) {
            return proof_of_end(&pane.server, how).map(|_| gone(State::Other));
        }
        match parse::guarded(&finished.stdout) {
            Some((State::Other, ..)) => {
                proof_of_end(&pane.server, "another server answers at its socket").map(|_| gone(State::Other))
            }
            Some((state, fields, rest)) if finished.success || state == State::Gone => {
                Ok(Reply { state, fields: fields.into_iter().map(str::to_owned).collect(), rest: rest.to_owned() })
            }
            _ => Err(failure(&finished)),
        }
    }

    /// Runs a call without stdin that prints the state of `pane` first, and fails with `Gone` unless the pane is ours.
    async fn ask_ours(&self, pane: &Pane, call: Vec<String>, deadline: Deadline) -> Result<Reply, MultiplexerError> {
        self.ask(pane, Call { arguments: call, ..Call::default() }, deadline).await?.ours(pane)
    }

    /// Looks at a pane as [`PaneIo::look`] says.
    async fn look_by(&self, pane: &Pane, deadline: Deadline) -> Result<Look, MultiplexerError> {
        let call = Call { arguments: arguments::look(pane), ..Call::default() };
        let reply = self.ask(pane, call, deadline).await?;
        match reply.state {
            State::Gone => return Ok(Look::Gone(DeathProof::NoSuchPane)),
            State::Other => return Ok(Look::Gone(DeathProof::ServerEnded { pid: pane.server.pid })),
            _ => {}
        }
        let fields: Vec<&str> = reply.fields.iter().map(String::as_str).collect();
        let (mut view, tty) = parse::view(reply.state, &fields, &reply.rest)
            .ok_or_else(|| MultiplexerError::Failed("tmux gave a cut answer".to_owned()))?;
        (view.front.group, view.foreground) = foreground(pane.pid, Some(&tty));
        Ok(Look::Seen(view))
    }

    /// Loads `text` into a buffer and pastes it as the call for that buffer says, in one call.
    async fn load_and_paste(
        &self,
        pane: &Pane,
        text: &[u8],
        paste: impl FnOnce(&str) -> Vec<String>,
        deadline: Deadline,
    ) -> Result<Reply, MultiplexerError> {
        let buffer = format!("cafleet-{}", exec_file::unique());
        let call = Call { arguments: paste(&buffer), stdin: text, directory: None };
        let reply = self.ask(pane, call, deadline.earlier_by(CLEANUP_RESERVE)).await;
        if reply.is_err() {
            // the call may have ended between load and paste; the first error is the one that counts
            drop(self.run(arguments::delete_buffer(pane, &buffer), deadline).await);
        }
        reply
    }

    /// Gives a pane a text from a buffer as the call for that buffer says. Returns whether `condition` held.
    async fn give(
        &self,
        pane: &Pane,
        condition: &TypingCondition,
        text: &str,
        typed: impl FnOnce(&str) -> Vec<String>,
    ) -> Result<bool, MultiplexerError> {
        pane_rules::check_typing(condition).map_err(MultiplexerError::Failed)?;
        let deadline = Deadline::start();
        if text.is_empty() {
            // tmux makes no buffer of nothing
            return heard(pane, self.ask_ours(pane, arguments::state_only(pane), deadline).await?.state).map(|()| true);
        }
        let reply = self.load_and_paste(pane, text.as_bytes(), typed, deadline).await?;
        heard(pane, reply.state)?;
        Ok(reply.rest.trim_end() == parse::SENT)
    }

    /// Waits until `pane` is gone or dead, at most [`LEAVE_LIMIT`]; returns whether it is gone.
    async fn wait_until_left(&self, pane: &Pane, deadline: Deadline) -> Result<bool, MultiplexerError> {
        let until = Instant::now() + LEAVE_LIMIT;
        loop {
            let call = Call { arguments: arguments::state_only(pane), ..Call::default() };
            match self.ask(pane, call, deadline).await?.state {
                State::Gone | State::Other => return Ok(true),
                State::Dead => return Ok(false),
                _ if Instant::now() >= until => return Ok(false),
                _ => sleep(LEAVE_POLL).await,
            }
        }
    }
}

#[async_trait]
impl PaneHost for TmuxMultiplexer {
    fn kind(&self) -> MultiplexerKind {
        MultiplexerKind::Tmux
    }

    async fn version(&self) -> Result<String, MultiplexerError> {
        self.checked_version(Deadline::start()).await
    }

    async fn caller(&self) -> Result<Option<Pane>, MultiplexerError> {
        self.find_caller(Deadline::start()).await
    }

    async fn spawn(&self, request: &SpawnRequest) -> Result<Pane, MultiplexerError> {
        spawn::spawn(self, request, Deadline::start()).await
    }

    async fn start(&self, _request: &StartRequest) -> Result<Pane, MultiplexerError> {
        Err(MultiplexerError::Failed(
            "tmux opens panes only beside others; use the embedded terminals ('--multiplexer pty')".to_owned(),
        ))
    }

    async fn kill(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        let deadline = Deadline::start();
        let reply = self.ask_ours(pane, arguments::state_only(pane), deadline).await?;
        if reply.state != State::Dead
            && let Some(pid) = i32::try_from(pane.pid).ok().and_then(Pid::from_raw)
        {
            // one that has just ended, or may not be signalled, goes with its pane
            let _ = kill_process(pid, Signal::TERM);
            if self.wait_until_left(pane, deadline).await? {
                return Ok(());
            }
        }
        let close = Call { arguments: arguments::kill(pane), ..Call::default() };
        self.ask(pane, close, deadline).await.map(|_| ())
    }

    async fn left_behind(&self, pane: &Pane) -> Vec<LeftBehind> {
        let ServerId { socket, pid, .. } = &pane.server;
        let server = format!("{socket},{pid},");
        left_behind(|environment| {
            environment.get("TMUX").is_some_and(|tmux| tmux.starts_with(&server))
                && environment.get("TMUX_PANE") == Some(pane.id.as_str())
        })
        .await
    }

    async fn show(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        self.ask_ours(pane, arguments::show(pane), Deadline::start()).await.map(drop)
    }

    async fn list(&self, pane: &Pane) -> Result<Vec<TaggedPane>, MultiplexerError> {
        let socket = &pane.server.socket;
        let finished = self.run(arguments::list(socket), Deadline::start()).await?;
        if let Some(how) = parse::no_server(&finished) {
            return proof_of_end(&pane.server, how).map(|_| Vec::new());
        }
        if !finished.success {
            return Err(failure(&finished));
        }
        let mut panes: Vec<TaggedPane> = Vec::new();
        for found in finished.stdout.lines().filter_map(|line| parse::tagged_pane(socket, line)) {
            // a window that is linked into two sessions is listed twice
            if found.pane.server == pane.server && panes.iter().all(|known| known.pane.id != found.pane.id) {
                panes.push(TaggedPane { pane: with_namespace(found.pane), ..found });
            }
        }
        if panes.is_empty() {
            // a server without panes ends
            return proof_of_end(&pane.server, "another server answers at its socket").map(|_| panes);
        }
        Ok(panes)
    }

    async fn rebalance(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        self.ask_ours(pane, arguments::rebalance(pane), Deadline::start()).await.map(|_| ())
    }
}

#[async_trait]
impl PaneIo for TmuxMultiplexer {
    async fn look(&self, pane: &Pane) -> Result<Look, MultiplexerError> {
        self.look_by(pane, Deadline::start()).await
    }

    async fn capture(&self, pane: &Pane, lines: u32, ansi: bool) -> Result<String, MultiplexerError> {
        let reply = self.ask_ours(pane, arguments::capture(pane, lines), Deadline::start()).await?;
        let count = usize::try_from(lines).unwrap_or(usize::MAX);
        Ok(if ansi { screen::tail_styled(&reply.rest, count) } else { screen::tail_plain(&reply.rest, count) })
    }

    async fn paste(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError> {
        self.give(pane, condition, text, |buffer| typing::paste(pane, front, condition, seconds(), buffer)).await
    }

    async fn submit_if_shown(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &EnterCondition,
    ) -> Result<bool, MultiplexerError> {
        pane_rules::check_condition(condition).map_err(MultiplexerError::Failed)?;
        let enter = |buffer: &str| typing::submit(pane, front, condition, seconds(), buffer);
        let reply = self.load_and_paste(pane, b"\r", enter, Deadline::start()).await?.ours(pane)?;
        Ok(reply.rest.trim_end() == parse::SENT)
    }

    async fn type_keys(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError> {
        pane_rules::check_keys(text).map_err(MultiplexerError::Failed)?;
        self.give(pane, condition, text, |buffer| typing::type_keys(pane, front, condition, seconds(), buffer)).await
    }
}

/// Proves that a server which does not answer has ended; see [`server_fate::proof_of_end`].
fn proof_of_end(server: &ServerId, what: &str) -> Result<DeathProof, MultiplexerError> {
    let ServerId { socket, pid, .. } = server;
    let advice = format!("{what} ({socket}); 'kill -USR1 {pid}' makes it create the socket again");
    server_fate::proof_of_end(server, "the tmux server", &advice)
}

/// Returns the time that tmux counts in, in seconds since the epoch.
fn seconds() -> u64 {
    u64::try_from(SystemClock.now().unix_micros() / 1_000_000).unwrap_or_default()
}

/// Says why a pane did not get a text.
fn heard(pane: &Pane, state: State) -> Result<(), MultiplexerError> {
    let id = &pane.id;
    match state {
        State::Ready => Ok(()),
        State::Gone | State::Other => Err(MultiplexerError::Gone(id.clone())),
        State::Dead => Err(MultiplexerError::Failed(format!("the program in pane {id} has ended"))),
        State::Deaf(Deaf::CopyMode | Deaf::OtherMode(_)) => {
            Err(MultiplexerError::Failed(format!("a mode of tmux takes the keys of pane {id}")))
        }
        State::Deaf(Deaf::InputOff) => Err(MultiplexerError::Failed(format!("the input of pane {id} is switched off"))),
        State::Deaf(Deaf::Synchronized) => {
            Err(MultiplexerError::Failed(format!("pane {id} shares its keys with others")))
        }
        State::Front => Err(MultiplexerError::Failed(format!("another program is in front of pane {id} now"))),
    }
}

/// Turns what a client left behind into an error.
fn failure(finished: &Finished) -> MultiplexerError {
    let said = match finished.stderr.as_str() {
        "" if finished.success => "gave an answer that cannot be read",
        "" => "failed without a word",
        said => said,
    };
    MultiplexerError::Failed(format!("tmux: {said}"))
}
