//! How a file that is there stands to the one that should be: a pure function.

use std::path::PathBuf;

use super::manifest::Manifest;

/// What was found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A file.
    File(Vec<u8>),
    /// Something that is reached through a link: where the link leads, and what is there.
    Linked(PathBuf, Option<Vec<u8>>),
}

/// How a file or an item stands, from what needs nothing to what needs a person's eyes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It is the one of this version.
    Current,
    /// There is none.
    Missing,
    /// It is the one that another version wrote.
    OtherVersion(String),
    /// A person changed it, or wrote it.
    Changed,
    /// It is a link to something else.
    Linked(PathBuf),
}

/// Tells how a file stands. Whatever setup wrote it knows again by the manifest; all else is a person's.
pub(super) fn classify(found: &Found, wanted: &[u8], manifest: &Manifest) -> State {
    match found {
        Found::Nothing => State::Missing,
        Found::File(content) | Found::Linked(_, Some(content)) if content == wanted => State::Current,
        Found::Linked(target, _) => State::Linked(target.clone()),
        Found::File(content) => match manifest.version_of(content) {
            Some(version) => State::OtherVersion(version.to_owned()),
            None => State::Changed,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_setup_wrote_is_told_from_what_a_person_wrote() {
        let mut manifest = Manifest::default();
        manifest.note(b"old", "0.0.9");
        let file = |content: &[u8]| Found::File(content.to_owned());
        assert_eq!(classify(&Found::Nothing, b"new", &manifest), State::Missing);
        assert_eq!(classify(&file(b"new"), b"new", &manifest), State::Current);
        assert_eq!(classify(&file(b"old"), b"new", &manifest), State::OtherVersion("0.0.9".to_owned()));
        assert_eq!(classify(&file(b"mine"), b"new", &manifest), State::Changed);
        let link = |content: Option<&[u8]>| Found::Linked("/elsewhere".into(), content.map(<[u8]>::to_vec));
        assert_eq!(classify(&link(Some(b"new")), b"new", &manifest), State::Current);
        assert_eq!(classify(&link(Some(b"old")), b"new", &manifest), State::Linked("/elsewhere".into()));
        assert_eq!(classify(&link(None), b"new", &manifest), State::Linked("/elsewhere".into()));
    }

    #[test]
    fn of_several_states_the_worst_counts() {
        let states = [State::Changed, State::Current, State::Missing, State::OtherVersion(String::new())];
        assert_eq!(states.iter().max(), Some(&State::Changed));
    }
}
