//! A pane on a WebSocket: what it shows goes out, what a person types comes in.

use std::time::Duration;

use cafleet_domain::ports::{MultiplexerError, PaneEvent, PaneEvents, PaneInput, WatchedPane};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use poem::web::websocket::{CloseCode, Message, WebSocketConfig, WebSocketStream};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, interval_at, timeout};

/// How much may be typed at once.
const MOST_INPUT: usize = 64 * 1024;

/// What is read of a message that is too long, so that its sender can be told so.
const MOST_READ: usize = 1024 * 1024;

/// How often a sign of life goes out: it keeps the connection, and shows who has left.
const PING_EVERY: Duration = Duration::from_secs(15);

/// How long a page may take to read what it is sent before it counts as gone. What it misses meanwhile is not kept.
const READ_LIMIT: Duration = Duration::from_secs(60);

/// How long a page may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

type Sink = SplitSink<WebSocketStream, Message>;

/// Why a stream ends.
#[derive(Debug)]
enum Parting {
    /// The page has left.
    Left,
    /// The pane is gone, and how.
    Ended(String),
    /// It cannot be shown any longer.
    Failed(String),
    /// The page did what it may not, or the server ends.
    Closed(CloseCode, &'static str),
}

impl From<MultiplexerError> for Parting {
    fn from(error: MultiplexerError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Returns what a connection is bounded by.
pub(super) fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(MOST_READ)).max_frame_size(Some(MOST_READ))
}

/// Shows a pane until one side leaves or `ended` tells something. Of a page that may not type, any input is its last.
pub(super) async fn run(socket: WebSocketStream, watched: WatchedPane, may_type: bool, mut ended: watch::Receiver<()>) {
    let (mut sink, mut stream) = socket.split();
    let WatchedPane { mut events, mut input } = watched;
    let parting = tokio::select! {
        parting = show(events.as_mut(), &mut sink) => parting,
        parting = hear(&mut stream, input.as_mut(), may_type) => parting,
        _ = ended.changed() => Parting::Closed(CloseCode::Away, "the server ends"),
    };
    // a page that does not read is not waited for
    let _too_late = timeout(FAREWELL, part(parting, &mut sink, &mut stream)).await;
}

async fn show(events: &mut dyn PaneEvents, sink: &mut Sink) -> Parting {
    let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    loop {
        let messages = tokio::select! {
            event = events.next() => match event {
                Ok(Some(PaneEvent::Ended(how))) => return Parting::Ended(how),
                Ok(Some(event)) => messages(event),
                Ok(None) => return Parting::Failed("the multiplexer let go of the pane".to_owned()),
                Err(error) => return error.into(),
            },
            _ = pings.tick() => vec![Message::Ping(Vec::new())],
        };
        for message in messages {
            match timeout(READ_LIMIT, sink.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return Parting::Left,
            }
        }
    }
}

/// Writes an event; that a pane is gone is told by [`part`].
fn messages(event: PaneEvent) -> Vec<Message> {
    match event {
        PaneEvent::Snapshot { columns, rows, drawing } => {
            let head = json!({ "type": "snapshot", "columns": columns, "rows": rows });
            vec![Message::Text(head.to_string()), Message::Binary(drawing)]
        }
        PaneEvent::Output(bytes) => vec![Message::Binary(bytes)],
        PaneEvent::Title(title) => vec![Message::Text(json!({ "type": "title", "title": title }).to_string())],
        PaneEvent::Ended(_) => Vec::new(),
    }
}

async fn hear(stream: &mut SplitStream<WebSocketStream>, input: &mut dyn PaneInput, may_type: bool) -> Parting {
    while let Some(message) = stream.next().await {
        match message {
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Close(_)) => return Parting::Left,
            Ok(_) if !may_type => return Parting::Closed(CloseCode::Policy, "this stream may only be read"),
            Ok(Message::Binary(bytes)) if bytes.len() > MOST_INPUT => return too_long(),
            // who types faster than the program reads has to wait
            Ok(Message::Binary(bytes)) => match input.write(&bytes).await {
                Ok(()) => {}
                Err(error) => return error.into(),
            },
            Ok(Message::Text(_)) => return Parting::Closed(CloseCode::Unsupported, "input is binary"),
            // of what is no WebSocket any more, only a message that is far too long is likely
            Err(error) if error.kind() == std::io::ErrorKind::Other => return too_long(),
            Err(_) => return Parting::Left,
        }
    }
    Parting::Left
}

fn too_long() -> Parting {
    Parting::Closed(CloseCode::Size, "at most 64 KiB may be typed at once")
}

/// Says why the stream ends, and waits for the page to have heard it: what is unread when a connection is dropped takes
/// what is on its way with it.
async fn part(parting: Parting, sink: &mut Sink, stream: &mut SplitStream<WebSocketStream>) {
    let (last, code, reason) = match parting {
        Parting::Left => return,
        Parting::Closed(code, reason) => (None, code, reason),
        Parting::Ended(how) => (Some(json!({ "type": "ended", "reason": how })), CloseCode::Normal, "the pane is gone"),
        Parting::Failed(why) => {
            (Some(json!({ "type": "error", "message": why })), CloseCode::Error, "the pane cannot be shown")
        }
    };
    let last = last.map(|last| Message::Text(last.to_string()));
    for message in last.into_iter().chain([Message::Close(Some((code, reason.to_owned())))]) {
        if sink.send(message).await.is_err() {
            return;
        }
    }
    while let Some(Ok(_)) = stream.next().await {}
}
