//! How the resources of panes say no.

use cafleet_domain::broker::BrokerError;
use poem_openapi::ApiResponse;
use poem_openapi::payload::Json;

use super::error::{Failure, Misfits, Problem, WriteFailure, problem};
use crate::error::words;

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
            error if has_no_pane(&error) => Self::NoPane(detail(&error)),
            error @ BrokerError::Multiplexer(_) => Self::Unavailable(detail(&error)),
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
        if has_no_pane(&error) { Self::NoPane(detail(&error)) } else { Failure::from(error).into() }
    }
}

fn has_no_pane(error: &BrokerError) -> bool {
    matches!(error, BrokerError::NoPlacement(_) | BrokerError::PendingPlacement { .. } | BrokerError::PaneGone { .. })
}

fn detail(error: &BrokerError) -> Json<Problem> {
    problem(words::on_page(error))
}
