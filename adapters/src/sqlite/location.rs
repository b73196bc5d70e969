//! Where the database is.

use std::path::{Path, PathBuf};

use cafleet_domain::ports::StorageError;

/// Reads the place of a database: `sqlite:///absolute/path`, `sqlite:/absolute/path` or a plain absolute path. A relative one would be
/// another database in each directory, and agents run in several.
pub(super) fn parse(place: &str) -> Result<PathBuf, StorageError> {
    let path = match place.split_once("://") {
        Some(("sqlite", path)) => path,
        Some((scheme, _)) => {
            return Err(refused(format!("databases of type '{scheme}' are not supported; use sqlite://<path>")));
        }
        None => place.strip_prefix("sqlite:").unwrap_or(place),
    };
    if path.is_empty() {
        return Err(refused("the database has no path; use sqlite://<path>".to_owned()));
    }
    if path.contains(":memory:") {
        return Err(refused(
            "a database in memory would be lost at the end of the command; use sqlite://<path>".into(),
        ));
    }
    if path.len() < place.len() && path.contains('?') {
        return Err(refused("options after '?' are not supported; use sqlite://<path>".to_owned()));
    }
    let absolute = std::path::absolute(path)
        .map_err(|error| refused(format!("the path of the database is not valid: {error}")))?;
    if Path::new(path).is_relative() {
        let here = absolute.display();
        return Err(refused(format!("the path of the database must be absolute (got '{path}', which is {here} here)")));
    }
    Ok(absolute)
}

fn refused(reason: String) -> StorageError {
    StorageError::Unavailable(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_names_the_same_file() {
        for (place, path) in [
            ("sqlite:///var/lib/a b.db", PathBuf::from("/var/lib/a b.db")),
            ("/var/lib/a?b.db", PathBuf::from("/var/lib/a?b.db")),
            ("sqlite:/var/x.db", PathBuf::from("/var/x.db")),
        ] {
            assert_eq!(parse(place), Ok(path), "{place}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_open_and_shows_no_password() {
        for (place, reason) in [
            ("sqlite::memory:", "in memory"),
            ("sqlite://:memory:", "in memory"),
            ("sqlite://", "no path"),
            ("", "no path"),
            ("sqlite:///x.db?mode=ro", "options"),
            ("sqlite://x/y.db", "must be absolute (got 'x/y.db', which is /"),
            ("sqlite:y.db", "must be absolute"),
            ("file:y.db", "must be absolute"),
            ("../y.db", "must be absolute"),
            ("postgres://user:secret@host/db", "'postgres' are not supported"),
        ] {
            let text = parse(place).expect_err(place).to_string();
            assert!(text.contains(reason) && !text.contains("secret"), "{place}: {text}");
        }
    }
}
