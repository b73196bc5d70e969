//! Where the database is.

use std::path::PathBuf;

use cafleet_domain::ports::StorageError;

/// Reads the place of a database: `sqlite:///absolute/path`, `sqlite://relative/path`, `sqlite:path` or a plain path.
/// A relative path starts at the current directory.
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
    // Absolute, so that SQLite takes no name for a `file:` URI, and that a later change of directory does no harm.
    let path = std::path::absolute(path)
        .map_err(|error| refused(format!("the path of the database is not valid: {error}")))?;
    match path.to_str() {
        Some(_) => Ok(path),
        None => Err(refused(format!("the path of the database is not valid UTF-8: {}", path.display()))),
    }
}

fn refused(reason: String) -> StorageError {
    StorageError::Unavailable(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_names_the_same_file() {
        let here = std::env::current_dir().expect("a current directory");
        for (place, path) in [
            ("sqlite:///var/lib/a b.db", PathBuf::from("/var/lib/a b.db")),
            ("/var/lib/a?b.db", PathBuf::from("/var/lib/a?b.db")),
            ("sqlite:/var/x.db", PathBuf::from("/var/x.db")),
            ("sqlite://x/y.db", here.join("x/y.db")),
            ("sqlite:y.db", here.join("y.db")),
            ("file:y.db", here.join("file:y.db")),
            ("y.db", here.join("y.db")),
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
            ("postgres://user:secret@host/db", "'postgres' are not supported"),
        ] {
            let text = parse(place).expect_err(place).to_string();
            assert!(text.contains(reason) && !text.contains("secret"), "{place}: {text}");
        }
    }
}
