//! What a pane shows, and what that says about the agent in it.

mod composer;
mod dialog;
mod in_place;
pub mod overrides;
pub mod patterns;
pub mod reading;
pub(crate) mod recorded;
pub mod rest;
pub mod source;
mod spoken;

pub use overrides::Overrides;
pub use patterns::Patterns;
pub use reading::{Reading, ScreenState, composer_holds_only, composer_shows, occurrences, read};
pub use rest::{Doubt, Glimpse, Rest, RestProof, rest};
pub use source::ScreenSource;

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
