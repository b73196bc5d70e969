//! A client of the server that keeps its connection, and one that listens.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::Outcome;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection on which one request follows another.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends a request and returns the length of its answer, which must be a success.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Outcome<usize> {
        self.stream.get_mut().write_all(request)?;
        let length = head(&mut self.stream)?.ok_or("an answer does not say how long it is")?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(length)
    }
}

/// Writes a request about the fleet; one that has a body sends it.
pub(crate) fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> Vec<u8> {
    let fleet = crate::fixture::FLEET;
    let content = match body {
        "" => String::new(),
        body => format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()),
    };
    format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nX-Fleet-Id: {fleet}\r\n{content}\r\n{body}").into_bytes()
}

/// One who listens to the events of the fleet.
pub(crate) struct Listener {
    stream: BufReader<TcpStream>,
}

impl Listener {
    /// Begins to listen: everything that happens after this returns is told.
    pub(crate) fn open(address: SocketAddr) -> Outcome<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        // The older protocol has no chunks: what comes is the stream itself.
        let fleet = crate::fixture::FLEET;
        write!(stream, "GET /api/events?fleet_id={fleet} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        let mut listener = Self { stream: BufReader::new(stream) };
        head(&mut listener.stream)?;
        listener.wait_for("ready")?;
        Ok(listener)
    }

    /// Waits for an event of this name. One that says no name is a `message`.
    pub(crate) fn wait_for(&mut self, name: &str) -> Outcome<()> {
        let (mut line, mut told, mut has_data) = (String::new(), "message".to_owned(), false);
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("the stream of events has ended".into());
            }
            match line.trim_end().split_once(": ") {
                Some(("event", name)) => told = name.to_owned(),
                Some(("data", _)) => has_data = true,
                Some(_) => {}
                // a blank line ends an event, or a comment
                None if has_data && told == name => return Ok(()),
                None => (told, has_data) = ("message".to_owned(), false),
            }
        }
    }
}

/// Reads the head of an answer, which must be a success, and returns the length of its body where that is known.
fn head(stream: &mut impl BufRead) -> Outcome<Option<usize>> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    if line.split(' ').nth(1) != Some("200") {
        return Err(format!("the server answers {line:?}").into());
    }
    let mut length = None;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = Some(value.parse()?),
            Some(_) => {}
            None => return Ok(length),
        }
    }
}
