//! How the screens of the agents look, as data.
//!
//! The recordings behind them are in `tests/corpus`, in a folder for each version, with the script that makes them. Agents
//! change their screens: a new look is a change in [`built_in`] and a new recording, or, for who cannot wait for it, a file
//! of one's own ([`super::overrides`]).

use serde::{Deserialize, Serialize};

use crate::backend::Backend;

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

/// How the screens of all agents are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PatternTable {
    pub(super) claude: Patterns,
    pub(super) codex: Patterns,
    pub(super) opencode: Patterns,
}

impl PatternTable {
    /// Returns how the screen of a backend's program is read.
    #[must_use]
    pub fn of(&self, backend: Backend) -> &Patterns {
        match backend {
            Backend::Claude => &self.claude,
            Backend::Codex => &self.codex,
            Backend::Opencode => &self.opencode,
        }
    }
}

/// Returns what is known without a file.
#[must_use]
pub fn built_in() -> PatternTable {
    PatternTable { claude: claude(), codex: codex(), opencode: opencode() }
}

/// A pane of 40 columns breaks choices into several rows; the longest dialog seen has 14 below its first choice.
const CHOICES: usize = 20;

fn sign(name: &str, place: Place, begins: &str, holds: &str) -> Sign {
    Sign { name: name.to_owned(), place, begins: begins.to_owned(), holds: holds.to_owned() }
}

fn dialog(name: &str, row: &str, (then, among): (&str, usize)) -> Dialog {
    let mark = |begins: &str, among| Mark { begins: begins.to_owned(), among };
    Dialog { name: name.to_owned(), row: mark(row, CHOICES), then: mark(then, among) }
}

fn words(begins: &str, holds: &str) -> Words {
    Words { begins: begins.to_owned(), holds: holds.to_owned() }
}

fn ending(name: &str, begins: &str, (holds, parts): (&str, usize), dim: bool) -> Ending {
    Ending { name: name.to_owned(), begins: begins.to_owned(), holds: holds.to_owned(), parts, dim }
}

/// The modes of claude as its footer tells them.
const CLAUDE_MODES: [(&str, &str); 6] = [
    ("⏵⏵", "don't ask on"),
    ("⏵⏵", "accept edits on"),
    ("⏵⏵", "auto mode on"),
    ("⏵⏵", "bypass permissions on"),
    ("⏸", "plan mode on"),
    ("⏸", "manual mode on"),
];

/// What claude with the keys of vim writes before its mode while it takes text. In VISUAL an Enter does not submit, so no
/// other of its words may stand there.
const CLAUDE_INSERT: &str = "-- INSERT --";

fn claude_footer() -> Footer {
    // the view of all sessions has the same signs with other words behind them
    let plain = CLAUDE_MODES.map(|(sign, mode)| words(sign, mode));
    let insert = CLAUDE_MODES.map(|(sign, mode)| words(&format!("{CLAUDE_INSERT} {sign}"), mode));
    let others = [
        ("? for shortcuts", ""),
        ("esc to interrupt", ""),
        // 20 columns break it
        ("paste again", "paste again to expand"),
        // 20 columns have no room for "on"; the view of all sessions has one blank there
        ("⏵⏵ don't ask  ·", ""),
        ("⏵⏵ accept edits  ·", ""),
        ("⏵⏵ auto mode  ·", ""),
        ("⏸ plan mode  ·", ""),
        ("⏸ manual mode  ·", ""),
    ];
    let others = others.map(|(begins, holds)| words(begins, holds));
    Footer {
        known: plain.into_iter().chain(insert).chain(others).collect(),
        // 20 columns have no room for the mode behind it
        alone: ["⏵⏵", "⏸", "⏸ p"].map(|sign| format!("{CLAUDE_INSERT} {sign}")).into(),
        foreign: ["enter to", "space to", "to navigate", "to select", "to confirm"]
            .map(|holds| words("", holds))
            .into(),
    }
}

