//! Bodies of requests: read up to a limit, and held against what is expected place by place.

use poem::http::header::CONTENT_TYPE;
use poem::{Request, RequestBody, Result};
use poem_openapi::payload::{Json, ParsePayload, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use super::error::{Misfit, Misfits, WriteFailure};

/// The longest body.
pub(super) const LIMIT: usize = 2 * 1024 * 1024;

/// What a body must be like.
pub(super) trait Expected: ParseFromJSON {
    /// Returns everything in `fields` that does not fit. When there is nothing, it can be parsed.
    fn misfits(fields: &Map<String, Value>) -> Vec<Misfit>;
}

/// A body in JSON that fits.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: Type> Payload for Body<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn schema_ref() -> MetaSchemaRef {
        Json::<T>::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Json::<T>::register(registry);
    }
}

impl<T: Expected> ParsePayload for Body<T> {
    const IS_REQUIRED: bool = true;

    async fn from_request(_request: &Request, body: &mut RequestBody) -> Result<Self> {
        let bytes = body.take()?.into_bytes_limit(LIMIT).await?;
        parse(&bytes).map(Self).map_err(|detail| WriteFailure::Misfit(Json(Misfits { detail })).into())
    }
}

fn parse<T: Expected>(bytes: &[u8]) -> std::result::Result<T, Vec<Misfit>> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| vec![Misfit::body(format!("is not JSON: {error}"), "json_invalid")])?;
    let Value::Object(fields) = &value else {
        return Err(vec![Misfit::body("must be an object", "wrong_type")]);
    };
    let misfits = T::misfits(fields);
    if !misfits.is_empty() {
        return Err(misfits);
    }
    T::parse_from_json(Some(value)).map_err(|error| vec![Misfit::body(error.into_message(), "wrong_type")])
}

/// Returns a misfit for each field that is not one of these.
pub(super) fn unknown(fields: &Map<String, Value>, known: &[&str]) -> Vec<Misfit> {
    let strange = fields.keys().filter(|name| !known.contains(&name.as_str()));
    strange.map(|name| Misfit::field(name, "is not a known field", "unknown_field")).collect()
}

impl<'a, T: Expected> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Self as Payload>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: Self::CONTENT_TYPE, schema: Self::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        <Self as ParsePayload>::from_request(request, body).await
    }
}

/// Tells whether the body of a request is declared as JSON.
pub(super) fn is_json(request: &Request) -> bool {
    let declared = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = declared.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}
