//! What a pane shows, and what that says about the agent in it.

mod composer;
pub mod patterns;
pub mod reading;

pub use reading::{Reading, ScreenState, composer_shows, read};

/// A run of characters of one look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Span {
    /// The characters.
    pub text: String,
    /// Whether they are dim (SGR 2), as placeholders are.
    pub dim: bool,
    /// Whether they are in reverse video (SGR 7), as drawn cursors are.
    pub reverse: bool,
    /// The foreground colour as the program gave it: the parameters of the SGR sequence (`31`, `38;5;244`,
    /// `38;2;128;128;128`); none for the default colour.
    pub foreground: Option<String>,
}

/// One row of a screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Its runs, from left to right; trailing blanks may be left out.
    pub spans: Vec<Span>,
}

impl Row {
    /// Returns the characters without their looks.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// The visible part of a pane.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Screen {
    /// The rows, from top to bottom.
    pub rows: Vec<Row>,
    /// Width in columns.
    pub width: usize,
    /// Column of the cursor, from 0.
    pub cursor_column: usize,
    /// Row of the cursor, from 0.
    pub cursor_row: usize,
    /// The title that the program gave its window; the only place where codex says that it streams an answer.
    pub title: String,
}

use crate::backend::Backend;

/// What an agent is doing, as its screen says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScreenState {
    /// The composer is visible and empty, and no turn runs.
    AtRest,
    /// The composer is visible and empty, and a turn runs.
    Working,
    /// The composer holds a text.
    Composing,
    /// A dialog waits for an answer.
    Asking,
    /// The screen is none that we know.
    Unknown,
}

/// What a screen says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What the agent is doing.
    pub state: ScreenState,
    /// The draft in the composer; none when no composer was recognised.
    pub composer: Option<String>,
}

/// Reads a screen.
#[must_use]
pub fn read(_backend: Backend, _screen: &Screen) -> Reading {
    Reading { state: ScreenState::Unknown, composer: None }
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Tells whether `text` stands in the composer.
#[must_use]
pub fn composer_shows(reading: &Reading, screen: &Screen, text: &str) -> bool {
    let shown = match &reading.composer {
        Some(draft) => draft.clone(),
        None => {
            let end = (screen.cursor_row + 2).min(screen.rows.len());
            let start = screen.cursor_row.saturating_sub(12).min(end);
            screen.rows[start..end].iter().map(Row::text).collect()
        }
    };
    squeeze(&shown).contains(&squeeze(text))
}

/// Tells whether the composer holds `text` and nothing else.
#[must_use]
pub fn composer_holds_only(reading: &Reading, screen: &Screen, text: &str) -> bool {
    match &reading.composer {
        Some(draft) => squeeze(draft) == squeeze(text),
        None => composer_shows(reading, screen, text),
    }
}
