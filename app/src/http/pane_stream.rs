//! A pane on a WebSocket.

use std::time::Duration;

use cafleet_domain::ports::{PaneEvent, PaneEvents, WatchedPane};
use futures_util::StreamExt;
use poem::web::websocket::{CloseCode, Message, WebSocketStream};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::socket;
use crate::error::words;
use crate::typing::Typing;
use crate::typist::{Typist, resting};

/// The longest message of a client.
const LONGEST_INPUT: usize = 64 * 1024;

/// How much of what a client sends is typed in a second: far more than a person types, less than would drown a program.
const INPUT_PER_SECOND: f64 = 1024.0 * 1024.0;

/// How much of that may come at once.
const BURST: Duration = Duration::from_millis(100);

/// What the shortest message counts for.
const SHORTEST_INPUT: usize = 1024;

/// How much may wait in the socket for a client: the picture of the largest pane has room.
const MOST_WAITING: usize = 64 * 1024 * 1024;

/// How often a ping shows that the client is there, and keeps the connection.
const PING_EVERY: Duration = Duration::from_secs(15);

/// Returns the bounds of a connection.
pub(super) fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(LONGEST_INPUT))
        .max_frame_size(Some(LONGEST_INPUT))
        .max_write_buffer_size(MOST_WAITING)
}

/// Why a stream ends.
enum End {
    /// The pane has, in words how.
    Pane(String),
    /// Something failed.
    Failed(String),
    /// The client may not do that.
    Refused(CloseCode, &'static str),
    /// The client has left.
    Left,
}

/// Shows a pane to a client, and types what it sends, until one of them ends or `ended` tells that the server does.
pub(super) async fn run(
    mut socket: WebSocketStream,
    mut watched: WatchedPane,
    mut typist: Option<Typist>,
    mut ended: watch::Receiver<()>,
) {
    let mut typing = Typing::start(watched.input);
    let end = tokio::select! {
        end = serve(&mut socket, watched.events.as_mut(), &mut typing, typist.as_mut()) => end,
        _ = ended.changed() => End::Refused(CloseCode::Away, "the server ends"),
    };
    // what a client that has left has typed last may be lost, for nobody waits for it
    let _all_taken = typing.finish().await;
    if let Some(typist) = &mut typist {
        typist.give_back().await;
    }
    let (last, code, reason) = match end {
        End::Left => return,
        End::Pane(reason) => (Some(json!({"type": "ended", "reason": reason})), CloseCode::Normal, ""),
        End::Failed(message) => (Some(json!({"type": "error", "message": message})), CloseCode::Error, ""),
        End::Refused(code, reason) => (None, code, reason),
    };
    socket::close(socket, last.map(|last| Message::text(last.to_string())), code, reason).await;
}

async fn serve(
    socket: &mut WebSocketStream,
    events: &mut dyn PaneEvents,
    typing: &mut Typing,
    mut typist: Option<&mut Typist>,
) -> End {
    let mut hears_from = Instant::now();
    let mut keys = Vec::new();
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let rests = keys.is_empty() && typing.is_idle();
        let outgoing = tokio::select! {
            event = events.next() => match event {
                Ok(Some(PaneEvent::Ended(how))) => return End::Pane(how),
                Ok(Some(event)) => messages(event),
                Ok(None) => return End::Failed("the multiplexer has ended".to_owned()),
                Err(error) => return End::Failed(error.to_string()),
            },
            // a client is read no faster than the program reads: nothing that it sends is left out
            message = after(hears_from, socket.next()), if keys.is_empty() => {
                hears_from = hears_from.max(Instant::now() - BURST) + cost(message.as_ref());
                match heard(message, typist.as_deref_mut()).await {
                    Ok(typed) => keys = typed,
                    Err(end) => return end,
                }
                Vec::new()
            }
            given = typing.advance(&mut keys) => match given {
                Ok(()) => Vec::new(),
                Err(error) => return End::Failed(error.to_string()),
            },
            _ = ping.tick() => vec![Message::ping(Vec::new())],
            Some(typist) = resting(typist.as_deref_mut()), if rests => {
                typist.give_back().await;
                Vec::new()
            }
        };
        for message in outgoing {
            if !socket::send(socket, message).await {
                return End::Left;
            }
        }
    }
}

/// Waits for what comes once it is time.
async fn after<T>(time: Instant, next: impl Future<Output = T>) -> T {
    sleep_until(time).await;
    next.await
}

/// Returns how much time a message takes up.
fn cost(message: Option<&Result<Message, std::io::Error>>) -> Duration {
    let Some(Ok(Message::Binary(keys))) = message else { return Duration::ZERO };
    #[expect(clippy::cast_precision_loss, reason = "at most 64 KiB")]
    let size = keys.len().max(SHORTEST_INPUT) as f64;
    Duration::from_secs_f64(size / INPUT_PER_SECOND)
}

/// Takes what the client sends, and returns what it types.
///
/// # Errors
/// With the end, if it is one.
async fn heard(message: Option<Result<Message, std::io::Error>>, typist: Option<&mut Typist>) -> Result<Vec<u8>, End> {
    let message = match message {
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(Vec::new()),
        Some(Ok(Message::Close(_))) | None => return Err(End::Left),
        Some(Ok(message)) => message,
        // only a message that is too long leaves anybody to tell
        Some(Err(_)) => return Err(End::Refused(CloseCode::Size, "at most 64 KiB at once")),
    };
    let Some(typist) = typist else {
        return Err(End::Refused(CloseCode::Policy, "this stream is read-only"));
    };
    let Message::Binary(keys) = message else {
        return Err(End::Refused(CloseCode::Unsupported, "keys are binary messages"));
    };
    typist.take().await.map_err(|error| End::Failed(words::on_page(&error)))?;
    Ok(keys)
}

fn messages(event: PaneEvent) -> Vec<Message> {
    match event {
        PaneEvent::Snapshot { columns, rows, history, drawing } => {
            let size = json!({"type": "snapshot", "columns": columns, "rows": rows});
            vec![Message::text(size.to_string()), Message::binary([history, drawing].concat())]
        }
        PaneEvent::Output(bytes) if bytes.is_empty() => Vec::new(),
        PaneEvent::Output(bytes) => vec![Message::binary(bytes)],
        PaneEvent::Title(title) => vec![Message::text(json!({"type": "title", "title": title}).to_string())],
        PaneEvent::Ended(_) => Vec::new(),
    }
}
