//! Says what an agent is doing, from its screen.
//!
//! Transcripts contain every word that prompts and dialogs are made of. So words count only at their place: the
//! composer is the frame around the cursor, a dialog the end of the screen.

use std::ops::Range;

use super::composer::{self, Composer};
use super::patterns::{Dialog, Patterns, Place, Sign, patterns};
use super::{Row, Screen};
use crate::backend::Backend;

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
    /// What was recognised, for people.
    pub rule: &'static str,
    /// The rows in which it stands.
    pub rows: Range<usize>,
}

/// Reads the screen of a backend's program.
#[must_use]
pub fn read(backend: Backend, screen: &Screen) -> Reading {
    let patterns = patterns(backend);
    // an Enter answers a dialog, so it comes before whatever looks like a composer
    if let Some((dialog, rows)) = dialog(patterns.asking, screen) {
        return Reading { state: ScreenState::Asking, composer: None, scrolled: false, rule: dialog.name, rows };
    }
    match composer::find(&patterns.frame, patterns.placeholder, screen) {
        Some(composer) => with_composer(patterns, composer, screen),
        None => {
            Reading { state: ScreenState::Unknown, composer: None, scrolled: false, rule: "nothing known", rows: 0..0 }
        }
    }
}

fn with_composer(patterns: &Patterns, composer: Composer, screen: &Screen) -> Reading {
    let Composer { rows, draft, mode, scrolled } = composer;
    let working = patterns.working.iter().find(|sign| stands(sign, &rows, screen));
    let (state, rule) = match working {
        _ if mode => (ScreenState::Composing, "composer takes commands"),
        _ if scrolled || !draft.is_empty() => (ScreenState::Composing, "composer holds a text"),
        Some(sign) => (ScreenState::Working, sign.name),
        None => (ScreenState::AtRest, "composer is empty"),
    };
    Reading { state, composer: Some(draft), scrolled, rule, rows }
}

/// Tells whether a sign stands at its place around the composer.
fn stands(sign: &Sign, composer: &Range<usize>, screen: &Screen) -> bool {
    let fits = |text: &str| {
        (sign.begins.is_empty() || text.starts_with(|c| sign.begins.contains(c))) && text.contains(sign.holds)
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

/// Finds a dialog at the end of the screen.
fn dialog<'a>(dialogs: &'a [Dialog], screen: &Screen) -> Option<(&'a Dialog, Range<usize>)> {
    let texts: Vec<(usize, String)> = screen.rows.iter().map(|row| bare(&row.text())).enumerate().collect();
    let texts: Vec<&(usize, String)> = texts.iter().filter(|(_, text)| !text.is_empty()).collect();
    let last = |(words, count): (&str, usize)| {
        texts.iter().rev().take(count).find(|(_, text)| text.starts_with(words)).map(|(row, _)| *row)
    };
    dialogs.iter().find_map(|dialog| {
        let (row, then) = (last(dialog.row)?, last(dialog.then)?);
        (row <= then).then_some((dialog, row..then + 1))
    })
}

/// Returns a row without indentation and bar.
fn bare(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || c == '┃').to_owned()
}

/// Tells whether `marker` stands in the composer, wherever the agent breaks the line.
///
/// Where no composer was recognised and no dialog either, the rows around the cursor stand in for it: 12 above, 1 below. In
/// a [scrolled](Reading::scrolled) composer only the end of the text can be found.
#[must_use]
pub fn composer_shows(reading: &Reading, screen: &Screen, marker: &str) -> bool {
    let shown = match (&reading.composer, reading.state) {
        (Some(draft), _) => squeezed(draft),
        (None, ScreenState::Unknown) => squeezed(&near_cursor(screen)),
        (None, _) => return false,
    };
    shown.contains(&squeezed(marker))
}

/// Tells whether the composer holds `text` and nothing else.
///
/// Where no composer was recognised and no dialog either, the text must stand near the cursor, and what is around it is
/// not known. A text of which the beginning is out of view is not held.
#[must_use]
pub fn composer_holds_only(reading: &Reading, screen: &Screen, text: &str) -> bool {
    match &reading.composer {
        Some(draft) => !reading.scrolled && squeezed(draft) == squeezed(text),
        None => composer_shows(reading, screen, text),
    }
}

/// Returns what stands in the rows where a composer would be, should it look other than we know.
fn near_cursor(screen: &Screen) -> String {
    let end = (screen.cursor_row + 2).min(screen.rows.len());
    let start = screen.cursor_row.saturating_sub(12).min(end);
    screen.rows[start..end].iter().map(|row| bare(&row.text())).collect()
}

/// Returns a text without white space: agents break and indent lines where they like.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
