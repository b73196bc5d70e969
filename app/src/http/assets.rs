//! The page: its built files are part of the program.

use poem::http::{HeaderMap, StatusCode, header};
use poem::{Body, IntoResponse, Request, Response};
use rust_embed::{Embed, EmbeddedFile};

use super::error::refuse;

/// What `app/webui` builds. There is nothing in a program that was built without it.
#[derive(Embed)]
#[folder = "webui/dist"]
#[allow_missing = true]
struct Built;

/// Names under which the build puts files whose names change with their contents.
const HASHED: &str = "assets/";

/// What is shown in place of a page that was not built.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\">\n<title>CAFleet</title>\n<h1>CAFleet</h1>\n\
     <p>This program was built without its page. The API works: see <a href=\"docs\">its explorer</a>.</p>\n\
     <p>To build the page, run <code>npm ci &amp;&amp; npm run build</code> in <code>app/webui</code>, then build again.</p>\n\
     </html>\n";

/// Answers with a file of the page, and with the page itself for every other path: it finds its own way. The page lies below
/// `folder`, a path without a slash at its end.
pub(super) async fn serve(request: &Request, folder: &str) -> Response {
    // Only names that the build made are found, whatever the path says.
    let path = request.uri().path().trim_start_matches('/');
    match Built::get(path) {
        Some(file) if !path.is_empty() && path != "index.html" => match compressed(path, request.headers()) {
            Some(smaller) => answer(path, smaller).with_header(header::CONTENT_ENCODING, "gzip").into_response(),
            None => answer(path, file),
        },
        _ if path.starts_with(HASHED) => refuse(StatusCode::NOT_FOUND, "Not found"),
        _ => Built::get("index.html").map_or_else(not_built, |file| answer("index.html", below(folder, file))),
    }
}

/// Returns the page with the addresses of its files, which it names beside itself: it is served for paths of any depth.
fn below(folder: &str, page: EmbeddedFile) -> EmbeddedFile {
    let text = String::from_utf8_lossy(&page.data).replace("=\"./", &format!("=\"{folder}/"));
    EmbeddedFile { data: text.into_bytes().into(), ..page }
}

/// Returns the file as the build compressed it, when it did and the browser reads that.
fn compressed(path: &str, headers: &HeaderMap) -> Option<EmbeddedFile> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    reads_gzip(accepted).then(|| Built::get(&format!("{path}.gz"))).flatten()
}

/// Reads an `Accept-Encoding`; a quality of 0 means never.
fn reads_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = quality.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("gzip") && quality.is_ok_and(|quality| quality > 0.0)
    })
}

fn answer(path: &str, file: EmbeddedFile) -> Response {
    // A name that changes with the contents may be kept for ever; any other is asked for again.
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    Response::builder()
        .content_type(media_type(path))
        .header(header::CACHE_CONTROL, cache)
        .header(header::VARY, "accept-encoding")
        .body(Body::from_vec(file.data.into_owned()))
}

fn not_built() -> Response {
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-cache")
        .body(NOT_BUILT)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "webmanifest") => "application/json; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_goes_to_those_who_read_it() {
        for accepted in ["gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.8"] {
            assert!(reads_gzip(accepted), "{accepted}");
        }
        for accepted in ["", "br", "gzip;q=0", "gzip;q=0.0, br", "x-gzip", "gzip;q=much"] {
            assert!(!reads_gzip(accepted), "{accepted}");
        }
    }
}
