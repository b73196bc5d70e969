//! What must hold when something is typed, looked at on a screen.

use cafleet_domain::ports::{EnterCondition, MultiplexerError, TypingCondition};
use cafleet_domain::screen::Screen;

/// Tells whether a text may be typed.
pub(super) fn admits(
    screen: &Screen,
    TypingCondition { cursor, present, absent, untouched: _ }: &TypingCondition,
) -> bool {
    cursor.is_none_or(|wanted| wanted == (screen.cursor_column, screen.cursor_row)) && shows(screen, present, absent)
}

/// Tells whether Enter may be pressed.
pub(super) fn meets(screen: &Screen, condition: &EnterCondition) -> bool {
    let EnterCondition { mark, cursor_below, cursor_column, present, absent, untouched: _ } = condition;
    let is_at_cursor = |row: usize| {
        let below = i32::try_from(screen.cursor_row).unwrap_or(0) - i32::try_from(row).unwrap_or(0);
        cursor_below.is_none_or(|wanted| wanted == below)
            && cursor_column.is_none_or(|wanted| wanted == screen.cursor_column)
    };
    row_with(screen, mark).is_some_and(is_at_cursor) && shows(screen, present, absent)
}

fn shows(screen: &Screen, present: &[String], absent: &[String]) -> bool {
    present.iter().all(|text| row_with(screen, text).is_some())
        && absent.iter().all(|text| row_with(screen, text).is_none())
}

fn row_with(screen: &Screen, text: &str) -> Option<usize> {
    screen.rows.iter().position(|row| row.text().contains(text))
}

/// Fails for what could be a pattern.
pub(super) fn check<'a>(mut marks: impl Iterator<Item = &'a String>) -> Result<(), MultiplexerError> {
    let allowed = |c: char| c.is_alphanumeric() || " /!-.".contains(c);
    let bad = marks.find(|mark| mark.trim().is_empty() || !mark.chars().all(allowed));
    bad.map_or(Ok(()), |bad| Err(MultiplexerError::Failed(format!("{bad:?} cannot be a mark"))))
}
