//! Says what an agent is doing, from its screen.
//!
//! Transcripts contain every word that prompts and dialogs are made of. So words count only at their place: the
//! composer is the frame around the cursor, a dialog the end of the screen.

use std::ops::Range;
use std::str::FromStr;

use super::composer::{self, Composer};
use super::dialog::{self, Waiting};
use super::patterns::{Patterns, Place, Sign};
use super::{Row, Screen, spoken};
use crate::question::Question;
use crate::text::squeezed;

/// What an agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScreenState {
    /// It waits for a message: the composer is empty and no turn runs.
    AtRest,
    /// A turn runs, and the composer is empty.
    Working,
    /// The composer holds a text, or takes commands instead of messages.
    Composing,
    /// A dialog waits for a person.
    Asking,
    /// None of these was recognised.
    Unknown,
}

impl ScreenState {
    const ALL: [Self; 5] = [Self::AtRest, Self::Working, Self::Composing, Self::Asking, Self::Unknown];

    /// Returns the name that the command line and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtRest => "at_rest",
            Self::Working => "working",
            Self::Composing => "composing",
            Self::Asking => "asking",
            Self::Unknown => "unknown",
        }
    }

    /// Tells whether somebody has to look after the agent before it goes on or can be written to.
    #[must_use]
    pub fn needs_attention(self) -> bool {
        matches!(self, Self::Asking | Self::Unknown)
    }
}

impl FromStr for ScreenState {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|state| state.as_str() == name).ok_or_else(|| format!("'{name}' is no state"))
    }
}

/// What a screen says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What the agent is doing.
    pub state: ScreenState,
    /// The text in the composer, rows joined by line feeds, without frame and placeholder; none when no composer was
    /// recognised. Where the agent breaks a long line, there is a line feed too.
    pub composer: Option<String>,
    /// The beginning of the text is out of view: the agent shows only its end in a low pane.
    pub scrolled: bool,
    /// A turn runs, whatever the composer holds.
    pub working: bool,
    /// What a dialog asks; none where there is no dialog, and where its answers cannot be read.
    pub question: Option<Question>,
    /// What was recognised, for people.
    pub rule: String,
    /// The rows in which it stands.
    pub rows: Range<usize>,
}

/// Reads a screen by the patterns of the program that draws it.
#[must_use]
pub fn read(patterns: &Patterns, screen: &Screen) -> Reading {
    // an Enter answers a dialog, so it comes before whatever looks like a composer
    if let Some(waiting) = dialog::known(&patterns.asking, screen) {
        return asking(waiting);
    }
    if let Some(composer) = composer::find(patterns, screen) {
        let working = patterns.working.iter().find(|sign| stands(sign, &composer.rows, screen));
        return with_composer(composer, working.map(|sign| sign.name.as_str()));
    }
    if let Some((composer, works)) = spoken::find(patterns, screen) {
        return with_composer(composer, works.then_some("the mode says that a turn runs"));
    }
    dialog::any(&patterns.frame, screen).map_or_else(
        || Reading {
            state: ScreenState::Unknown,
            composer: None,
            scrolled: false,
            working: false,
            question: None,
            rule: "nothing known".to_owned(),
            rows: 0..0,
        },
        asking,
    )
}

fn asking(waiting: Waiting) -> Reading {
    Reading {
        state: ScreenState::Asking,
        composer: None,
        scrolled: false,
        working: true,
        question: waiting.question,
        rule: waiting.name,
        rows: waiting.rows,
    }
}

/// Says what a composer tells, and the sign of a turn, if there is one.
fn with_composer(composer: Composer, working: Option<&str>) -> Reading {
    let Composer { rows, draft, mode, scrolled } = composer;
    let (state, rule) = match working {
        _ if mode => (ScreenState::Composing, "composer takes commands"),
        _ if scrolled || !draft.is_empty() => (ScreenState::Composing, "composer holds a text"),
        Some(sign) => (ScreenState::Working, sign),
        None => (ScreenState::AtRest, "composer is empty"),
    };
    Reading {
        state,
        composer: Some(draft),
        scrolled,
        working: working.is_some(),
        question: None,
        rule: rule.to_owned(),
        rows,
    }
}

/// Tells whether a sign stands at its place around the composer.
fn stands(sign: &Sign, composer: &Range<usize>, screen: &Screen) -> bool {
    let fits = |text: &str| {
        (sign.begins.is_empty() || text.starts_with(|c| sign.begins.contains(c))) && text.contains(&sign.holds)
    };
    match sign.place {
        Place::Title => fits(&screen.title),
        Place::Below => screen.rows[composer.end..].iter().any(|row| fits(row.text().trim_start())),
        Place::Above(count) => {
            let above = screen.rows[..composer.start].iter().rev().map(Row::text);
            above.filter(|text| !text.trim().is_empty()).take(count).any(|text| fits(&text))
        }
    }
}

