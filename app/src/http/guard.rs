//! Protection without a login: who may ask, what a change must look like, and what a browser may do with the answers.
//!
//! A page of another site can make a browser ask this server. It must not get through by a name of its own that
//! resolves to this machine (the `Host` names it), nor change anything by a form or a script (the `Origin` names it, and
//! neither can send `application/json` without asking first, which is never granted).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use poem::http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, HOST, ORIGIN, UPGRADE};
use poem::http::uri::Authority;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use poem::{Endpoint, Middleware, Request, Response, Result};

use super::error::refuse;
use super::methods::Methods;
use super::public_url::PublicUrl;
use super::{body, connections};

/// The page loads nothing but its own files, and nobody may frame it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// What every answer tells the browser.
const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The names by which the server may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    address: IpAddr,
    names: Vec<String>,
}

impl Names {
    /// The bound address, `localhost`, the names that were given, and that of the public URL.
    pub(super) fn new(address: SocketAddr, allowed: &[String], public: Option<&PublicUrl>) -> Self {
        let allowed = allowed.iter().map(|name| name.to_ascii_lowercase());
        let names = allowed.chain(public.map(|url| url.name().to_owned())).chain(["localhost".to_owned()]);
        Self { address: address.ip(), names: names.collect() }
    }

    /// Tells whether a `Host` is one of them, whatever its port.
    ///
    /// A server that listens on every address may be called by any: what is written as an address was not resolved by
    /// anybody, so nobody can have made it lead here.
    fn includes(&self, host: &Authority) -> bool {
        let name = host.host().to_ascii_lowercase();
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
        match bare.parse::<IpAddr>() {
            Ok(address) => address == self.address || self.address.is_unspecified() || self.names.contains(&name),
            Err(_) => self.names.contains(&name),
        }
    }
}

/// Refuses what must not get through, and puts the headers on every answer.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    /// By which names the server is called.
    pub(super) names: Names,
    /// Where a proxy gives access to it.
    pub(super) public: Option<PublicUrl>,
    /// What can be done where.
    pub(super) methods: Methods,
}

impl<E: Endpoint> Middleware<E> for Guard {
    type Output = Guarded<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Guarded { inner, guard: Arc::new(self.clone()) }
    }
}

/// An endpoint behind a [`Guard`].
#[derive(Debug)]
pub(super) struct Guarded<E> {
    inner: E,
    guard: Arc<Guard>,
}

impl<E: Endpoint> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if let Some(public) = &self.guard.public {
            public.shorten(request.uri_mut());
        }
        let is_api = request.uri().path().starts_with("/api");
        let mut response = match self.guard.check(&request) {
            Ok(()) => self.inner.get_response(request).await,
            Err(refusal) => refusal.answer(),
        };
        for (name, value) in HEADERS {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if is_api && !response.headers().contains_key(CACHE_CONTROL) {
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        Ok(response)
    }
}

/// Why a request goes no further.
enum Refusal {
    /// Its head is wrong.
    Head(StatusCode, String),
    /// The path has other methods: these.
    Method(String),
}

impl Refusal {
    fn answer(self) -> Response {
        match self {
            Self::Head(status, reason) => refuse(status, &reason),
            Self::Method(permitted) => {
                let mut response = refuse(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
                // What is listed are names from the document.
                response.headers_mut().extend(HeaderValue::try_from(permitted).ok().map(|names| (ALLOW, names)));
                response
            }
        }
    }
}

impl Guard {
    /// Returns `true` if a page of this origin is the server's own, as it is called in this request or from outside.
    fn is_ours(&self, origin: Option<&str>, host: &Authority) -> bool {
        let is_public = |origin: &str| self.public.as_ref().is_some_and(|public| public.is_origin(origin));
        is_same_origin(origin, host) || origin.is_some_and(is_public)
    }

    fn check(&self, request: &Request) -> std::result::Result<(), Refusal> {
        if let Some(reason) = connections::refusal(request) {
            return Err(Refusal::Head(StatusCode::FORBIDDEN, reason.to_owned()));
        }
        let headers = request.headers();
        let bad = |reason: &str| Refusal::Head(StatusCode::BAD_REQUEST, reason.to_owned());
        for name in [HOST, ORIGIN, HeaderName::from_static("x-fleet-id"), HeaderName::from_static("last-event-id")] {
            if headers.get_all(&name).iter().count() > 1 {
                return Err(bad(&format!("the header {name} was given more than once")));
            }
        }
        let host = text(headers, &HOST).ok_or_else(|| bad("the header host is missing or not readable"))?;
        let host: Authority = host.parse().map_err(|_| bad("the header host is not a name or an address"))?;
        if !self.names.includes(&host) {
            let reason = format!(
                "this server does not answer to the name '{}'; start it with --allow-host to permit that",
                host.host()
            );
            return Err(Refusal::Head(StatusCode::FORBIDDEN, reason));
        }
        if let Some(permitted) = self.methods.instead_of(request.method(), request.uri().path()) {
            return Err(Refusal::Method(permitted));
        }
        // what a browser reads over a WebSocket it shows to any page
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        if is_read && !headers.contains_key(UPGRADE) {
            return Ok(());
        }
        if headers.contains_key(ORIGIN) && !self.is_ours(text(headers, &ORIGIN), &host) {
            let reason = "a page of another site may not change or watch anything here".to_owned();
            return Err(Refusal::Head(StatusCode::FORBIDDEN, reason));
        }
        if is_read {
            return Ok(());
        }
        let length = text(headers, &CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length > body::LIMIT) {
            let reason = "the body is longer than 2 MiB".to_owned();
            return Err(Refusal::Head(StatusCode::PAYLOAD_TOO_LARGE, reason));
        }
        if !body::is_json(request) {
            let reason = "the body must be declared as application/json".to_owned();
            return Err(Refusal::Head(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason));
        }
        Ok(())
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// An origin is a scheme, a name and a port; one that is hidden (`null`) is not ours.
fn is_same_origin(origin: Option<&str>, host: &Authority) -> bool {
    let authority = origin.and_then(|origin| origin.strip_prefix("http://").or(origin.strip_prefix("https://")));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(address: &str, allowed: &[&str]) -> Names {
        let allowed: Vec<String> = allowed.iter().map(|&name| name.to_owned()).collect();
        Names::new(address.parse().expect("an address"), &allowed, None)
    }

    fn host(text: &str) -> Authority {
        text.parse().expect("an authority")
    }

    #[test]
    fn only_its_own_names_are_answered_to() {
        let local = names("127.0.0.1:8000", &["Fleet.example"]);
        for good in ["127.0.0.1:8000", "127.0.0.1", "localhost:8000", "LOCALHOST", "fleet.example", "fleet.example:1"] {
            assert!(local.includes(&host(good)), "{good}");
        }
        for bad in ["evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", "[::1]:8000"] {
            assert!(!local.includes(&host(bad)), "{bad}");
        }
        assert!(names("[::1]:8000", &[]).includes(&host("[::1]:8000")));
        let every = names("0.0.0.0:8000", &[]);
        assert!(every.includes(&host("192.168.0.7:8000")) && !every.includes(&host("evil.example")));
    }

    #[test]
    fn an_origin_is_the_same_to_the_letter() {
        let host = host("localhost:8000");
        assert!(is_same_origin(Some("http://localhost:8000"), &host));
        for bad in ["http://localhost", "http://localhost:8001", "http://evil.example", "null", "localhost:8000", ""] {
            assert!(!is_same_origin(Some(bad), &host), "{bad}");
        }
        assert!(!is_same_origin(None, &host));
    }
}
