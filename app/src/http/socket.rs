//! What all streams on a WebSocket do alike.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use poem::web::websocket::{CloseCode, Message, WebSocketStream};
use tokio::time::timeout;

/// How long a client may take to read what it is sent. It continues from there on another connection.
const CLIENT_LIMIT: Duration = Duration::from_secs(60);

/// How long a client may take to hear why the stream ends.
const FAREWELL: Duration = Duration::from_secs(2);

/// Sends a message; returns whether the client has taken it.
pub(super) async fn send(socket: &mut WebSocketStream, message: Message) -> bool {
    matches!(timeout(CLIENT_LIMIT, socket.send(message)).await, Ok(Ok(())))
}

/// Tells the client the `last` message, if there is one, and why the stream ends.
pub(super) async fn close(mut socket: WebSocketStream, last: Option<Message>, code: CloseCode, reason: &str) {
    let parting = async {
        if let Some(last) = last {
            socket.send(last).await?;
        }
        socket.send(Message::close_with(code, reason)).await?;
        // what is unread when a connection is dropped takes what is on its way with it
        while let Some(Ok(_)) = socket.next().await {}
        Ok::<(), std::io::Error>(())
    };
    let _client_may_be_gone = timeout(FAREWELL, parting).await;
}
