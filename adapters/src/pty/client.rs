//! Talking to the daemon.

use std::io;
use std::path::Path;
use std::time::Duration;

use cafleet_domain::id::PaneId;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::MultiplexerError;
use tokio::io::BufReader;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{Instant, sleep, timeout};

use crate::server_fate::namespace_of;

use super::protocol::{Hello, PROTOCOL, PaneEntry, PaneKey, Reply, Request, read_line, write_line};

/// How long an operation may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How long a daemon that has as many clients as it takes is asked again.
const BUSY_LIMIT: Duration = Duration::from_secs(3);

/// How long to wait before that.
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// What the daemon is called in errors.
pub(super) const NAME: &str = "the terminal daemon";

/// A connection on which both sides have greeted.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) from: BufReader<OwnedReadHalf>,
    pub(super) to: OwnedWriteHalf,
    pub(super) server: ServerId,
    pub(super) hello: Hello,
}

/// Ends an operation that takes too long.
pub(super) async fn limited<T>(
    operation: impl Future<Output = Result<T, MultiplexerError>>,
) -> Result<T, MultiplexerError> {
    timeout(LIMIT, operation).await.unwrap_or_else(|_| Err(MultiplexerError::Timeout(NAME.to_owned())))
}

/// What is at a socket.
#[derive(Debug)]
pub(super) enum Found {
    /// A daemon that answers.
    Daemon(Connected),
    /// Nobody listens there.
    Nobody,
    /// Somebody listens and says nothing: a daemon that ends, that becomes another program, or, of an older version, one that
    /// has as many clients as it takes.
    Silence,
}

/// Connects to the daemon at `socket`.
pub(super) async fn connect(socket: &Path) -> Result<Found, MultiplexerError> {
    let stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(error) if is_absent(&error) => return Ok(Found::Nobody),
        Err(error) => {
            return Err(MultiplexerError::Failed(format!("cannot reach {NAME} at {}: {error}", socket.display())));
        }
    };
    match greet(stream, socket).await {
        Ok(Some(connected)) => Ok(Found::Daemon(connected)),
        Ok(None) => Ok(Found::Silence),
        Err(error) if is_broken(&error) => Ok(Found::Silence),
        Err(error) => Err(MultiplexerError::Failed(format!("{} is not {NAME}: {error}", socket.display()))),
    }
}

async fn greet(stream: UnixStream, socket: &Path) -> io::Result<Option<Connected>> {
    if stream.peer_cred()?.uid() != rustix::process::getuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    let (from, mut to) = stream.into_split();
    let mut from = BufReader::new(from);
    write_line(&mut to, &Hello::new(0, 0)).await?;
    let Some(hello): Option<Hello> = read_line(&mut from).await? else { return Ok(None) };
    let socket = socket.display().to_string();
    let mut server = ServerId { socket, pid: hello.pid, started: hello.started, namespace: None };
    server.namespace = namespace_of(&server);
    Ok(Some(Connected { from, to, server, hello }))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

fn is_broken(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

impl Connected {
    /// Asks the daemon something; none when it ends before it answers.
    pub(super) async fn ask(&mut self, request: &Request) -> Result<Option<Reply>, MultiplexerError> {
        let is_lasting = matches!(request, Request::Stop | Request::Upgrade { .. });
        if self.hello.protocol != PROTOCOL && !is_lasting {
            let Hello { protocol, build, pid, .. } = &self.hello;
            return Err(MultiplexerError::Failed(format!(
                "{NAME} (process {pid}) is of cafleet {build} and speaks version {protocol}, this cafleet speaks \
                 {PROTOCOL}; make it the same with 'cafleet daemon upgrade'"
            )));
        }
        let answered = async {
            write_line(&mut self.to, request).await?;
            read_line(&mut self.from).await
        };
        match answered.await {
            Ok(Some(Reply::Busy)) => Err(MultiplexerError::Unreachable(format!(
                "{NAME} (process {}) has as many clients as it accepts; close pages and terminals that watch panes",
                self.server.pid
            ))),
            Ok(reply) => Ok(reply),
            Err(error) if is_broken(&error) => Ok(None),
            Err(error) => Err(MultiplexerError::Failed(format!("{NAME} gave an answer that cannot be read: {error}"))),
        }
    }

    /// As [`Connected::ask`], again and again while the daemon has as many clients as it takes.
    pub(super) async fn ask_patiently(&mut self, request: &Request) -> Result<Option<Reply>, MultiplexerError> {
        let begin = Instant::now();
        loop {
            match self.ask(request).await {
                Err(MultiplexerError::Unreachable(_)) if begin.elapsed() < BUSY_LIMIT => sleep(BUSY_PAUSE).await,
                other => return other,
            }
            if let Found::Daemon(again) = connect(Path::new(&self.server.socket)).await?
                && again.server == self.server
            {
                *self = again;
            }
        }
    }

    /// Returns a pane of this daemon.
    pub(super) fn pane(&self, entry: &PaneEntry) -> Pane {
        let PaneKey { id, pid } = &entry.key;
        Pane {
            multiplexer: MultiplexerKind::Pty,
            server: self.server.clone(),
            session: "cafleet".to_owned(),
            window: id.replace('%', "@"),
            id: PaneId::new(id.clone()),
            pid: *pid,
        }
    }
}

/// Returns how the daemon calls a pane.
pub(super) fn key(pane: &Pane) -> PaneKey {
    PaneKey { id: pane.id.as_str().to_owned(), pid: pane.pid }
}

/// Says that an answer does not fit its question.
pub(super) fn unexpected(reply: &Reply) -> MultiplexerError {
    match reply {
        Reply::Failed(reason) => MultiplexerError::Failed(reason.clone()),
        other => MultiplexerError::Failed(format!("{NAME} gave an unexpected answer: {other:?}")),
    }
}
