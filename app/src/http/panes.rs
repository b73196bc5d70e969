//! `/api/panes`: the terminals of agents, live.

use std::sync::Arc;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::id::{AgentId, FleetId};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{MultiplexerError, WatchMode};
use poem::web::websocket::{BoxWebSocketUpgraded, WebSocket};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde_json::{Map, Value};

use super::body::{Body, Expected, unknown};
use super::error::{Failure, Misfit, Misfits, Problem, WriteFailure};
use super::pane_stream;
use super::source::Opened;
use super::tokens::LIFETIME;
use super::{Shared, Tag, agent_id, fleet_id};
use crate::typist::Typist;

/// Why a pane is not shown.
#[derive(Debug, ApiResponse)]
pub(super) enum StreamFailure {
    /// A parameter is missing or wrong, or the request does not ask for a WebSocket.
    #[oai(status = 400)]
    BadRequest(Json<Problem>),
    /// The request is not addressed to this server or comes from another site, or its token is none, used or too old.
    #[oai(status = 403)]
    Forbidden(Json<Problem>),
    /// There is no such fleet, or the fleet has no such agent.
    #[oai(status = 404)]
    NotFound(Json<Problem>),
    /// The agent has no pane.
    #[oai(status = 409)]
    NoPane(Json<Problem>),
    /// The database answers what it must not; the detail names the place.
    #[oai(status = 500)]
    Failed(Json<Problem>),
    /// The database or the multiplexer cannot be used; the detail says what to do. Trying again may help.
    #[oai(status = 503)]
    Unavailable(Json<Problem>),
}

impl From<Failure> for StreamFailure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::BadRequest(detail) => Self::BadRequest(detail),
            Failure::Forbidden(detail) => Self::Forbidden(detail),
            Failure::NotFound(detail) => Self::NotFound(detail),
            Failure::Failed(detail) => Self::Failed(detail),
            Failure::Unavailable(detail) => Self::Unavailable(detail),
        }
    }
}

impl From<BrokerError> for StreamFailure {
    fn from(error: BrokerError) -> Self {
        match error {
            error if has_no_pane(&error) => Self::NoPane(no_pane()),
            BrokerError::Multiplexer(error) => Self::Unavailable(Json(Problem { detail: error.to_string() })),
            error => Failure::from(error).into(),
        }
    }
}

/// Why no permission was given.
#[derive(Debug, ApiResponse)]
pub(super) enum TokenFailure {
    /// A header or a parameter is missing or wrong.
    #[oai(status = 400)]
    BadRequest(Json<Problem>),
    /// The request is not addressed to this server, or comes from another site.
    #[oai(status = 403)]
    Forbidden(Json<Problem>),
    /// There is no such fleet, or the fleet has no such agent.
    #[oai(status = 404)]
    NotFound(Json<Problem>),
    /// The agent has no pane.
    #[oai(status = 409)]
    NoPane(Json<Problem>),
    /// The body is longer than 2 MiB.
    #[oai(status = 413)]
    TooLarge(Json<Problem>),
    /// The body is not declared as `application/json`.
    #[oai(status = 415)]
    NotJson(Json<Problem>),
    /// The body does not fit.
    #[oai(status = 422)]
    Misfit(Json<Misfits>),
    /// The database answers what it must not; the detail names the place.
    #[oai(status = 500)]
    Failed(Json<Problem>),
    /// The database cannot be used, or the system has no random numbers. Trying again may help.
    #[oai(status = 503)]
    Unavailable(Json<Problem>),
}

impl From<Failure> for TokenFailure {
    fn from(failure: Failure) -> Self {
        match WriteFailure::from(failure) {
            WriteFailure::BadRequest(detail) => Self::BadRequest(detail),
            WriteFailure::Forbidden(detail) => Self::Forbidden(detail),
            WriteFailure::NotFound(detail) => Self::NotFound(detail),
            WriteFailure::TooLarge(detail) => Self::TooLarge(detail),
            WriteFailure::NotJson(detail) => Self::NotJson(detail),
            WriteFailure::Misfit(detail) => Self::Misfit(detail),
            WriteFailure::Failed(detail) => Self::Failed(detail),
            WriteFailure::Unavailable(detail) => Self::Unavailable(detail),
        }
    }
}

impl From<BrokerError> for TokenFailure {
    fn from(error: BrokerError) -> Self {
        if has_no_pane(&error) { Self::NoPane(no_pane()) } else { Failure::from(error).into() }
    }
}

fn has_no_pane(error: &BrokerError) -> bool {
    matches!(error, BrokerError::NoPlacement(_) | BrokerError::PendingPlacement { .. } | BrokerError::PaneGone { .. })
}

fn no_pane() -> Json<Problem> {
    Json(Problem { detail: "the agent has no pane".to_owned() })
}

/// What is asked for with a token: nothing can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(deny_unknown_fields, example)]
pub(super) struct TokenRequest {}

impl Example for TokenRequest {
    fn example() -> Self {
        Self {}
    }
}

impl Expected for TokenRequest {
    fn misfits(fields: &Map<String, Value>) -> Vec<Misfit> {
        unknown(fields, &[])
    }
}

/// The permission to type into a pane.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "PaneToken", example)]
pub(super) struct TokenObject {
    /// Goes into the query of the stream; good for one connection to this pane.
    token: String,
    /// How long it is good for.
    expires_in_seconds: u64,
}

impl Example for TokenObject {
    fn example() -> Self {
        Self { token: "4f0c…".to_owned(), expires_in_seconds: LIFETIME.as_secs() }
    }
}

pub(super) struct PanesApi(pub(super) Arc<Shared>);

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
        let (fleet, opened) = (fleet_id(*fleet)?, self.0.source.opened().await?);
        opened.viewer.require_fleet(fleet).await?;
        let agent = agent_id(*id)?;
        let pane = pane(&opened, fleet, agent).await?;
        let mode = match &*token {
            None => WatchMode::ReadOnly,
            Some(token) if self.0.tokens.redeem(token, fleet, agent, self.0.clock.now()) => WatchMode::Typing,
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
        let (socket, ended) = (socket.config(pane_stream::config()), self.0.streams.subscribe());
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
        let (fleet, opened) = (fleet_id(*fleet)?, self.0.source.opened().await?);
        opened.viewer.require_fleet(fleet).await?;
        let agent = agent_id(*id)?;
        pane(&opened, fleet, agent).await?;
        let token = self.0.tokens.issue(fleet, agent, self.0.clock.now()).ok_or_else(|| {
            TokenFailure::Unavailable(Json(Problem { detail: "the system has no random numbers".to_owned() }))
        })?;
        Ok(Json(TokenObject { token, expires_in_seconds: LIFETIME.as_secs() }))
    }
}

async fn pane(opened: &Opened, fleet: FleetId, agent: AgentId) -> Result<Pane, BrokerError> {
    Ok(opened.broker.members.pane_of(fleet, agent).await?.1)
}
