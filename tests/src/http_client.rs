//! A client that sends exactly what it is told, wrong requests included.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a test waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the body as text.
    ///
    /// # Panics
    /// When it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    /// Returns the body as JSON.
    ///
    /// # Panics
    /// When it is not declared as JSON, or is none.
    #[must_use]
    pub fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"), "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns the JSON of an answer that must be a success.
    ///
    /// # Panics
    /// When it is not.
    #[must_use]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// Returns the `detail` of an answer that must have this status.
    ///
    /// # Panics
    /// When it has another.
    #[must_use]
    pub fn refused(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()["detail"].clone()
    }
}

/// Sends a request, as text with its headers but without its length, and returns the answer.
///
/// # Panics
/// When the server does not answer in HTTP.
#[must_use]
pub fn send(address: SocketAddr, head: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let head = format!("{}\r\nConnection: close\r\n\r\n", head.trim_end().replace('\n', "\r\n"));
    // A server may answer before it has read everything, and stop reading.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    let mut reader = BufReader::new(stream);
    let (status, headers) = read_head(&mut reader);
    let mut body = Vec::new();
    // The end of an answer whose request was cut short may come as a reset.
    let _ = reader.read_to_end(&mut body);
    Answer { status, headers, body }
}

fn read_head(reader: &mut impl BufRead) -> (u16, Vec<(String, String)>) {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a status line");
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no HTTP: {line:?}"));
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            None => return (status, headers),
        }
    }
}

/// An event as a browser would see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The id that a browser would give as `Last-Event-ID` after it.
    pub last_id: Option<String>,
    /// Its name.
    pub name: String,
    /// What it says.
    pub data: Value,
}

/// A stream of server-sent events.
#[derive(Debug)]
pub struct EventSource {
    reader: BufReader<TcpStream>,
    last_id: Option<String>,
}

impl EventSource {
    /// Begins to listen to a fleet, after the event `last` if there is one.
    ///
    /// # Panics
    /// When the server does not answer with a stream.
    #[must_use]
    pub fn open(address: SocketAddr, fleet: i64, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let resume = last.map(|last| format!("Last-Event-ID: {last}\r\n")).unwrap_or_default();
        // The older protocol has no chunks: what comes is the stream itself.
        let request = format!("GET /api/events?fleet_id={fleet} HTTP/1.0\r\nHost: {address}\r\n{resume}\r\n");
        stream.write_all(request.as_bytes()).expect("the request is sent");
        let mut reader = BufReader::new(stream);
        let (status, headers) = read_head(&mut reader);
        assert_eq!(status, 200, "{headers:?}");
        assert!(headers.contains(&("content-type".to_owned(), "text/event-stream".to_owned())), "{headers:?}");
        Self { reader, last_id: last.map(str::to_owned) }
    }

    /// Returns the next event; none when the stream has ended.
    ///
    /// # Panics
    /// When none comes within half a minute.
    pub fn next_event(&mut self) -> Option<Event> {
        let (mut name, mut data) = ("message".to_owned(), String::new());
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "no event in time");
            let mut line = String::new();
            if self.reader.read_line(&mut line).expect("an event in time") == 0 {
                return None;
            }
            let line = line.trim_end_matches('\n');
            match line.split_once(": ") {
                Some(("id", id)) => self.last_id = Some(id.to_owned()),
                Some(("event", event)) => event.clone_into(&mut name),
                Some(("data", text)) => data.push_str(text),
                _ if line.is_empty() && !data.is_empty() => {
                    let data = serde_json::from_str(&data).unwrap_or_else(|_| panic!("no JSON: {data}"));
                    return Some(Event { last_id: self.last_id.clone(), name, data });
                }
                _ => {}
            }
        }
    }

    /// Returns the next event of this name; others are skipped.
    ///
    /// # Panics
    /// When the stream ends before it comes.
    pub fn wait_for(&mut self, name: &str) -> Event {
        loop {
            let event = self.next_event().expect("the stream goes on");
            if event.name == name {
                return event;
            }
        }
    }

    /// Ends the connection.
    pub fn close(&self) {
        let _ = self.reader.get_ref().shutdown(Shutdown::Both);
    }
}
