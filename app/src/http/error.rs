//! How the API says no: one shape for each status, always JSON.

use cafleet_domain::broker::BrokerError;
use cafleet_domain::ports::StorageError;
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError};
use poem_openapi::payload::Json;
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Object};

use crate::error::words;

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(example)]
pub(super) struct Problem {
    /// The reason, in words.
    pub(super) detail: String,
}

impl poem_openapi::types::Example for Problem {
    fn example() -> Self {
        Self { detail: words::NO_FLEET.to_owned() }
    }
}

/// What does not fit at one place of a body.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(example)]
pub(super) struct Misfit {
    /// The place: `body`, and below it the name of a field.
    pub(super) loc: Vec<String>,
    /// What is wrong, in words.
    pub(super) msg: String,
    /// What is wrong, for programs: `missing`, `unknown_field`, `wrong_type`, `out_of_range`, `too_long` or
    /// `json_invalid`.
    #[oai(rename = "type")]
    pub(super) kind: String,
}

impl poem_openapi::types::Example for Misfit {
    fn example() -> Self {
        Self::field("text", "is required", "missing")
    }
}

impl Misfit {
    /// Something is wrong with a field.
    pub(super) fn field(name: &str, msg: impl Into<String>, kind: &str) -> Self {
        Self { loc: vec!["body".to_owned(), name.to_owned()], msg: msg.into(), kind: kind.to_owned() }
    }

    /// Something is wrong with the body as a whole.
    pub(super) fn body(msg: impl Into<String>, kind: &str) -> Self {
        Self { loc: vec!["body".to_owned()], msg: msg.into(), kind: kind.to_owned() }
    }
}

/// Why a body was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub(super) struct Misfits {
    /// Everything that does not fit.
    pub(super) detail: Vec<Misfit>,
}

/// Why nothing was read.
#[derive(Debug, ApiResponse)]
pub(super) enum Failure {
    /// A header or a parameter is missing or wrong, or the sender is not of the fleet.
    #[oai(status = 400)]
    BadRequest(Json<Problem>),
    /// The request is not addressed to this server, or comes from another site.
    #[oai(status = 403)]
    #[expect(dead_code, reason = "the guard answers so before a resource is reached; it stands here for the document")]
    Forbidden(Json<Problem>),
    /// There is no such fleet, or the fleet has no such agent.
    #[oai(status = 404)]
    NotFound(Json<Problem>),
    /// The database answers what it must not; the detail names the place.
    #[oai(status = 500)]
    Failed(Json<Problem>),
    /// The database is locked, gone, or of another version; the detail says what to do. Trying again may help.
    #[oai(status = 503)]
    Unavailable(Json<Problem>),
}

/// Why nothing was written.
#[derive(Debug, ApiResponse)]
pub(super) enum WriteFailure {
    /// A header or a parameter is missing or wrong, or the sender is not of the fleet.
    #[oai(status = 400)]
    BadRequest(Json<Problem>),
    /// The request is not addressed to this server, or comes from another site.
    #[oai(status = 403)]
    Forbidden(Json<Problem>),
    /// There is no such fleet, or the fleet has no such agent.
    #[oai(status = 404)]
    NotFound(Json<Problem>),
    /// The body is longer than 2 MiB.
    #[oai(status = 413)]
    #[expect(dead_code, reason = "the guard answers so before a resource is reached; it stands here for the document")]
    TooLarge(Json<Problem>),
    /// The body is not declared as `application/json`.
    #[oai(status = 415)]
    #[expect(dead_code, reason = "the guard answers so before a resource is reached; it stands here for the document")]
    NotJson(Json<Problem>),
    /// The body does not fit.
    #[oai(status = 422)]
    Misfit(Json<Misfits>),
    /// The database answers what it must not; the detail names the place.
    #[oai(status = 500)]
    Failed(Json<Problem>),
    /// The database is locked, gone, or of another version; the detail says what to do. Trying again may help.
    #[oai(status = 503)]
    Unavailable(Json<Problem>),
}

pub(super) fn problem(detail: impl Into<String>) -> Json<Problem> {
    Json(Problem { detail: detail.into() })
}

impl From<BrokerError> for Failure {
    fn from(error: BrokerError) -> Self {
        let detail = problem(words::on_page(&error));
        match error {
            BrokerError::FleetNotFound(_)
            | BrokerError::FleetDeleted(_)
            | BrokerError::MonitorFleetNotFound(_)
            | BrokerError::AgentNotFound(_)
            | BrokerError::RecipientNotActive(_)
            | BrokerError::TaskNotFound(_)
            | BrokerError::NotEnrolled { .. } => Self::NotFound(detail),
            BrokerError::AcknowledgeRefused(_) | BrokerError::NotInFleet { .. } | BrokerError::SenderLeft(_) => {
                Self::BadRequest(detail)
            }
            BrokerError::Storage(StorageError::Corrupt { .. } | StorageError::Failed(_)) => Self::Failed(detail),
            BrokerError::Storage(_) => Self::Unavailable(detail),
            _ => Self::Failed(detail),
        }
    }
}

impl From<Failure> for WriteFailure {
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

impl From<BrokerError> for WriteFailure {
    fn from(error: BrokerError) -> Self {
        match error {
            BrokerError::TextTooLong { .. } => {
                Self::Misfit(Json(Misfits { detail: vec![Misfit::field("text", words::on_page(&error), "too_long")] }))
            }
            BrokerError::TextEmpty { .. } => {
                Self::Misfit(Json(Misfits { detail: vec![Misfit::field("text", words::on_page(&error), "empty")] }))
            }
            error => Failure::from(error).into(),
        }
    }
}

/// Makes an answer of a status and its reason.
pub(super) fn refuse(status: StatusCode, detail: &str) -> Response {
    let body = Problem { detail: detail.to_owned() }.to_json_string();
    Response::builder().status(status).content_type("application/json; charset=utf-8").body(body)
}

/// Gives what was refused before it came to a resource the shape of the API.
pub(super) async fn as_json(error: poem::Error) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    let status = match error.downcast_ref::<ContentTypeError>() {
        Some(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        None => error.status(),
    };
    let detail = if let Some(ParseParamError { name, reason }) = error.downcast_ref() {
        format!("{name}: {}", told(reason))
    } else if let Some(ParsePathError { reason, .. }) = error.downcast_ref() {
        // The error counts the parameters of a path; there is never another one.
        format!("id: {}", told(reason))
    } else {
        match status {
            StatusCode::NOT_FOUND => "Not found".to_owned(),
            StatusCode::METHOD_NOT_ALLOWED => "Method not allowed".to_owned(),
            StatusCode::PAYLOAD_TOO_LARGE => "the body is longer than 2 MiB".to_owned(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "the body must be declared as application/json".to_owned(),
            _ => error.to_string(),
        }
    };
    refuse(status, &detail).into_response()
}

/// Says in words that a header or parameter is not there or not a number; nothing else can be wrong with one.
fn told(reason: &str) -> &'static str {
    if reason.contains("expects an input value") { "is required" } else { "must be an integer of 64 bits" }
}

impl Failure {
    /// A header, a parameter or the sender is wrong.
    pub(super) fn bad_request(detail: &str) -> Self {
        Self::BadRequest(problem(detail))
    }

    /// There is none.
    pub(super) fn not_found(detail: &str) -> Self {
        Self::NotFound(problem(detail))
    }
}
