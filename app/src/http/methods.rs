//! Which methods there are at a path: as the document of the API says, and reading alone everywhere else.

use poem::http::Method;
use serde_json::Value;

/// What there is at a path that the API does not own.
const READING: &str = "GET, HEAD";

/// The paths of the API with their methods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Methods(Vec<(String, Vec<String>)>);

impl Methods {
    /// Reads them from the document.
    pub(super) fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let with_methods = paths.map(|(path, operations)| {
            let names = operations.as_object().into_iter().flat_map(|operations| operations.keys());
            let mut names: Vec<String> = names.map(|name| name.to_uppercase()).collect();
            if names.iter().any(|name| name == "GET") {
                names.push("HEAD".to_owned());
            }
            (path.clone(), names)
        });
        Self(with_methods.collect())
    }

    /// Returns what is permitted in place of `method`, as the header `Allow` lists it; none when `method` is, or when the
    /// API has nothing at the path.
    pub(super) fn instead_of(&self, method: &Method, path: &str) -> Option<String> {
        if path != "/api" && !path.starts_with("/api/") {
            return (!matches!(*method, Method::GET | Method::HEAD)).then(|| READING.to_owned());
        }
        let (_, names) = self.0.iter().find(|(template, _)| fits(template, path))?;
        (!names.iter().any(|name| name == method.as_str())).then(|| names.join(", "))
    }
}

/// Tells whether a path is of the form of a template, in which `{…}` stands for one part.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(expected), Some(part)) if expected == part || expected.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_is_not_there_is_answered_with_those_that_are() {
        let methods = Methods::of(&serde_json::json!({
            "paths": { "/api/fleets": { "get": {} }, "/api/agents/{id}/monitor": { "get": {}, "patch": {} } }
        }));
        let instead = |method: Method, path: &str| methods.instead_of(&method, path);
        assert_eq!(instead(Method::GET, "/api/fleets"), None);
        assert_eq!(instead(Method::HEAD, "/api/fleets"), None);
        assert_eq!(instead(Method::TRACE, "/api/fleets").as_deref(), Some("GET, HEAD"));
        assert_eq!(instead(Method::PATCH, "/api/agents/7/monitor"), None);
        assert_eq!(instead(Method::PUT, "/api/agents/7/monitor").as_deref(), Some("GET, PATCH, HEAD"));
        assert_eq!(instead(Method::PUT, "/api/agents/7/monitor/8"), None, "there is nothing");
        assert_eq!(instead(Method::PUT, "/api/agents"), None, "there is nothing");
        assert_eq!(instead(Method::GET, "/"), None);
        assert_eq!(instead(Method::POST, "/apis").as_deref(), Some("GET, HEAD"));
    }
}
