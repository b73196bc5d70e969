//! Patterns of one's own, for an agent that looks other than it did.

use serde::Deserialize;

use super::patterns::{Dialog, Ending, Footer, Frame, PatternTable, Patterns, Placeholder, Sign, Spoken, built_in};
use crate::backend::Backend;

/// What takes the place of the built-in patterns; what is left out stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overrides {
    claude: Option<Override>,
    codex: Option<Override>,
    opencode: Option<Override>,
}

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
    /// Returns the backends about which something is said.
    #[must_use]
    pub fn backends(&self) -> Vec<Backend> {
        Backend::ALL.into_iter().filter(|backend| self.of(*backend).is_some()).collect()
    }

    /// Puts these patterns in the place of the built-in ones.
    ///
    /// # Errors
    /// In words, when a pattern would fit everything: then no screen could be told from another.
    pub fn apply(self) -> Result<PatternTable, String> {
        let mut table = built_in();
        for (patterns, replacement) in
            [(&mut table.claude, self.claude), (&mut table.codex, self.codex), (&mut table.opencode, self.opencode)]
        {
            replacement.unwrap_or_default().replace_in(patterns);
        }
        match Backend::ALL.into_iter().find_map(|backend| Some((backend, too_wide(table.of(backend))?))) {
            Some((backend, what)) => Err(format!("{backend}: {what} must not be empty")),
            None => Ok(table),
        }
    }

    fn of(&self, backend: Backend) -> Option<&Override> {
        match backend {
            Backend::Claude => self.claude.as_ref(),
            Backend::Codex => self.codex.as_ref(),
            Backend::Opencode => self.opencode.as_ref(),
        }
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

    #[test]
    fn what_is_said_replaces_and_the_rest_stays() {
        let codex = Some(Override { working: Some(vec![sign("busy")]), ..Override::default() });
        let overrides = Overrides { codex, ..Overrides::default() };
        assert_eq!(overrides.backends(), [Backend::Codex]);
        let table = overrides.apply().expect("a table");
        assert_eq!(table.codex, Patterns { working: vec![sign("busy")], ..built_in().codex });
        assert_eq!((table.claude, table.opencode), (built_in().claude, built_in().opencode));
        assert_eq!(Overrides::default().apply(), Ok(built_in()));
    }

    #[test]
    fn a_pattern_that_fits_everything_is_refused() {
        let wide = |replacement| {
            let overrides = Overrides { claude: Some(replacement), ..Overrides::default() };
            overrides.apply().expect_err("refused")
        };
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