/// Returns a row without indentation and bar.
fn bare(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || c == '┃').to_owned()
}

/// Tells whether `marker` stands in the composer, wherever the agent breaks the line.
///
/// In a [scrolled](Reading::scrolled) composer only the end of the text can be found. Where no composer was recognised nothing
/// stands in one: most forms and pickers show what is typed into them.
#[must_use]
pub fn composer_shows(reading: &Reading, marker: &str) -> bool {
    reading.composer.as_ref().is_some_and(|draft| squeezed(draft).contains(&squeezed(marker)))
}

/// Tells whether the composer holds `text` and nothing else, as far as can be seen.
///
/// Agents show a stand-in for a long paste (`[Pasted text #1 +8 lines]`); it counts as the part of the text that it stands
/// for when a beginning of the text stands before it. Of a [scrolled](Reading::scrolled) text the end must stand there.
#[must_use]
pub fn composer_holds_only(reading: &Reading, text: &str) -> bool {
    let Some(draft) = &reading.composer else { return false };
    let (draft, text) = (squeezed(draft), squeezed(text));
    if reading.scrolled {
        return draft.chars().count() >= LEAST_SEEN && text.ends_with(&draft);
    }
    let stand_in = draft.split_once(STAND_IN).and_then(|(before, rest)| Some((before, rest.split_once(']')?.1)));
    draft == text
        || stand_in.is_some_and(|(before, after)| {
            before.chars().count() >= LEAST_SEEN
                && text.strip_prefix(before).is_some_and(|rest| rest.len() > after.len() && rest.ends_with(after))
        })
}

/// Counts how often `marker` stands on the screen, wherever the agent breaks the line.
#[must_use]
pub fn occurrences(screen: &Screen, marker: &str) -> usize {
    let rows: String = screen.rows.iter().map(|row| bare(&row.text())).collect();
    squeezed(&rows).matches(&squeezed(marker)).count()
}

/// How every agent begins what it shows in place of a long paste, without white space.
const STAND_IN: &str = "[Pasted";

