//! Panes as viewers see them.

use std::io;

use async_trait::async_trait;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{MultiplexerError, PaneEvent, PaneEvents, PaneInput, PaneWatcher, WatchMode, WatchedPane};
use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

use super::client::{NAME, key, limited, unexpected};
use super::protocol::{Frame, Reply, Request};
use super::{PtyMultiplexer, connect_to, proof_of_end};

#[async_trait]
impl PaneWatcher for PtyMultiplexer {
    async fn watch(&self, pane: &Pane, mode: WatchMode) -> Result<WatchedPane, MultiplexerError> {
        let (may_type, writable) = match mode {
            WatchMode::ReadOnly => (false, None),
            WatchMode::Typing => (true, None),
            WatchMode::Writable { columns, rows } => (true, Some((columns, rows))),
        };
        limited(async {
            let gone = || MultiplexerError::Gone(pane.id.clone());
            let mut connected = connect_to(&pane.server).await?.map_err(|_| gone())?;
            match connected.ask(&Request::Watch { pane: key(pane), writable, may_type, history: true }).await? {
                Some(Reply::Done) => Ok(WatchedPane {
                    events: Box::new(Events { from: connected.from, buffer: Vec::new(), history: Vec::new() }),
                    input: Box::new(Input(connected.to)),
                }),
                Some(Reply::Gone) => Err(gone()),
                None => Err(proof_of_end(&pane.server, "did not answer").map_or_else(|error| error, |_| gone())),
                Some(reply) => Err(unexpected(&reply)),
            }
        })
        .await
    }
}

struct Events {
    from: BufReader<OwnedReadHalf>,
    /// What has come of a frame that is not whole yet.
    buffer: Vec<u8>,
    /// What the next snapshot has above its screen.
    history: Vec<u8>,
}

#[async_trait]
impl PaneEvents for Events {
    async fn next(&mut self) -> Result<Option<PaneEvent>, MultiplexerError> {
        loop {
            match Frame::take(&mut self.buffer).map_err(|error| broken(&error))? {
                Some(Frame::Snapshot(columns, rows, drawing)) => {
                    let history = std::mem::take(&mut self.history);
                    return Ok(Some(PaneEvent::Snapshot { columns, rows, history, drawing }));
                }
                Some(Frame::History(history)) => self.history = history,
                Some(Frame::Bytes(bytes)) => return Ok(Some(PaneEvent::Output(bytes))),
                Some(Frame::Title(title)) => return Ok(Some(PaneEvent::Title(title))),
                Some(Frame::End(how)) => return Ok(Some(PaneEvent::Ended(how))),
                Some(Frame::Resize(..)) => {}
                None => match self.from.read_buf(&mut self.buffer).await {
                    Ok(0) => return Ok(None),
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                    Err(error) => return Err(broken(&error)),
                },
            }
        }
    }
}

struct Input(OwnedWriteHalf);

#[async_trait]
impl PaneInput for Input {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), MultiplexerError> {
        Frame::Bytes(bytes.to_vec()).write(&mut self.0).await.map_err(|error| broken(&error))
    }

    async fn resize(&mut self, columns: u16, rows: u16) -> Result<(), MultiplexerError> {
        Frame::Resize(columns, rows).write(&mut self.0).await.map_err(|error| broken(&error))
    }
}

fn broken(error: &io::Error) -> MultiplexerError {
    MultiplexerError::Failed(format!("the connection to {NAME} broke off: {error}"))
}
