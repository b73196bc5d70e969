//! `/api/panes`: what agents show, as they show it, and a way to type into it.

use std::sync::{Arc, Mutex, PoisonError};

use cafleet_domain::broker::BrokerError;
use cafleet_domain::placement::{MultiplexerKind, Pane};
use cafleet_domain::ports::{Clock, MultiplexerError, WatchMode};
use poem::web::websocket::{BoxWebSocketUpgraded, WebSocket};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::types::Example;
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::error::{Failure, Problem, problem};
use super::source::Opened;
use super::{Shared, Tag, agent_id, fleet_id, pane_stream, tokens};

/// A permit to type into the pane of an agent.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "PaneToken", example)]
pub(super) struct TokenObject {
    /// What to give as `token` when the stream is opened: once, and only for this pane.
    token: String,
    /// How long it is good.
    expires_in_seconds: u64,
}

impl Example for TokenObject {
    fn example() -> Self {
        let token = "6f1c0a2b9d8e7f60516273849aabbccddeeff00112233445".to_owned();
        Self { token, expires_in_seconds: tokens::LIFETIME.as_secs() }
    }
}

/// Why a pane is not shown.
#[derive(Debug, ApiResponse)]
pub(super) enum StreamFailure {
    /// A header or a parameter is missing or wrong, or the request is not one for a WebSocket.
    #[oai(status = 400)]
    BadRequest(Json<Problem>),
    /// The request is not addressed to this server, comes from another site, or has a token that permits nothing.
    #[oai(status = 403)]
    Forbidden(Json<Problem>),
    /// There is no such fleet, or the fleet has no such agent.
    #[oai(status = 404)]
    NotFound(Json<Problem>),
    /// The agent has no embedded terminal, or none any more.
    #[oai(status = 409)]
    NoPane(Json<Problem>),
    /// The database answers what it must not; the detail names the place.
    #[oai(status = 500)]
    Failed(Json<Problem>),
    /// The multiplexer does not answer, or the database is locked, gone, or of another version; the detail says what to
    /// do. Trying again may help.
    #[oai(status = 503)]
    Unavailable(Json<Problem>),
}

/// Why there is no token.
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
    /// The agent has no embedded terminal.
    #[oai(status = 409)]
    NoPane(Json<Problem>),
    /// The body is longer than 2 MiB.
    #[oai(status = 413)]
    #[expect(dead_code, reason = "the guard answers so before a resource is reached; it stands here for the document")]
    TooLarge(Json<Problem>),
    /// The body is not declared as `application/json`.
    #[oai(status = 415)]
    #[expect(dead_code, reason = "the guard answers so before a resource is reached; it stands here for the document")]
    NotJson(Json<Problem>),
    /// The database answers what it must not, or the system has no random numbers.
    #[oai(status = 500)]
    Failed(Json<Problem>),
    /// The database is locked, gone, or of another version; the detail says what to do. Trying again may help.
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
            BrokerError::NoPlacement(_) | BrokerError::PendingPlacement { .. } => {
                Self::NoPane(problem("the agent has no pane"))
            }
            BrokerError::Multiplexer(error @ MultiplexerError::Gone(_)) => Self::NoPane(problem(error.to_string())),
            BrokerError::Multiplexer(error) => Self::Unavailable(problem(error.to_string())),
            error => Failure::from(error).into(),
        }
    }
}

impl From<StreamFailure> for TokenFailure {
    fn from(failure: StreamFailure) -> Self {
        match failure {
            StreamFailure::BadRequest(detail) => Self::BadRequest(detail),
            StreamFailure::Forbidden(detail) => Self::Forbidden(detail),
            StreamFailure::NotFound(detail) => Self::NotFound(detail),
            StreamFailure::NoPane(detail) => Self::NoPane(detail),
            StreamFailure::Failed(detail) => Self::Failed(detail),
            StreamFailure::Unavailable(detail) => Self::Unavailable(detail),
        }
    }
}

pub(super) struct PanesApi(pub(super) Arc<Shared>);

