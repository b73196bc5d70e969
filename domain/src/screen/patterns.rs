//! How the screens of the agents look, as data.
//!
//! Seen on claude 2.1.329, codex 0.169.0 and opencode 1.18.33; the recordings are in `tests/corpus`, with the script that
//! makes them. Agents change their screens: a new look is a change in this file and a new recording.

use crate::backend::Backend;

/// How an agent's screen is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patterns {
    /// The frame around the composer.
    pub frame: Frame,
    /// How a placeholder looks; what a person typed never looks so.
    pub placeholder: Placeholder,
    /// Any of these says that a turn is running.
    pub working: &'static [Sign],
    /// Any of these says that a dialog waits for a person.
    pub asking: &'static [Dialog],
}

/// What encloses a composer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// A rule above and a rule below, both at the left edge, and a prompt at the start of the first row. The rule above
    /// may hold words; with `scrolled` among them the first rows of the draft are out of view, and the prompt with them.
    Rules {
        /// The character that the rules are made of.
        rule: char,
        /// The prompt.
        prompt: &'static str,
        /// The prompts of modes in which the text is not a message.
        modes: &'static [&'static str],
        /// The word in the rule above that says that more of the draft is above it.
        scrolled: &'static str,
    },
    /// A prompt at the left edge, further rows indented by two columns, then a blank row and one to `status` rows
    /// at the end of the screen. With `scrolled` at the end of the first row, the first rows of the draft are out of view.
    Prompt {
        /// The prompt.
        prompt: &'static str,
        /// The prompts of modes in which the text is not a message.
        modes: &'static [&'static str],
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
        modes: &'static [&'static str],
    },
}

/// How a placeholder is told from a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// It is dim (SGR 2); a drawn cursor may stand on its first character, in reverse video.
    Dim,
    /// It begins with one of these words, and the cursor stands before them; its colour depends on the theme.
    Words(&'static [&'static str]),
}

/// Where a sign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the left edge of one of so many rows above the composer that are not blank.
    Above(usize),
    /// In a row below the composer, behind blanks.
    Below,
    /// In the window's title.
    Title,
}

/// Words at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// Its name, for people.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// The characters one of which the row or title begins with; any will do when empty.
    pub begins: &'static str,
    /// What the row holds.
    pub holds: &'static str,
}

/// A dialog, which stands at the end of the screen in place of the composer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialog {
    /// Its name, for people.
    pub name: &'static str,
    /// How one of the rows begins, without bar and indentation, and among how many of the last rows that are not blank.
    pub row: (&'static str, usize),
    /// The same for a row further down.
    pub then: (&'static str, usize),
}

/// Returns how the screen of a backend's program is read.
#[must_use]
pub fn patterns(backend: Backend) -> &'static Patterns {
    match backend {
        Backend::Claude => &CLAUDE,
        Backend::Codex => &CODEX,
        Backend::Opencode => &OPENCODE,
    }
}

/// A pane of 40 columns breaks choices into several rows; the longest dialog seen has 14 below its first choice.
const CHOICES: usize = 20;

const CLAUDE: Patterns = Patterns {
    frame: Frame::Rules { rule: '─', prompt: "❯", modes: &["!"], scrolled: "more" },
    placeholder: Placeholder::Dim,
    working: &[
        Sign { name: "claude: esc to interrupt", place: Place::Below, begins: "", holds: "esc to interrupt" },
        // stays when the row below is cut, and while a draft takes its place
        Sign { name: "claude: spinner", place: Place::Above(8), begins: "·✢✳✶✻✽*", holds: "… (" },
    ],
    asking: &[
        Dialog { name: "claude: choice", row: ("❯ ", CHOICES), then: ("Esc to cancel", 2) },
        Dialog { name: "claude: confirmation", row: ("❯ ", CHOICES), then: ("Enter to confirm", 2) },
    ],
};

const CODEX: Patterns = Patterns {
    frame: Frame::Prompt { prompt: "›", modes: &["!"], status: 3, scrolled: '↑' },
    placeholder: Placeholder::Dim,
    working: &[
        // while an answer streams, this is the only sign
        Sign {
            name: "codex: spinner in the title", place: Place::Title, begins: "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", holds: ""
        },
        Sign { name: "codex: esc to interrupt", place: Place::Above(3), begins: "•◦", holds: "esc to interrupt)" },
    ],
    asking: &[
        Dialog { name: "codex: choice", row: ("› 1. ", CHOICES), then: ("Press enter to confirm", 2) },
        Dialog { name: "codex: trust", row: ("› 1. ", CHOICES), then: ("enter continue", 2) },
    ],
};

const OPENCODE: Patterns = Patterns {
    frame: Frame::Bar { bar: '┃', foot: '╹', modes: &["Shell"] },
    placeholder: Placeholder::Words(&["Ask anything…", "Run a command…"]),
    working: &[
        Sign { name: "opencode: esc interrupt", place: Place::Below, begins: "", holds: "esc interrupt" },
        // a narrow pane breaks the words
        Sign { name: "opencode: progress bar", place: Place::Below, begins: "⬝■", holds: "esc" },
    ],
    asking: &[Dialog {
        name: "opencode: permission",
        row: ("△ Permission required", CHOICES),
        then: ("Allow once", 3),
    }],
};
