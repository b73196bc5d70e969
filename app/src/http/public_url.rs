//! Where browsers find the server: behind a proxy it can have another name, port, scheme and path.

use std::str::FromStr;

use poem::http::Uri;
use poem::http::uri::PathAndQuery;

/// The address by which a proxy gives access to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    origin: String,
    name: String,
    /// Without a slash at its end; empty for the root.
    path: String,
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = "a public URL is http:// or https://, a name or an address, and perhaps a port and a path";
        let url: Uri = text.parse().map_err(|_| wanted.to_owned())?;
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else {
            return Err(wanted.to_owned());
        };
        let usual = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(wanted.to_owned()),
        };
        if url.query().is_some() || authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(wanted.to_owned());
        }
        let name = authority.host().to_ascii_lowercase();
        let port = authority.port_u16().filter(|port| *port != usual).map(|port| format!(":{port}"));
        let origin = format!("{scheme}://{name}{}", port.unwrap_or_default());
        Ok(Self { origin, name, path: url.path().trim_end_matches('/').to_owned() })
    }
}

impl PublicUrl {
    /// Returns the name in it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the path below which the page lies, without a slash at its end; empty for the root.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Returns `true` if it is the address of a page of this origin.
    pub(super) fn is_origin(&self, origin: &str) -> bool {
        self.origin.eq_ignore_ascii_case(origin)
    }

    /// Takes its path off the beginning of a request's: some proxies do so themselves, others do not.
    pub(super) fn shorten(&self, uri: &mut Uri) {
        let Some(rest) = uri.path().strip_prefix(self.path.as_str()).filter(|_| !self.path.is_empty()) else { return };
        if !rest.is_empty() && !rest.starts_with('/') {
            return;
        }
        let rest = if rest.is_empty() { "/" } else { rest };
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = format!("{rest}{query}").parse::<PathAndQuery>().ok();
        if let Ok(shorter) = Uri::from_parts(parts) {
            *uri = shorter;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> PublicUrl {
        text.parse().expect("a public URL")
    }

    #[test]
    fn an_origin_has_no_usual_port_and_no_path() {
        for (text, origin) in [
            ("https://Fleet.example", "https://fleet.example"),
            ("https://fleet.example:443/", "https://fleet.example"),
            ("https://fleet.example:8443/a/b/", "https://fleet.example:8443"),
            ("http://[::1]:80/x", "http://[::1]"),
        ] {
            assert!(url(text).is_origin(origin), "{text}");
        }
        for other in ["http://fleet.example", "https://fleet.example:8443", "https://fleet.example.evil", "null", ""] {
            assert!(!url("https://fleet.example").is_origin(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_public_url_is_refused() {
        let user = "https://ada@fleet.example";
        for text in
            ["fleet.example", "ftp://fleet.example", "https://", "/x", "", "https://x/?a=b", "https://a b", user]
        {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn its_path_is_taken_off_whole() {
        let public = url("https://fleet.example/team/fleet/");
        for (path, rest) in [
            ("/team/fleet/api/fleets?x=%2F", "/api/fleets?x=%2F"),
            ("/team/fleet/", "/"),
            ("/team/fleet", "/"),
            ("/team/fleets", "/team/fleets"),
            ("/api/team/fleet/", "/api/team/fleet/"),
            ("/", "/"),
        ] {
            let mut uri: Uri = path.parse().expect("a path");
            public.shorten(&mut uri);
            assert_eq!(uri.to_string(), rest);
        }
        let mut uri: Uri = "/api".parse().expect("a path");
        url("https://fleet.example").shorten(&mut uri);
        assert_eq!(uri.path(), "/api");
    }
}