impl PanesApi {
    async fn pane(&self, fleet: i64, agent: i64) -> Result<(Arc<Opened>, Pane), StreamFailure> {
        let (fleet, opened) = (fleet_id(fleet)?, self.0.source.opened().await?);
        opened.viewer.require_fleet(fleet).await?;
        let (_, pane) = opened.broker.pane_of(fleet, agent_id(agent)?).await?;
        if pane.multiplexer == MultiplexerKind::Tmux {
            return Err(StreamFailure::NoPane(problem("the agent lives in tmux; only embedded terminals can be watched")));
        }
        Ok((opened, pane))
    }

    fn redeem(&self, token: &str, fleet: i64, agent: i64) -> Result<(), StreamFailure> {
        let now = self.0.clock.now();
        if self.0.tokens.redeem(token, fleet_id(fleet)?, agent_id(agent)?, now) {
            Ok(())
        } else {
            let reason = "the token is used, expired, or of another pane; ask for a new one";
            Err(StreamFailure::Forbidden(problem(reason)))
        }
    }
}

#[OpenApi]
impl PanesApi {
    /// Watch the pane of an agent, and type into it with a token.
    ///
    /// A WebSocket. A text message is an object with a `type`: `snapshot` (`columns`, `rows`) is followed by one binary
    /// message that draws the pane on a terminal of that size, whatever stood there; `title` (`title`); `ended`
    /// (`reason`) and `error` (`message`) come last. Every other binary message is what the program has drawn since. A
    /// snapshot comes first, after each change of size, and in place of what a slow reader missed. With a token, binary
    /// messages of up to 64 KiB are typed; without, any is refused. The pane keeps its size.
    #[oai(path = "/api/panes/:id/stream", method = "get", tag = "Tag::Panes", operation_id = "watch_pane")]
    async fn watch(
        &self,
        /// The agent.
        id: Path<i64>,
        /// The fleet. It is in the query because browsers cannot send headers here.
        fleet_id: Query<i64>,
        /// The permit to type; without, the pane is only shown.
        token: Query<Option<String>>,
        socket: poem::Result<WebSocket>,
    ) -> Result<BoxWebSocketUpgraded, StreamFailure> {
        let (opened, pane) = self.pane(*fleet_id, *id).await?;
        let socket = socket.map_err(|_| {
            StreamFailure::BadRequest(problem("a pane is shown on a WebSocket; ask for the upgrade to one"))
        })?;
        let mode = match token.0 {
            None => WatchMode::ReadOnly,
            Some(token) => self.redeem(&token, *fleet_id, *id).map(|()| WatchMode::Typing)?,
        };
        let ended = self.0.streams.subscribe();
        let watched = opened.panes.watch(&pane, mode).await.map_err(BrokerError::from)?;
        // what is called later must be one that several threads could share, which a watched pane is not
        let watched = Mutex::new(watched);
        let run = move |stream| {
            let watched = watched.into_inner().unwrap_or_else(PoisonError::into_inner);
            pane_stream::run(stream, watched, mode == WatchMode::Typing, ended)
        };
        Ok(socket.config(pane_stream::config()).on_upgrade(run).boxed())
    }

    /// Ask for a token, with which the pane of an agent can be typed into.
    #[oai(path = "/api/panes/:id/token", method = "post", tag = "Tag::Panes", operation_id = "create_pane_token")]
    async fn token(
        &self,
        /// The fleet.
        #[oai(name = "X-Fleet-Id")]
        fleet: Header<i64>,
        /// The agent.
        id: Path<i64>,
    ) -> Result<Json<TokenObject>, TokenFailure> {
        let _there = self.pane(*fleet, *id).await?;
        let (fleet, agent) =
            (fleet_id(*fleet).map_err(StreamFailure::from)?, agent_id(*id).map_err(StreamFailure::from)?);
        let token = self.0.tokens.issue(fleet, agent, self.0.clock.now());
        let token = token.map_err(|error| TokenFailure::Failed(problem(format!("there is no token: {error}"))))?;
        Ok(Json(TokenObject { token, expires_in_seconds: tokens::LIFETIME.as_secs() }))
    }
}
