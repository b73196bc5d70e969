//! `/openapi.json` and the explorer at `/docs`, which loads nothing from anywhere else.

use std::collections::HashSet;

use poem::web::Html;
use poem::{Endpoint, IntoEndpoint, IntoResponse, Response, Route, endpoint::make_sync};
use serde_json::{Value, json};

use super::Api;

/// The version of the API. It changes with the API, not with the program.
const API_VERSION: &str = "1.0.0";

/// Stands for the folder of the explorer's files in its page.
const BESIDE: &str = "\u{0}";

/// Starts the explorer on the document that is served.
const START: &str = "const root = location.pathname.replace(/docs\\/?$/, '');\n\
     SwaggerUIBundle({ dom_id: '#ui', url: root + 'openapi.json', deepLinking: true, validatorUrl: null });\n";

/// How the page of the explorer begins: without a type, a language and a width, and with the name of its maker's program.
const ITS_HEAD: &str =
    "<html charset=\"UTF-8\">\n<head>\n    <meta http-equiv=\"Content-Type\" content=\"text/html;charset=utf-8\">
    <title>Swagger UI</title>";

/// How it begins here. The explorer has no dark colours, so that it is light in every theme.
const OUR_HEAD: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n    <meta charset=\"utf-8\">
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
    <meta name=\"color-scheme\" content=\"light\">
    <title>The API of CAFleet</title>";

/// Puts names and version on the resources.
pub(super) fn named<T: poem_openapi::OpenApi>(api: T) -> poem_openapi::OpenApiService<T, ()> {
    poem_openapi::OpenApiService::new(api, "CAFleet", API_VERSION).description(
        "Watch a fleet of coding agents, and take part. Every time is RFC 3339 in UTC with microseconds. There is no login: the server answers only the user who \
         started it, on this machine and by its own name. A change must be `application/json`, at most 2 MiB long.",
    )
}

/// Makes the document of the API.
pub(super) fn document(service: &poem_openapi::OpenApiService<Api, ()>) -> Value {
    let mut document: Value = serde_json::from_str(&service.spec()).unwrap_or_default();
    // beside the document, whatever a proxy puts in front
    document["servers"] = json!([{ "url": "./" }]);
    let written = bodies(&document);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        for (name, schema) in schemas {
            if written.contains(&format!("#/components/schemas/{name}")) {
                // what a client's object does not name is refused
                schema["additionalProperties"] = false.into();
            } else if let Some(fields) = schema["properties"].as_object() {
                // every field is always there, null or not
                schema["required"] = fields.keys().cloned().collect::<Vec<_>>().into();
            }
        }
    }
    document
}

/// Returns what the bodies of requests refer to.
fn bodies(document: &Value) -> HashSet<String> {
    let methods = document["paths"].as_object().into_iter().flatten().filter_map(|(_, methods)| methods.as_object());
    let schemas = methods.flatten().map(|(_, method)| &method["requestBody"]["content"]["application/json"]["schema"]);
    schemas.filter_map(|schema| Some(schema["$ref"].as_str()?.to_owned())).collect()
}

/// Writes the document: JSON with a line feed at the end.
pub(super) fn text(document: &Value) -> String {
    format!("{document:#}\n")
}

/// Serves the document.
pub(super) fn document_endpoint(document: String) -> impl Endpoint {
    make_sync(move |_| Response::builder().content_type("application/json; charset=utf-8").body(document.clone()))
}

/// Serves the explorer. Its page comes with its scripts inside, which no browser may run here; they become files. The
/// last one would start it on another document than the one that is served.
pub(super) fn explorer(service: &poem_openapi::OpenApiService<Api, ()>) -> impl IntoEndpoint<Endpoint = Route> {
    let (page, mut scripts) = with_scripts_apart(&service.swagger_ui_html());
    let page = page.trim_start().replacen(ITS_HEAD, OUR_HEAD, 1);
    if let Some(start) = scripts.last_mut() {
        START.clone_into(start);
    }
    let page = make_sync(move |request| {
        // what is beside the page: a browser leaves the last part of a path out
        let beside = if request.original_uri().path().ends_with('/') { "./" } else { "docs/" };
        Html(page.replace(BESIDE, beside))
    });
    let mut route = Route::new().at("/", page);
    for (number, script) in scripts.into_iter().enumerate() {
        let file = make_sync(move |_| {
            Response::builder().content_type("text/javascript; charset=utf-8").body(script.clone()).into_response()
        });
        route = route.at(format!("/{}", script_name(number)), file);
    }
    route
}

fn script_name(number: usize) -> String {
    format!("explorer-{number}.js")
}

/// Takes the texts of the inline scripts out of a page and puts references to files in their places.
fn with_scripts_apart(page: &str) -> (String, Vec<String>) {
    let (mut rewritten, mut rest) = (String::new(), page);
    let mut scripts = Vec::new();
    // Inside a script nothing counts but its end, as for a browser.
    while let Some((before, element)) = rest.split_once("<script")
        && let Some((_, element)) = element.split_once('>')
        && let Some((script, after)) = element.split_once("</script>")
    {
        rewritten += &format!("{before}<script src=\"{BESIDE}{}\"></script>", script_name(scripts.len()));
        scripts.push(script.to_owned());
        rest = after;
    }
    (rewritten + rest, scripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_become_files_in_their_order() {
        let (page, scripts) =
            with_scripts_apart("<a><script charset=\"x\">1 > '<script>'</script><b><script>2</script></a>");
        let expected =
            "<a><script src=\"docs/explorer-0.js\"></script><b><script src=\"docs/explorer-1.js\"></script></a>";
        let page = page.replace(BESIDE, "docs/");
        assert_eq!((page.as_str(), scripts), (expected, vec!["1 > '<script>'".to_owned(), "2".to_owned()]));
    }
}
