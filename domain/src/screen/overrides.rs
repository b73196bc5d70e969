//! Patterns of one's own, for an agent that looks other than it did.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::patterns::{Dialog, Ending, Footer, Frame, Patterns, Placeholder, Sign, Spoken};
use crate::backend::Backend;
use crate::program::Programs;

/// What takes the place of the built-in patterns, by the names of programs; what is left out stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub struct Overrides(BTreeMap<String, Override>);

/// The same for one backend.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Override {
    frame: Option<Frame>,
    spoken: Option<Spoken>,
    placeholder: Option<Placeholder>,
    footer: Option<Footer>,
    working: Option<Vec<Sign>>,
    ended: Option<Vec<Ending>>,
    silent: Option<bool>,
    asking: Option<Vec<Dialog>>,
}

impl Overrides {
    /// Puts these patterns in the place of those of `programs`, and returns of which programs.
    ///
    /// # Errors
    /// In words, when there is no such program, or a pattern would fit everything: then no screen could be told from another.
    pub fn apply(self, programs: &mut Programs) -> Result<Vec<Backend>, String> {
        let mut replaced = Vec::new();
        for (name, replacement) in self.0 {
            let Some(program) = programs.iter_mut().find(|program| program.backend.as_str() == name) else {
                let known: Vec<String> = programs.iter().map(|program| format!("`{}`", program.backend)).collect();
                return Err(format!("unknown agent `{name}`, expected one of {}", known.join(", ")));
            };
            replacement.replace_in(&mut program.patterns);
            if let Some(what) = too_wide(&program.patterns) {
                return Err(format!("{name}: {what} must not be empty"));
            }
            replaced.push(program.backend);
        }
        Ok(replaced)
    }
}

impl Override {
    fn replace_in(self, patterns: &mut Patterns) {
        if let Some(frame) = self.frame {
            patterns.frame = frame;
        }
        if let Some(spoken) = self.spoken {
            patterns.spoken = Some(spoken);
        }
        if let Some(placeholder) = self.placeholder {
            patterns.placeholder = placeholder;
        }
        if let Some(footer) = self.footer {
            patterns.footer = footer;
        }
        if let Some(working) = self.working {
            patterns.working = working;
        }
        if let Some(ended) = self.ended {
            patterns.ended = ended;
        }
        if let Some(silent) = self.silent {
            patterns.silent = silent;
        }
        if let Some(asking) = self.asking {
            patterns.asking = asking;
        }
    }
}

/// Returns the name of a pattern that fits everything.
fn too_wide(patterns: &Patterns) -> Option<&'static str> {
    let blank = |text: &str| text.trim().is_empty();
    match &patterns.frame {
        Frame::Rules { prompt, .. } | Frame::Prompt { prompt, .. } if blank(prompt) => return Some("the prompt"),
        Frame::Rules { modes, .. } | Frame::Prompt { modes, .. } | Frame::Bar { modes, .. } => {
            if modes.iter().any(|mode| blank(mode)) {
                return Some("a mode");
            }
        }
    }
    let wide_spoken = patterns.spoken.as_ref().is_some_and(|spoken| {
        [&spoken.prompt, &spoken.working].into_iter().chain(&spoken.modes).any(|text| blank(text))
    });
    let is_wide_placeholder = matches!(&patterns.placeholder, Placeholder::Words(texts) | Placeholder::DimWords(texts)
            if texts.iter().any(|text| blank(text)));
    let wide_footer = patterns.footer.known.iter().any(|words| blank(&words.begins) && blank(&words.holds));
    let wide_alone = patterns.footer.alone.iter().any(|alone| blank(alone));
    let wide_ending = patterns.ended.iter().any(|ending| blank(&ending.begins));
    let wide_sign = patterns.working.iter().any(|sign| sign.begins.is_empty() && sign.holds.is_empty());
    let wide_dialog = patterns.asking.iter().any(|dialog| blank(&dialog.row.begins) || blank(&dialog.then.begins));
    let all = [
        (wide_spoken, "a part of the spoken composer"),
        (is_wide_placeholder, "a placeholder"),
        (wide_footer, "both parts of a known footer"),
        (wide_alone, "a row of a footer"),
        (wide_sign, "both parts of a sign of work"),
        (wide_ending, "the beginning of an ending"),
        (wide_dialog, "the beginning of a dialog's row"),
    ];
    all.into_iter().find(|(wide, _)| *wide).map(|(_, what)| what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::patterns::{Mark, Place};

    fn sign(holds: &str) -> Sign {
        Sign { name: "mine".to_owned(), place: Place::Title, begins: String::new(), holds: holds.to_owned() }
    }

    fn overrides(name: &str, replacement: Override) -> Overrides {
        Overrides(BTreeMap::from([(name.to_owned(), replacement)]))
    }

    #[test]
    fn what_is_said_replaces_and_the_rest_stays() {
        let replacement = Override { working: Some(vec![sign("busy")]), ..Override::default() };
        let (built_in, mut programs) = (Programs::built_in(), Programs::built_in());
        assert_eq!(overrides("codex", replacement).apply(&mut programs), Ok(vec![Backend::CODEX]));
        let working = vec![sign("busy")];
        let codex = Patterns { working, ..built_in.of(Backend::CODEX).patterns.clone() };
        assert_eq!(programs.of(Backend::CODEX).patterns, codex);
        for other in [Backend::CLAUDE, Backend::OPENCODE] {
            assert_eq!(programs.of(other), built_in.of(other));
        }
        assert_eq!(Overrides::default().apply(&mut programs), Ok(Vec::new()));
    }

    #[test]
    fn a_pattern_that_fits_everything_is_refused() {
        let wide =
            |replacement| overrides("claude", replacement).apply(&mut Programs::built_in()).expect_err("refused");
        let frame = |prompt: &str, mode: &str| Frame::Prompt {
            prompt: prompt.to_owned(),
            modes: vec![mode.to_owned()],
            status: 3,
            scrolled: '↑',
        };
        let dialog = |row: &str, then: &str| {
            let mark = |begins: &str| Mark { begins: begins.to_owned(), among: 2 };
            Some(vec![Dialog { name: "mine".to_owned(), row: mark(row), then: mark(then) }])
        };
        let base = Override::default;
        for (replacement, what) in [
            (Override { frame: Some(frame(" ", "!")), ..base() }, "the prompt"),
            (Override { frame: Some(frame(">", "")), ..base() }, "a mode"),
            (Override { placeholder: Some(Placeholder::Words(vec![String::new()])), ..base() }, "a placeholder"),
            (
                Override { footer: Some(Footer { alone: vec![" ".to_owned()], ..Footer::default() }), ..base() },
                "a row of a footer",
            ),
            (Override { working: Some(vec![sign("")]), ..base() }, "both parts of a sign of work"),
            (Override { asking: dialog("", "Esc"), ..base() }, "the beginning of a dialog's row"),
            (Override { asking: dialog("1.", " "), ..base() }, "the beginning of a dialog's row"),
        ] {
            assert_eq!(wide(replacement), format!("claude: {what} must not be empty"));
        }
    }
}
