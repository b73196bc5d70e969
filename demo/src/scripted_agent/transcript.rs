//! What has happened so far, as the screen shows it.

use super::style::Style;

use super::layout::{Look, Row, wrap};

/// Rows of output that are shown of one tool call.
const OUTPUT_ROWS: usize = 12;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// Somebody submitted this.
    Submitted(String),
    /// The agent said this.
    Said(String),
    /// A tool ran.
    Ran {
        /// What ran.
        call: String,
        /// What came out.
        output: String,
    },
    /// The program itself notes this.
    Noted(String),
}

/// How a program marks the parts of its transcript: each pair is the head of the first row and of the others.
struct Marks {
    submitted: (&'static str, &'static str),
    said: (&'static str, &'static str),
    ran: (&'static str, &'static str),
    output: (&'static str, &'static str),
}

const fn marks(style: Style) -> Marks {
    match style {
        Style::Claude => {
            Marks {
                submitted: ("> ", "  "), said: ("● ", "  "), ran: ("● Bash: ", "  "), output: ("  ⎿  ", "     ")
            }
        }
        Style::Codex => {
            Marks {
                submitted: ("› ", "  "), said: ("• ", "  "), ran: ("• Ran ", "  │ "), output: ("  └ ", "    ")
            }
        }
        Style::Opencode => Marks {
            submitted: ("  ┃  ", "  ┃  "),
            said: ("     ", "     "),
            ran: ("     $ ", "       "),
            output: ("       ", "       "),
        },
    }
}

impl Entry {
    /// Returns the rows that show the entry on a screen of `columns`, the blank row after it included.
    pub(super) fn rows(&self, style: Style, columns: usize) -> Vec<Row> {
        let marks = marks(style);
        let mut rows = match self {
            Self::Submitted(text) => marked(text, marks.submitted, Look::Bold, columns),
            Self::Said(text) => marked(text, marks.said, Look::Plain, columns),
            Self::Noted(text) => marked(text, ("  ", "  "), Look::Dim, columns),
            Self::Ran { call, output } => {
                let mut shown = marked(output, marks.output, Look::Plain, columns);
                if shown.len() > OUTPUT_ROWS {
                    let hidden = shown.len() - OUTPUT_ROWS;
                    shown.truncate(OUTPUT_ROWS);
                    shown.extend(marked(&format!("… {hidden} more lines"), ("     ", "     "), Look::Dim, columns));
                }
                let mut rows = marked(call, marks.ran, Look::Plain, columns);
                rows.extend(shown);
                rows
            }
        };
        rows.push(Row::default());
        rows
    }
}

/// Wraps `text` behind a mark.
pub(super) fn marked(text: &str, (first, others): (&str, &str), look: Look, columns: usize) -> Vec<Row> {
    let indent = super::layout::width(first).max(super::layout::width(others));
    wrap(text, columns.saturating_sub(indent + 1))
        .into_iter()
        .enumerate()
        .map(|(index, text)| {
            let mark = if index == 0 { first } else { others };
            Row(vec![(Look::Plain, mark.to_owned()), (look, text)]).clipped(columns)
        })
        .collect()
}