fn claude() -> Patterns {
    Patterns {
        frame: Frame::Rules {
            rule: '─',
            prompt: "❯".to_owned(),
            modes: vec!["!".to_owned()],
            scrolled: "more".to_owned(),
        },
        spoken: Some(Spoken {
            prompt: "$".to_owned(),
            // the last takes their place behind a paste
            modes: [
                "don't ask on",
                "accept edits on",
                "auto mode on",
                "bypass permissions on",
                "plan mode on",
                "manual mode on",
                "paste again to",
            ]
            .map(str::to_owned)
            .into(),
            entries: ["you:", "claude:", "tool", "$"].map(str::to_owned).into(),
            fields: vec!["search prompts:".to_owned()],
            working: "esc to interrupt".to_owned(),
        }),
        placeholder: Placeholder::Dim,
        footer: claude_footer(),
        working: vec![
            sign("claude: esc to interrupt", Place::Below, "", "esc to interrupt"),
            // stays when the row below is cut, and while a draft or INSERT takes its place; 20 columns have no room for the
            // time, and break the tip below it into eight rows
            sign("claude: spinner", Place::Above(12), "·✢✳✶✻✽*", "…"),
        ],
        ended: vec![
            ending("claude: the last turn is done", "✻", ("· done", 2), false),
            ending("claude: no turn yet", "▝", ("", 1), false),
        ],
        silent: false,
        asking: vec![
            dialog("claude: choice", "❯ ", ("Esc to cancel", 2)),
            dialog("claude: confirmation", "❯ ", ("Enter to confirm", 2)),
        ],
    }
}

fn codex() -> Patterns {
    // what a row begins with that tells the keys of a form, a picker or a search
    let keys = ["enter", "esc", "press enter", "tab or", "tab to add", "space", "^", "? /", "reverse-i-search", "ctrl"];
    Patterns {
        frame: Frame::Prompt { prompt: "›".to_owned(), modes: vec!["!".to_owned()], status: 24, scrolled: '↑' },
        spoken: None,
        placeholder: Placeholder::DimWords(vec!["Ask Codex to do anything".to_owned()]),
        footer: Footer {
            known: vec![
                words("", "· ~"),
                words("", "· /"),
                // 20 columns have no room for the directory
                words("", "· …"),
                words("←", "for agents"),
                words("?", "for shortcuts"),
                words("tab", "to queue message"),
                words("", "context left"),
            ],
            alone: Vec::new(),
            foreign: keys.map(|begins| words(begins, "")).into(),
        },
        working: vec![
            // while an answer streams, this is the only sign, and a setting can take it away
            sign("codex: spinner in the title", Place::Title, "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", ""),
            sign("codex: esc to interrupt", Place::Above(3), "•◦", "esc to interrupt)"),
        ],
        ended: vec![
            ending("codex: the last turn is done", "Worked for", ("", 1), true),
            ending("codex: the last turn has failed", "■", ("", 1), false),
            ending("codex: no turn yet", ">_ OpenAI Codex", ("", 1), false),
            ending("codex: no turn yet", "│ >_ OpenAI Codex", ("", 1), false),
        ],
        silent: true,
        asking: vec![
            dialog("codex: choice", "› 1. ", ("Press enter to confirm", 2)),
            dialog("codex: trust", "› 1. ", ("enter continue", 2)),
        ],
    }
}

fn opencode() -> Patterns {
    Patterns {
        frame: Frame::Bar { bar: '┃', foot: '╹', modes: vec!["Shell".to_owned()] },
        spoken: None,
        placeholder: Placeholder::Words(
            ["Ask anything…", "Run a command…", "Ask anything...", "Run a command..."].map(str::to_owned).into(),
        ),
        footer: Footer {
            known: vec![
                words("", "ctrl+p"),
                words("", "commands"),
                // 20 columns have room for nothing else before the first turn
                words("tab agent", ""),
            ],
            alone: Vec::new(),
            foreign: Vec::new(),
        },
        working: vec![
            sign("opencode: esc interrupt", Place::Below, "", "esc interrupt"),
            // a narrow pane breaks the words
            sign("opencode: progress bar", Place::Below, "⬝■", ""),
        ],
        // the duration is its third part
        ended: vec![ending("opencode: the last turn is done", "▣", ("", 3), false)],
        silent: false,
        asking: vec![dialog("opencode: permission", "△ Permission required", ("Allow once", 3))],
    }
}
