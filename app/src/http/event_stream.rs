//! Events on a WebSocket.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use poem::web::websocket::{CloseCode, Message, WebSocketStream};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::event_objects::Outgoing;
use super::socket;

/// How often a client hears that the stream is there: scripts of a browser see no ping.
const ALIVE_EVERY: Duration = Duration::from_secs(5);

/// What it then hears.
const ALIVE: &str = r#"{"event":"alive"}"#;

/// Sends events until the client leaves, they end, or `ended` tells that the server does.
pub(super) async fn run(
    mut socket: WebSocketStream,
    mut events: BoxStream<'static, Outgoing>,
    mut ended: watch::Receiver<()>,
) {
    let mut outgoing = ALIVE.to_owned();
    let mut alive = interval_at(Instant::now() + ALIVE_EVERY, ALIVE_EVERY);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (code, reason) = loop {
        if !socket::send(&mut socket, Message::text(outgoing)).await {
            return;
        }
        outgoing = tokio::select! {
            // in this order: many events keep nothing else waiting
            biased;
            _ = ended.changed() => break (CloseCode::Away, "the server ends"),
            _ = alive.tick() => ALIVE.to_owned(),
            message = socket.next() => match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => ALIVE.to_owned(),
                Some(Ok(Message::Text(_) | Message::Binary(_))) => break (CloseCode::Policy, "this stream is read-only"),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            event = events.next() => match event {
                Some(event) => event.text(),
                None => break (CloseCode::Away, "connect again"),
            },
        };
    };
    socket::close(socket, None, code, reason).await;
}