/// How many characters of a text must be seen to know it again.
const LEAST_SEEN: usize = 24;

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;
    use crate::backend::Backend;
    use crate::program::Programs;

    fn read(backend: Backend, screen: &Screen) -> Reading {
        super::read(&Programs::built_in().of(backend).patterns, screen)
    }

    fn plain(text: &str) -> Row {
        Row { spans: vec![Span { text: text.to_owned(), ..Span::default() }] }
    }

    fn screen(rows: Vec<Row>, cursor_row: usize, cursor_column: usize) -> Screen {
        Screen { rows, width: 40, cursor_row, cursor_column, ..Screen::default() }
    }

    /// A claude with these runs behind its prompt.
    fn claude(spans: Vec<Span>) -> Reading {
        let rule = "─".repeat(40);
        let mut first = plain("❯ ");
        first.spans.extend(spans);
        read(Backend::CLAUDE, &screen(vec![plain(&rule), first, plain(&rule), plain("  ⏵⏵ don't ask on")], 1, 2))
    }

    fn span(text: &str, dim: bool, reverse: bool) -> Span {
        Span { text: text.to_owned(), dim, reverse, foreground: None }
    }

    #[test]
    fn only_a_dim_text_is_a_placeholder() {
        let draft = |spans| claude(spans).composer.expect("a composer");
        assert_eq!(draft(vec![span("T", false, true), span("ry \"fix\"", true, false)]), "");
        assert_eq!(draft(vec![span(" ", false, true)]), "");
        // the cursor was moved onto the only character of a draft
        assert_eq!(draft(vec![span("x", false, true)]), "x");
        // a completion behind what a person typed
        assert_eq!(draft(vec![span("/ex", false, false), span("i", false, true), span("t", true, false)]), "/exi");
    }

    #[test]
    fn words_are_a_placeholder_only_behind_the_cursor() {
        let state = |cursor_column| {
            let rows = [
                "  ┃",
                "  ┃  Ask anything… \"what\"",
                "  ┃",
                "  ┃  Build · Mock",
                "  ╹▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀",
                "          ctrl+p commands",
            ];
            read(Backend::OPENCODE, &screen(rows.map(plain).into(), 1, cursor_column)).state
        };
        assert_eq!(state(5), ScreenState::AtRest);
        assert_eq!(state(24), ScreenState::Composing);
    }

    #[test]
    fn what_stands_beside_a_composer_is_no_part_of_it() {
        let rows =
            ["┃           │ Context", "┃  日本語   │ 12 tokens", "┃           │", "┃  Build    │", "╹▀▀▀▀▀▀▀▀▀▀ │"];
        let reading = read(Backend::OPENCODE, &screen(rows.map(plain).into(), 1, 9));
        assert_eq!(reading.composer.as_deref(), Some("日本語"));
    }

    #[test]
    fn a_screen_that_nobody_drew_is_unknown() {
        for backend in Backend::BUILT_IN {
            for screen in [Screen::default(), screen(vec![plain("$ ")], 0, 2), screen(vec![plain("❯ ")], 7, 0)] {
                let reading = read(backend, &screen);
                assert_eq!((reading.state, reading.composer), (ScreenState::Unknown, None), "{backend} {screen:?}");
            }
        }
    }

    #[test]
    fn what_stands_at_the_cursor_of_an_unknown_screen_stands_in_no_composer() {
        let text = "[cafleet msg 12 from 3 …]";
        let screen = screen(vec![plain("> Type something"), plain(text)], 1, 0);
        let reading = read(Backend::CLAUDE, &screen);
        assert_eq!(reading.state, ScreenState::Unknown);
        assert!(!composer_shows(&reading, "cafleet msg 12 from ") && !composer_holds_only(&reading, text));
    }

    #[test]
    fn a_stand_in_counts_behind_a_beginning_of_the_text() {
        let text = "[cafleet msg 12 from 3 2026-04-15]\na long body";
        let holds = |composer: &str, scrolled| {
            let reading = Reading {
                state: ScreenState::Composing,
                composer: Some(composer.to_owned()),
                scrolled,
                working: false,
                question: None,
                rule: String::new(),
                rows: 0..0,
            };
            composer_holds_only(&reading, text)
        };
        assert!(holds("[cafleet msg 12 from 3\n2026-04-15]\na long body", false));
        assert!(holds("[cafleet msg 12 from 3 2026-04-15]\n[Pasted ~1 lines] ", false));
        assert!(!holds("[Pasted ~2 lines]", false), "it may be anybody's");
        assert!(!holds("[cafleet msg 13 from 3 2026-04-15]\n[Pasted ~1 lines]", false));
        assert!(!holds("[cafleet msg 12 from 3 2026-04-15]\n[Pasted ~1 lines] and mine", false));
        assert!(!holds("mine [cafleet msg 12 from 3 2026-04-15]\na long body", false));
        assert!(holds("from 3 2026-04-15]\na long body", true));
        assert!(!holds("long body", true), "too little to know it by");
        assert!(!holds("from 3 2026-04-15]\na long body and mine", true));
    }

    #[test]
    fn an_open_dialog_is_seen_before_anything_else() {
        let rows = ["› 1. Yes, proceed (y)", "  2. No", "", "  Press enter to confirm or esc to cancel"];
        let reading = read(Backend::CODEX, &screen(rows.map(plain).into(), 0, 2));
        assert_eq!((reading.state, reading.rows), (ScreenState::Asking, 0..4));
    }

    #[test]
    fn a_window_that_tells_its_keys_beside_the_status_has_taken_them() {
        let status = |status: &str| {
            let mut composer = plain("› ");
            composer.spans.push(span("Ask Codex to do anything", true, false));
            let rows = vec![plain(""), composer, plain(""), plain(status)];
            read(Backend::CODEX, &screen(rows, 1, 2)).state
        };
        assert_eq!(status("  mock · ~/project                ⚠ 2 warnings · f2 to view"), ScreenState::AtRest);
        assert_ne!(status("  mock · ~/project                Esc cancel"), ScreenState::AtRest);
        assert_ne!(status("  mock · ~/project  esc · close"), ScreenState::AtRest);
    }

    #[test]
    fn codex_works_while_its_title_spins() {
        let mut composer = plain("› ");
        composer.spans.push(span("Ask Codex to do anything", true, false));
        let rows = vec![plain("• word1"), plain(""), composer, plain(""), plain("  mock · ~/project")];
        let state = |title: &str| {
            let screen = Screen { title: title.to_owned(), ..screen(rows.clone(), 2, 2) };
            read(Backend::CODEX, &screen).state
        };
        assert_eq!(state("⠙ project"), ScreenState::Working);
        assert_eq!(state("project"), ScreenState::AtRest);
    }
}
