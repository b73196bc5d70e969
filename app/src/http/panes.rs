//! `/api/panes`: the terminals of agents, live.

use std::sync::Arc;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Clock, MultiplexerError, WatchMode};
use poem::web::websocket::{BoxWebSocketUpgraded, WebSocket};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use tokio::sync::watch;

use super::body::Body;
use super::error::Problem;
use super::pane_failures::{StreamFailure, TokenFailure};
use super::pane_objects::{TokenObject, TokenRequest};
use super::pane_stream;
use super::source::{Opened, Source};
use super::tokens::{LIFETIME, Tokens};
use super::{Tag, agent_id, fleet_id};
use crate::typist::Typist;

pub(super) struct PanesApi {
    pub(super) source: Arc<Source>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tokens: Tokens,
    pub(super) streams: watch::Sender<()>,
}

#[OpenApi]
impl PanesApi {
    /// Watch the terminal of an agent, and type into it.
    ///
    /// A WebSocket. The server sends `{"type":"snapshot","columns":…,"rows":…}` as text, then what draws that screen on an
    /// empty terminal of that size as one binary message, with up to 2,000 rows that were above it; after that, each binary message is further output. A snapshot
    /// comes first, after each change of size, and when the client was too slow to follow. `{"type":"title","title":…}` tells
    /// the title, and `{"type":"ended","reason":…}` or `{"type":"error","message":…}` comes last. What is sent asks the
    /// terminal nothing, and changes neither its title nor its clipboard.
    ///
    /// With a token, binary messages of at most 64 KiB from the client are typed, at most 1 MiB and 1,024 messages a second;
    /// what is too fast waits. Messages to the agent wait meanwhile, and for 5 s after the last key.
    #[oai(path = "/api/panes/:id/stream", method = "get", tag = "Tag::Panes", operation_id = "watch_pane")]
    async fn stream(
        &self,
        /// The agent.
        id: Path<i64>,
        /// The fleet. It is in the query because browsers cannot send headers here.
        #[oai(name = "fleet_id")]
        fleet: Query<i64>,
        /// The permission to type; without it the stream is read-only.
        token: Query<Option<String>>,
        socket: poem::Result<WebSocket>,
    ) -> Result<BoxWebSocketUpgraded, StreamFailure> {
        let (fleet, opened) = (fleet_id(*fleet)?, self.source.opened().await?);
        opened.viewer.require_fleet(fleet).await?;
        let agent = agent_id(*id)?;
        let pane = pane(&opened, fleet, agent).await?;
        let mode = match &*token {
            None => WatchMode::ReadOnly,
            Some(token) if self.tokens.redeem(token, fleet, agent, self.clock.now()) => WatchMode::Typing,
            Some(_) => {
                let detail = "the token is not one for this pane, was used, or is too old; ask for another".to_owned();
                return Err(StreamFailure::Forbidden(Json(Problem { detail })));
            }
        };
        let watched = opened.panes.watch(&pane, mode).await.map_err(|error| match error {
            MultiplexerError::Gone(pane) => BrokerError::PaneGone { agent, pane },
            error => error.into(),
        })?;
        let typist = (mode == WatchMode::Typing).then(|| Typist::new(opened.broker.clone(), fleet, agent));
        // last, for a browser does not tell why a stream was refused: its page asks again without wanting one
        let socket = socket.map_err(|error| StreamFailure::BadRequest(Json(Problem { detail: error.to_string() })))?;
        let (socket, ended) = (socket.config(pane_stream::config()), self.streams.subscribe());
        Ok(socket.on_upgrade(move |socket| pane_stream::run(socket, watched, typist, ended)).boxed())
    }

    /// Ask for the permission to type into the terminal of an agent.
    #[oai(path = "/api/panes/:id/token", method = "post", tag = "Tag::Panes", operation_id = "permit_typing")]
    async fn token(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        /// The agent.
        id: Path<i64>,
        request: Body<TokenRequest>,
    ) -> Result<Json<TokenObject>, TokenFailure> {
        let Body(TokenRequest {}) = request;
        let (fleet, opened) = (fleet_id(*fleet)?, self.source.opened().await?);
        opened.viewer.require_fleet(fleet).await?;
        let agent = agent_id(*id)?;
        pane(&opened, fleet, agent).await?;
        let token = self.tokens.issue(fleet, agent, self.clock.now()).ok_or_else(|| {
            TokenFailure::Unavailable(Json(Problem { detail: "the system has no random numbers".to_owned() }))
        })?;
        Ok(Json(TokenObject { token, expires_in_seconds: LIFETIME.as_secs() }))
    }
}

async fn pane(opened: &Opened, fleet: FleetId, agent: AgentId) -> Result<Pane, BrokerError> {
    Ok(opened.broker.members.pane_of(fleet, agent).await?.1)
}
