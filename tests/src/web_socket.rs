//! One who watches a pane by a WebSocket, as the page does.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

/// How long a test waits for a message.
const PATIENCE: Duration = Duration::from_secs(30);

/// A message of the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// An object.
    Told(Value),
    /// Something to draw.
    Drawn(Vec<u8>),
    /// The end, with its code.
    Closed(u16),
}

/// An open stream.
#[derive(Debug)]
pub struct PaneViewer {
    socket: WebSocket<TcpStream>,
}

impl PaneViewer {
    /// Opens the stream at a path, as a page of this origin where there is one.
    ///
    /// # Panics
    /// When the server does not open it.
    #[must_use]
    pub fn open(address: SocketAddr, path: &str, origin: Option<&str>) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a request");
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().expect("a value"));
        }
        let (socket, _) = client(request, stream).expect("the stream opens");
        Self { socket }
    }

    /// Returns the next message.
    ///
    /// # Panics
    /// When none comes within half a minute, or the connection breaks.
    pub fn next_message(&mut self) -> Received {
        loop {
            match self.socket.read().expect("a message in time") {
                Message::Text(text) => return Received::Told(serde_json::from_str(&text).expect("JSON")),
                Message::Binary(bytes) => return Received::Drawn(bytes.to_vec()),
                Message::Close(frame) => {
                    // goodbye is said back
                    let _gone = self.socket.flush();
                    return Received::Closed(frame.map_or(1005, |frame| frame.code.into()));
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Reads until what was drawn since the last snapshot holds `text`; returns that, and the size.
    ///
    /// # Panics
    /// When the stream ends before.
    pub fn until_drawn(&mut self, text: &str) -> (u64, u64, String) {
        let (mut size, mut drawn, mut looked) = ((0, 0), Vec::new(), 0);
        loop {
            match self.next_message() {
                Received::Told(told) if told["type"] == "snapshot" => {
                    let number = |name: &str| told[name].as_u64().expect("a number");
                    size = (number("columns"), number("rows"));
                    (drawn, looked) = (Vec::new(), 0);
                }
                Received::Told(told) => assert_eq!(told["type"], "title", "{told}"),
                Received::Drawn(bytes) => drawn.extend(bytes),
                Received::Closed(code) => panic!("it closed with {code} before {text:?}"),
            }
            // what was there before was looked through
            let start = usize::saturating_sub(looked, text.len());
            looked = drawn.len();
            if drawn[start..].windows(text.len()).any(|found| found == text.as_bytes()) {
                return (size.0, size.1, String::from_utf8_lossy(&drawn).into_owned());
            }
        }
    }

    /// Reads to the end; returns the last object, and the code.
    pub fn until_closed(&mut self) -> (Value, u16) {
        let mut last = Value::Null;
        loop {
            match self.next_message() {
                Received::Told(told) => last = told,
                Received::Drawn(_) => {}
                Received::Closed(code) => return (last, code),
            }
        }
    }

    /// Types.
    pub fn type_bytes(&mut self, bytes: &[u8]) {
        self.send(Message::Binary(bytes.to_vec().into()));
    }

    /// Sends a text, which is no input.
    pub fn say(&mut self, text: &str) {
        self.send(Message::Text(text.into()));
    }

    fn send(&mut self, message: Message) {
        match self.socket.send(message) {
            // the server may have closed already; what it said is read next
            Ok(()) | Err(Error::AlreadyClosed | Error::ConnectionClosed) => {}
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Err(error) => panic!("it cannot be sent: {error}"),
        }
    }
}
