//! How the screens of the agents look, as data.
//!
//! The recordings behind them are in `tests/corpus`, in a folder for each version, with the script that makes them. Agents
//! change their screens: a new look is a change in [`crate::program`] and a new recording, or, for who cannot wait for it, a file
//! of one's own ([`super::overrides`]).

use serde::{Deserialize, Serialize};

/// How an agent's screen is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Patterns {
    /// The frame around the composer.
    pub frame: Frame,
    /// The composer without a frame; none where the program always draws one.
    pub spoken: Option<Spoken>,
    /// How a placeholder looks; what a person typed never looks so.
    pub placeholder: Placeholder,
    /// What must stand below the frame for it to be the composer's: forms have the same frame.
    pub footer: Footer,
    /// Any of these says that a turn is running.
    pub working: Vec<Sign>,
    /// Any of these, above the composer, says that the last turn has ended, or that there was none.
    pub ended: Vec<Ending>,
    /// Whether a turn can run without any sign of it, by a setting of the program or of the terminal.
    pub silent: bool,
    /// Any of these says that a dialog waits for a person.
    pub asking: Vec<Dialog>,
}

/// What an agent writes below its composer, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// One of these is there.
    pub known: Vec<Words>,
    /// Or one of these is a row, with nothing before it and nothing behind it but blanks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alone: Vec<String>,
    /// None of these is there: they tell the keys of a form, or of a view that is not the conversation.
    pub foreign: Vec<Words>,
}

/// Words in the rows below a composer. White space does not count, for narrow panes break the rows anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// How a row begins, behind blanks; any row will do when empty.
    pub begins: String,
    /// What stands from there on.
    pub holds: String,
}

/// A row that an agent writes when a turn has ended, or before the first one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// Its name, for people.
    pub name: String,
    /// How it begins, behind blanks.
    pub begins: String,
    /// What it holds, with the rows into which a narrow pane breaks it; white space does not count.
    pub holds: String,
    /// Into how many parts `·` divides it, at least.
    pub parts: usize,
    /// Whether it is dim (SGR 2), as what the model writes never is.
    pub dim: bool,
}

/// What encloses a composer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Frame {
    /// A rule above and a rule below, both at the left edge, and a prompt at the start of the first row. The rule above
    /// may hold words; with `scrolled` among them the first rows of the draft are out of view, and the prompt with them.
    Rules {
        /// The character that the rules are made of.
        rule: char,
        /// The prompt.
        prompt: String,
        /// The prompts of modes in which the text is not a message.
        modes: Vec<String>,
        /// The word in the rule above that says that more of the draft is above it.
        scrolled: String,
    },
    /// A prompt at the left edge, further rows indented by two columns, then a blank row and one to `status` rows
    /// at the end of the screen. With `scrolled` at the end of the first row, the first rows of the draft are out of view.
    Prompt {
        /// The prompt.
        prompt: String,
        /// The prompts of modes in which the text is not a message.
        modes: Vec<String>,
        /// The greatest number of rows below the composer.
        status: usize,
        /// The character in the last column that says that more of the draft is above it.
        scrolled: char,
    },
    /// A bar at the left of every row, a blank row and a row of words below the draft, and a foot under all of it,
    /// which is as wide as the composer.
    Bar {
        /// The bar.
        bar: char,
        /// The first character of the foot, under the bar.
        foot: char,
        /// How the row of words begins in modes in which the text is not a message.
        modes: Vec<String>,
    },
}

/// A composer for people who have their screen read to them: the last row, with a prompt at its left edge.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Spoken {
    /// The prompt.
    pub prompt: String,
    /// How the row above it begins that tells the mode; hints may stand between the two.
    pub modes: Vec<String>,
    /// How rows of the conversation begin; none of them stands between the two.
    pub entries: Vec<String>,
    /// What stands near the mode where a field takes the keys, with the cursor at the prompt all the same.
    pub fields: Vec<String>,
    /// What stands there while a turn runs.
    pub working: String,
}

/// How a placeholder is told from a draft.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Placeholder {
    /// It is dim (SGR 2); a drawn cursor may stand on its first character, in reverse video.
    Dim,
    /// It is dim and one of these texts, or as much of it as a narrow pane has room for. An empty composer always shows
    /// one; the placeholders of forms are others.
    DimWords(Vec<String>),
    /// It begins with one of these words, and the cursor stands before them; its colour depends on the theme.
    Words(Vec<String>),
}

/// Where a sign stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Place {
    /// At the left edge of one of so many rows above the composer that are not blank.
    Above(usize),
    /// In a row below the composer, behind blanks.
    Below,
    /// In the window's title.
    Title,
}

/// Words at a place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// Its name, for people.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// The characters one of which the row or title begins with; any will do when empty.
    pub begins: String,
    /// What the row holds.
    pub holds: String,
}

/// A dialog, which stands at the end of the screen in place of the composer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dialog {
    /// Its name, for people.
    pub name: String,
    /// One of its rows.
    pub row: Mark,
    /// A row further down.
    pub then: Mark,
}

/// A row near the end of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// How it begins, without bar and indentation.
    pub begins: String,
    /// Among how many of the last rows that are not blank it is.
    pub among: usize,
}

/// A pane of 40 columns breaks choices into several rows; the longest dialog seen has 14 below its first choice.
const CHOICES: usize = 20;

pub(crate) fn sign(name: &str, place: Place, begins: &str, holds: &str) -> Sign {
    Sign { name: name.to_owned(), place, begins: begins.to_owned(), holds: holds.to_owned() }
}

pub(crate) fn dialog(name: &str, row: &str, (then, among): (&str, usize)) -> Dialog {
    let mark = |begins: &str, among| Mark { begins: begins.to_owned(), among };
    Dialog { name: name.to_owned(), row: mark(row, CHOICES), then: mark(then, among) }
}

pub(crate) fn words(begins: &str, holds: &str) -> Words {
    Words { begins: begins.to_owned(), holds: holds.to_owned() }
}

pub(crate) fn ending(name: &str, begins: &str, (holds, parts): (&str, usize), dim: bool) -> Ending {
    Ending { name: name.to_owned(), begins: begins.to_owned(), holds: holds.to_owned(), parts, dim }
}
