//! Finding what a program draws where its composer stands at other times, by its shape.
//!
//! A low or narrow pane has no room for the words that would tell what it is.

use super::patterns::Frame;
use super::{Row, Screen};

/// How many rows a box has at least in which something is asked.
const BOX_ROWS: usize = 4;

/// How a permission begins; a very low pane shows nothing else of it.
const PERMISSION: &str = "△";

/// Finds it, and returns the name of what was recognised and its first row. Only to be asked where there is no composer.
pub(super) fn find(frame: &Frame, screen: &Screen) -> Option<(&'static str, usize)> {
    let end = screen.rows.iter().rposition(|row| !row.text().trim().is_empty())? + 1;
    match frame {
        Frame::Rules { .. } => {
            let edge = screen.rows[..end].iter().rposition(|row| is_edge(&row.text(), screen.width))?;
            Some(("sheet in place of the composer", edge))
        }
        Frame::Bar { bar, .. } => {
            let reaches_end = screen.rows[end - 1].text().trim_start().starts_with(*bar);
            // the last rows of a composer that a low pane has cut are fewer
            let asks = |top: usize| screen.rows[top..end].iter().any(|row| bare(&row.text()).starts_with(PERMISSION));
            let open_box = boxed(screen, end).filter(|&top| reaches_end && (end - top >= BOX_ROWS || asks(top)));
            let window = || screen.rows[..end].iter().rposition(names_its_key);
            open_box
                .map(|top| ("box in place of the composer", top))
                .or_else(|| Some(("window over the conversation", window()?)))
        }
        Frame::Prompt { .. } => None,
    }
}

/// Returns a row without indentation and bar.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '┃')
}

/// Tells whether a row is the upper edge of what claude opens in place of its composer; a word may stand in it.
fn is_edge(text: &str, width: usize) -> bool {
    let text = text.trim_end();
    text.starts_with('▔') && text.ends_with('▔') && text.chars().count() >= width
}

/// Tells whether a row is the heading of one of opencode's windows: at its right the key that closes it, in a look of its own.
fn names_its_key(row: &Row) -> bool {
    let spans: Vec<&str> = row.spans.iter().map(|span| span.text.as_str()).collect();
    (1..spans.len()).any(|at| {
        let (key, after) = (spans[at], spans[at + 1..].concat());
        let apart = key.starts_with(' ') || spans[at - 1].ends_with(' ');
        let last = key.ends_with("  ") || after.starts_with("  ") || after.trim().is_empty();
        matches!(key.trim(), "esc" | "esc/enter") && apart && last
    })
}

/// Returns where a box with a bar at its left begins that ends with the row before `end`.
fn boxed(screen: &Screen, end: usize) -> Option<usize> {
    let in_box = |row: &Row| row.text().trim_start().starts_with('┃');
    // its last row may be blank in a low pane
    let last = screen.rows[..end].iter().rposition(in_box)?;
    screen.rows[..=last].iter().rposition(|row| !in_box(row)).map(|row| row + 1).or(Some(0))
}

#[cfg(test)]
mod tests {
    use super::super::{ScreenState, Span, read};
    use super::*;
    use crate::backend::Backend;
    use crate::program::Programs;

    fn row(spans: &[&str]) -> Row {
        Row { spans: spans.iter().map(|text| Span { text: (*text).to_owned(), ..Span::default() }).collect() }
    }

    fn state(backend: Backend, rows: Vec<Row>) -> ScreenState {
        let screen = Screen { cursor_row: rows.len() - 1, rows, width: 20, ..Screen::default() };
        read(&Programs::built_in().of(backend).patterns, &screen).state
    }

    #[test]
    fn a_sheet_that_has_no_room_for_its_keys_waits_for_a_person() {
        let sheet = |edge: &str| vec![row(&["❯ hello"]), row(&[edge]), row(&["  Theme"]), row(&["  ❯ Dark mode  ↓"])];
        assert_eq!(state(Backend::CLAUDE, sheet(&"▔".repeat(20))), ScreenState::Asking);
        assert_eq!(state(Backend::CLAUDE, sheet(&format!("{} ◐ low ▔", "▔".repeat(12)))), ScreenState::Asking);
        // a chart in an answer
        assert_eq!(state(Backend::CLAUDE, sheet("  ▔▔▔▔")), ScreenState::Unknown);
        assert_eq!(state(Backend::CODEX, sheet(&"▔".repeat(20))), ScreenState::Unknown);
    }

    #[test]
    fn a_box_without_a_foot_waits_for_a_person() {
        let boxed = || vec![row(&[""]), row(&["  ┃"]), row(&["  ┃  Which"]), row(&["  ┃  1. Red"]), row(&["  ┃"])];
        assert_eq!(state(Backend::OPENCODE, boxed()), ScreenState::Asking);
        // the last row of a composer that is cut
        assert_eq!(state(Backend::OPENCODE, boxed()[..3].to_vec()), ScreenState::Unknown);
        let ended = boxed().into_iter().chain([row(&["  done"])]).collect();
        assert_eq!(state(Backend::OPENCODE, ended), ScreenState::Unknown);
    }

    #[test]
    fn a_window_is_known_by_the_key_at_its_right() {
        let window = |heading: &[&str]| vec![row(&["     heard"]), row(heading), row(&["    Search"])];
        for heading in
            [&["  Select model", " esc    "][..], &["  Help ", "esc/enter"], &["heard  Rename ", "esc", "   "]]
        {
            assert_eq!(state(Backend::OPENCODE, window(heading)), ScreenState::Asking, "{heading:?}");
        }
        for heading in [&["  press ", "esc", " to leave"][..], &["  press esc"], &["  desc", "esc"]] {
            assert_eq!(state(Backend::OPENCODE, window(heading)), ScreenState::Unknown, "{heading:?}");
        }
    }
}
