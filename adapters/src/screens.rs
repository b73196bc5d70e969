//! The file of screen patterns of one's own.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use cafleet_domain::backend::Backend;
use cafleet_domain::program::Programs;
use cafleet_domain::screen::{Overrides, ScreenSource};

/// How screens are read, and who says so.
#[derive(Debug, Clone)]
pub struct Screens {
    /// The programs, with their patterns.
    pub programs: Arc<Programs>,
    /// Where they come from.
    pub source: ScreenSource,
}

/// Reads the file, which need not be there: TOML, with the fields of [`Overrides`] for some of the `programs`.
#[must_use]
pub fn load(path: &Path, programs: &Arc<Programs>) -> Screens {
    let path_buf = path.to_path_buf();
    let (programs, source) = match read(path, programs) {
        Ok(None) => (Arc::clone(programs), ScreenSource::BuiltIn),
        Ok(Some((changed, backends))) => (Arc::new(changed), ScreenSource::File { path: path_buf, backends }),
        Err(reason) => (Arc::clone(programs), ScreenSource::Broken { path: path_buf, reason }),
    };
    Screens { programs, source }
}

/// Returns the programs as the file changes them, and which it changes; `None` if there is no file.
fn read(path: &Path, programs: &Programs) -> Result<Option<(Programs, Vec<Backend>)>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let overrides: Overrides = toml::from_str(&text).map_err(|error| one_line(&error, &text))?;
    let mut changed = programs.clone();
    let backends = overrides.apply(&mut changed)?;
    Ok(Some((changed, backends)))
}

/// The message of the parser is several lines with an excerpt; its place and its words are enough.
fn one_line(error: &toml::de::Error, text: &str) -> String {
    let words = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    match error.span() {
        Some(span) => {
            let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
            format!("line {line}: {words}")
        }
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cafleet_domain::screen::Patterns;

    use super::*;

    fn load_text(text: &str) -> Screens {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("screens.toml");
        fs::write(&path, text).expect("a file");
        load(&path, &Arc::new(Programs::built_in()))
    }

    #[test]
    fn a_file_replaces_what_it_names() {
        let screens = load_text(
            "[codex.frame.prompt]\nprompt = '»'\nmodes = ['!']\nstatus = 2\nscrolled = '^'\n\
             [[claude.working]]\nname = 'mine'\nplace = { above = 3 }\nbegins = ''\nholds = 'busy'\n",
        );
        assert!(matches!(&screens.source, ScreenSource::File { backends, .. }
            if *backends == [Backend::CLAUDE, Backend::CODEX]));
        let (read, built_in) = (screens.programs, Programs::built_in());
        assert_eq!(read.of(Backend::CLAUDE).patterns.working[0].holds, "busy");
        assert_eq!(read.of(Backend::OPENCODE), built_in.of(Backend::OPENCODE));
        assert_ne!(read.of(Backend::CODEX).patterns.frame, built_in.of(Backend::CODEX).patterns.frame);
    }

    #[test]
    fn everything_built_in_can_be_written_in_the_file() {
        let built_in = Programs::built_in();
        let patterns: BTreeMap<&str, &Patterns> =
            built_in.iter().map(|program| (program.backend.as_str(), &program.patterns)).collect();
        let text = toml::to_string(&patterns).expect("TOML");
        assert_eq!(*load_text(&text).programs, built_in);
    }

    #[test]
    fn a_file_that_cannot_be_used_changes_nothing_and_says_where() {
        for (text, wanted) in [
            ("[claude]\nframes = 1\n", "line 2: unknown field `frames`"),
            ("[claud]\n", "unknown agent `claud`, expected one of `claude`, `codex`, `opencode`"),
            ("[claude\n", "line 1: "),
            (
                "[[codex.working]]\nname = 'x'\nplace = 'title'\nbegins = ''\nholds = ''\n",
                "codex: both parts of a sign",
            ),
        ] {
            let screens = load_text(text);
            let ScreenSource::Broken { reason, .. } = &screens.source else { panic!("{screens:?}") };
            assert!(reason.starts_with(wanted) && !reason.contains('\n'), "{reason}");
            assert_eq!(*screens.programs, Programs::built_in());
        }
        let folder = tempfile::tempdir().expect("a folder");
        let programs = Arc::new(Programs::built_in());
        assert!(matches!(load(folder.path(), &programs).source, ScreenSource::Broken { .. }), "a directory");
        assert_eq!(load(&folder.path().join("none.toml"), &programs).source, ScreenSource::BuiltIn);
    }
}
