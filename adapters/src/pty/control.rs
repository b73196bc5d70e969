//! Looking after the daemon itself.

use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::ports::{DaemonStatus, MultiplexerError, PaneSummary, TerminalDaemon};
use tokio::time::{Instant, sleep};

use super::client::{Connected, Found, NAME, connect, limited, unexpected};
use super::protocol::{HANDOVER, PROTOCOL, PaneEntry, Reply, Request, read_line};
use super::start::{is_alive, socket_path, unreachable};
use super::{COME_BACK, PtyMultiplexer, PtyOptions};

/// How often it is looked whether the daemon is back.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

#[async_trait]
impl TerminalDaemon for PtyMultiplexer {
    async fn status(&self) -> Result<Option<DaemonStatus>, MultiplexerError> {
        limited(async {
            loop {
                let Some(mut connected) = self.connect().await? else { return Ok(None) };
                if connected.hello.protocol != PROTOCOL {
                    return Ok(Some(status(&connected, Vec::new())));
                }
                if let Some(panes) = panes(&mut connected).await? {
                    return Ok(Some(status(&connected, panes)));
                }
                // it ends, or becomes another program
                sleep(LOOK_AGAIN).await;
            }
        })
        .await
    }

    async fn stop(&self) -> Result<Option<u32>, MultiplexerError> {
        limited(async {
            let Some(mut connected) = self.connect().await? else { return Ok(None) };
            match connected.ask(&Request::Stop).await? {
                Some(Reply::Done) | None => {}
                Some(reply) => return Err(unexpected(&reply)),
            }
            // its last act is to let go of us
            while let Ok(Some(_)) = read_line::<Reply>(&mut connected.from).await {}
            Ok(Some(connected.hello.pid))
        })
        .await
    }

    async fn upgrade(&self) -> Result<Option<DaemonStatus>, MultiplexerError> {
        let before = limited(async {
            let Some(mut connected) = self.connect().await? else { return Ok(None) };
            let program = self.options.daemon.first().cloned().unwrap_or_default();
            let reply = connected.ask(&Request::Upgrade { program, handover: HANDOVER }).await?;
            if let Some(reply) = reply
                && reply != Reply::Done
            {
                return Err(unexpected(&reply));
            }
            while let Ok(Some(_)) = read_line::<Reply>(&mut connected.from).await {}
            Ok(Some(connected.hello.generation))
        });
        let Some(before) = before.await? else { return Ok(None) };
        limited(async {
            loop {
                match self.status().await? {
                    Some(status) if status.generation != before => return Ok(Some(status)),
                    Some(_) => sleep(LOOK_AGAIN).await,
                    None => return Err(MultiplexerError::Failed(format!("{NAME} ended instead; its panes are gone"))),
                }
            }
        })
        .await
    }
}

impl PtyMultiplexer {
    /// Connects to the daemon of the directory; none when none runs.
    async fn connect(&self) -> Result<Option<Connected>, MultiplexerError> {
        let PtyOptions { directory, .. } = &self.options;
        let begin = Instant::now();
        loop {
            match connect(&socket_path(directory)).await? {
                Found::Daemon(connected) => return Ok(Some(connected)),
                Found::Nobody if !is_alive(directory) => return Ok(None),
                Found::Nobody if begin.elapsed() > COME_BACK => return Err(unreachable(directory)),
                // it is about to answer, to make its socket again, or to end
                Found::Nobody | Found::Silence => sleep(LOOK_AGAIN).await,
            }
        }
    }
}

/// Returns the panes of a daemon; none when it lets go of us before it answers.
async fn panes(connected: &mut Connected) -> Result<Option<Vec<PaneSummary>>, MultiplexerError> {
    match connected.ask(&Request::List).await? {
        Some(Reply::Panes(entries)) => Ok(Some(entries.into_iter().map(|entry| summary(connected, entry)).collect())),
        Some(reply) => Err(unexpected(&reply)),
        None => Ok(None),
    }
}

fn summary(connected: &Connected, entry: PaneEntry) -> PaneSummary {
    let pane = connected.pane(&entry);
    let PaneEntry { tag, program, columns, rows, viewers, .. } = entry;
    PaneSummary { pane, tag, program, columns, rows, viewers }
}

fn status(connected: &Connected, panes: Vec<PaneSummary>) -> DaemonStatus {
    let hello = &connected.hello;
    DaemonStatus {
        pid: hello.pid,
        build: hello.build.clone(),
        same_protocol: hello.protocol == PROTOCOL,
        generation: hello.generation,
        socket: connected.server.socket.clone(),
        panes,
    }
}
