//! Connections of clients: how they are accepted, and when they are closed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::{Acceptor, TcpAcceptor};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Request};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::composition::{ConnectionOwner, ConnectionOwners};
use crate::printer::Printer;

/// A connection on which nothing moves for so long is closed; events move at least every 15 s.
const IDLE_LIMIT: Duration = Duration::from_secs(75);

/// How long to wait before the next try when the system gives no connection: a client that leaves frees a descriptor.
const RETRY: Duration = Duration::from_millis(250);

/// Marks the address of a client that is not served, with the reason.
const REFUSED: &str = "refused";

const STRANGER: &str = "this server serves only the user who started it; start your own with 'cafleet server'. A reverse proxy must run \
                        as that user too";
const UNKNOWN: &str = "cannot tell which user made this connection, so it is refused; call the server from outside the \
                       container or sandbox";

/// How long it is not said again that no connection can be accepted.
const SAY_AGAIN: Duration = Duration::from_secs(600);

/// Accepts connections, however short the process is of descriptors.
pub(super) struct Connections {
    inner: TcpAcceptor,
    printer: Printer,
    owners: ConnectionOwners,
    /// When it was last said that there are none.
    said: Option<Instant>,
}

impl Connections {
    /// Prepares to accept; fails where the listener does not belong to a runtime.
    pub(super) fn new(listener: std::net::TcpListener, printer: Printer) -> io::Result<Self> {
        Ok(Self { inner: TcpAcceptor::from_std(listener)?, printer, owners: ConnectionOwners::open(), said: None })
    }

    /// Returns why a client is not served; none for the user that the server belongs to, and for other machines, which reach it
    /// only where it was told to listen to them.
    fn refused(&mut self, stream: &TcpStream) -> Option<&'static str> {
        let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return Some(UNKNOWN) };
        match self.owners.owner(peer, local) {
            ConnectionOwner::User(user) if user == rustix::process::getuid().as_raw() => None,
            ConnectionOwner::User(_) => Some(STRANGER),
            ConnectionOwner::Elsewhere => None,
            ConnectionOwner::Unknown => Some(UNKNOWN),
        }
    }
}

impl Acceptor for Connections {
    type Io = IdleStream<TcpStream>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        loop {
            match self.inner.accept().await {
                Ok((stream, local, remote, scheme)) => {
                    let remote =
                        self.refused(&stream).map_or(remote, |reason| RemoteAddr(Addr::custom(REFUSED, reason)));
                    return Ok((IdleStream::new(stream, IDLE_LIMIT), local, remote, scheme));
                }
                // the client has left before it was accepted
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    // one that leaves lets another one in, and the next one waits again
                    if self.said.is_none_or(|said| said.elapsed() > SAY_AGAIN) {
                        self.said = Some(Instant::now());
                        let advice = "new connections wait; close pages, or raise the limit with 'ulimit -n'";
                        self.printer.note(&format!("Warning: cannot accept connections: {error}; {advice}"));
                    }
                    sleep(RETRY).await;
                }
            }
        }
    }
}

/// Returns why the client of a request is not to be served.
pub(super) fn refusal(request: &Request) -> Option<&str> {
    match &request.remote_addr().0 {
        Addr::Custom(REFUSED, reason) => Some(reason),
        _ => None,
    }
}

/// A stream that fails with `TimedOut` when nothing has moved in either direction for a while.
pub(super) struct IdleStream<T> {
    inner: T,
    limit: Duration,
    end: Pin<Box<Sleep>>,
}

impl<T> IdleStream<T> {
    fn new(inner: T, limit: Duration) -> Self {
        Self { inner, limit, end: Box::pin(sleep_until(Instant::now() + limit)) }
    }

    /// Puts the end off when something has moved, and fails when it has come.
    fn observed<R>(&mut self, context: &mut Context<'_>, moved: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if moved.is_ready() {
            self.end.as_mut().reset(Instant::now() + self.limit);
            return moved;
        }
        self.end.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for IdleStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        self.observed(context, read)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for IdleStream<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.observed(context, written)
    }

    // a flush moves nothing
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn half_a_request_is_given_up_when_the_limit_is_over() {
        let (mut client, server) = duplex(64);
        let mut server = IdleStream::new(server, Duration::from_millis(50));
        client.write_all(b"GET / HT").await.expect("sent");
        let mut request = Vec::new();
        let error = server.read_to_end(&mut request).await.expect_err("it ends");
        assert_eq!((error.kind(), request.as_slice()), (io::ErrorKind::TimedOut, &b"GET / HT"[..]));
    }

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_given_up() {
        let (_client, server) = duplex(8);
        let mut server = IdleStream::new(server, Duration::from_millis(50));
        assert_eq!(server.write_all(&[0; 64]).await.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
    }

    #[tokio::test]
    async fn what_is_written_keeps_a_silent_client() {
        let limit = Duration::from_secs(3);
        let (_client, server) = duplex(1024);
        let (mut reader, mut writer) = tokio::io::split(IdleStream::new(server, limit));
        let silent = tokio::spawn(async move { reader.read_u8().await.map_err(|error| error.kind()) });
        for _ in 0..12 {
            sleep(limit / 10).await;
            writer.write_all(b"event").await.expect("it is still open");
        }
        assert!(!silent.is_finished(), "longer than the limit");
    }
}
