//! The permission to type into a pane, as objects of the API.

use poem_openapi::Object;
use poem_openapi::types::Example;
use serde_json::{Map, Value};

use super::body::{Expected, unknown};
use super::error::Misfit;
use super::tokens::LIFETIME;

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
    pub(super) token: String,
    /// How long it is good for.
    pub(super) expires_in_seconds: u64,
}

impl Example for TokenObject {
    fn example() -> Self {
        Self { token: "4f0c…".to_owned(), expires_in_seconds: LIFETIME.as_secs() }
    }
}
