//! Draws cells in a terminal of which it is only known how large it is.

use std::fmt::Write;
use std::ops::Range;

use alacritty_terminal::term::cell::{Cell, Flags};

use super::paint::{Look, is_first_half, is_second_half};

/// Writes what draws cells, and knows where the cursor then stands.
///
/// Terminals disagree about how wide some characters are. After each of those the cursor is put where the next cell is, so that
/// a disagreement never moves what follows.
#[derive(Debug, Default)]
pub(super) struct Pen {
    text: String,
    look: Look,
    /// Row and column where the next character will stand; unknown after a character whose width is disputed.
    at: Option<(Option<usize>, usize)>,
    /// The last column of a row was written, and the cursor waits behind it.
    is_full: bool,
}

impl Pen {
    /// Draws the cells of some columns; without a row, of the one in which the cursor stands, from its beginning.
    pub(super) fn cells(&mut self, row: Option<usize>, cells: &[Cell], columns: Range<usize>) {
        if row.is_none() {
            self.at = Some((None, 0));
        }
        let mut column = columns.start;
        while column < columns.end {
            column += self.cell(row, cells, column);
        }
    }

    /// Draws a cell and returns how many columns it takes.
    fn cell(&mut self, row: Option<usize>, cells: &[Cell], column: usize) -> usize {
        let cell = &cells[column];
        let is_half = is_first_half(cells, column);
        let is_wide = cell.flags.contains(Flags::WIDE_CHAR) && !is_half;
        self.go(row, column);
        // the column that a wide character found too narrow is none that the gate reads
        let is_unused = is_second_half(cells, column);
        self.look(if is_unused { Look::default() } else { Look::of(cell) });
        let columns = 1 + usize::from(is_wide);
        if cell.c == '\t' || is_half {
            // a tab stands in its first cell, and half a character shows nothing
            self.text.push(' ');
            self.advance(row, column + 1, cells.len());
            return 1;
        }
        let further = cell.zerowidth().unwrap_or_default();
        let is_agreed = further.is_empty() && is_agreed(cell.c);
        if !is_agreed && is_wide {
            // a terminal that takes it for narrow leaves the second half as it is
            self.text.push_str("\u{1b}[2X");
        }
        self.text.push(cell.c);
        self.text.extend(further.iter().filter(|character| !is_direction(**character)));
        if is_agreed {
            self.advance(row, column + columns, cells.len());
        } else {
            (self.at, self.is_full) = (None, false);
        }
        columns
    }

    fn advance(&mut self, row: Option<usize>, column: usize, width: usize) {
        self.is_full = column == width;
        self.at = (!self.is_full).then_some((row, column));
    }

    /// Tells whether what is written next begins another row by itself.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// Makes everything blank from a column to the end of its row.
    pub(super) fn clear_from(&mut self, row: usize, column: usize) {
        self.go(Some(row), column);
        self.look(Look::default());
        self.text.push_str("\u{1b}[K");
    }

    /// Scrolls a screen of this height up by some rows.
    pub(super) fn scroll(&mut self, height: usize, count: usize) {
        self.look(Look::default());
        let _never_fails = write!(self.text, "\u{1b}[{height};1H{}", "\n".repeat(count));
        self.at = Some((Some(height - 1), 0));
    }

    /// Returns what was written; no look of it lasts.
    pub(super) fn finish(mut self) -> String {
        self.look(Look::default());
        self.text
    }

    fn go(&mut self, row: Option<usize>, column: usize) {
        if self.at != Some((row, column)) {
            let _never_fails = match row {
                Some(row) => write!(self.text, "\u{1b}[{};{}H", row + 1, column + 1),
                None => write!(self.text, "\u{1b}[{}G", column + 1),
            };
        }
    }

    fn look(&mut self, look: Look) {
        if look != self.look {
            self.look = look;
            self.text.push_str(&look.sgr());
        }
    }
}

/// Tells whether all terminals agree how wide a character is: ASCII, frames, and the great scripts of East Asia.
fn is_agreed(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{2500}'..='\u{259f}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}'
        | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}')
}

/// Tells whether a character changes the direction of what stands beside it.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
