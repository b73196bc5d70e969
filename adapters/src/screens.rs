//! The file of screen patterns of one's own.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use cafleet_domain::backend::Backend;
use cafleet_domain::screen::patterns::built_in;
use cafleet_domain::screen::{Overrides, PatternTable, ScreenSource};

/// How screens are read, and who says so.
#[derive(Debug, Clone)]
pub struct Screens {
    /// The patterns.
    pub table: Arc<PatternTable>,
    /// Where they come from.
    pub source: ScreenSource,
}

/// Reads the file, which need not be there: TOML, with the fields of [`Overrides`].
#[must_use]
pub fn load(path: &Path) -> Screens {
    let path_buf = path.to_path_buf();
    let (table, source) = match read(path) {
        Ok(None) => (built_in(), ScreenSource::BuiltIn),
        Ok(Some((table, backends))) => (table, ScreenSource::File { path: path_buf, backends }),
        Err(reason) => (built_in(), ScreenSource::Broken { path: path_buf, reason }),
    };
    Screens { table: Arc::new(table), source }
}

fn read(path: &Path) -> Result<Option<(PatternTable, Vec<Backend>)>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let overrides: Overrides = toml::from_str(&text).map_err(|error| one_line(&error, &text))?;
    let backends = overrides.backends();
    Ok(Some((overrides.apply()?, backends)))
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
    use super::*;

    fn load_text(text: &str) -> Screens {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("screens.toml");
        fs::write(&path, text).expect("a file");
        load(&path)
    }

    #[test]
    fn a_file_replaces_what_it_names() {
        let screens = load_text(
            "[codex.frame.prompt]\nprompt = '»'\nmodes = ['!']\nstatus = 2\nscrolled = '^'\n\
             [[claude.working]]\nname = 'mine'\nplace = { above = 3 }\nbegins = ''\nholds = 'busy'\n",
        );
        assert!(matches!(&screens.source, ScreenSource::File { backends, .. }
            if *backends == [Backend::Claude, Backend::Codex]));
        assert_eq!(screens.table.of(Backend::Claude).working[0].holds, "busy");
        assert_eq!(screens.table.of(Backend::Opencode), built_in().of(Backend::Opencode));
        assert_ne!(screens.table.of(Backend::Codex).frame, built_in().of(Backend::Codex).frame);
    }

    #[test]
    fn everything_built_in_can_be_written_in_the_file() {
        let text = toml::to_string(&built_in()).expect("TOML");
        assert_eq!(*load_text(&text).table, built_in());
    }

    #[test]
    fn a_file_that_cannot_be_used_changes_nothing_and_says_where() {
        for (text, wanted) in [
            ("[claude]\nframes = 1\n", "line 2: unknown field `frames`"),
            ("[claud]\n", "line 1: unknown field `claud`"),
            ("[claude\n", "line 1: "),
            (
                "[[codex.working]]\nname = 'x'\nplace = 'title'\nbegins = ''\nholds = ''\n",
                "codex: both parts of a sign",
            ),
        ] {
            let screens = load_text(text);
            let ScreenSource::Broken { reason, .. } = &screens.source else { panic!("{screens:?}") };
            assert!(reason.starts_with(wanted) && !reason.contains('\n'), "{reason}");
            assert_eq!(*screens.table, built_in());
        }
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(load(folder.path()).source, ScreenSource::Broken { .. }), "a directory");
        assert_eq!(load(&folder.path().join("none.toml")).source, ScreenSource::BuiltIn);
    }
}
