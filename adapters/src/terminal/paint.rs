//! Turns cells into text: with SGR sequences, and as the domain's rows.

use std::fmt::Write;
use std::ops::Range;

use alacritty_terminal::grid::{Dimensions, Grid};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{Color, NamedColor};
use cafleet_domain::screen::{Row, Span};

/// What a cell looks like, apart from its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    flags: Flags,
    foreground: Color,
    background: Color,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            flags: Flags::empty(),
            foreground: Color::Named(NamedColor::Foreground),
            background: Color::Named(NamedColor::Background),
        }
    }
}

impl Look {
    pub(super) fn of(cell: &Cell) -> Self {
        let layout = Flags::WRAPLINE | Flags::WIDE_CHAR | Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER;
        Self { flags: cell.flags.difference(layout), foreground: cell.fg, background: cell.bg }
    }

    /// Returns the SGR sequence (ECMA-48, 8.3.117) that gives exactly this look.
    pub(super) fn sgr(&self) -> String {
        let mut sequence = "\u{1b}[0".to_owned();
        for (flag, code) in [
            (Flags::BOLD, "1"),
            (Flags::DIM, "2"),
            (Flags::ITALIC, "3"),
            (Flags::UNDERLINE, "4"),
            (Flags::DOUBLE_UNDERLINE, "4:2"),
            (Flags::UNDERCURL, "4:3"),
            (Flags::DOTTED_UNDERLINE, "4:4"),
            (Flags::DASHED_UNDERLINE, "4:5"),
            (Flags::INVERSE, "7"),
            (Flags::HIDDEN, "8"),
            (Flags::STRIKEOUT, "9"),
        ] {
            if self.flags.contains(flag) {
                sequence.push(';');
                sequence.push_str(code);
            }
        }
        for code in [colour(self.foreground, 30), colour(self.background, 40)].into_iter().flatten() {
            sequence.push(';');
            sequence.push_str(&code);
        }
        sequence.push('m');
        sequence
    }
}

/// Returns the SGR parameters of a colour; none for the default. `base` is 30 for the foreground, 40 for the background.
fn colour(colour: Color, base: usize) -> Option<String> {
    match colour {
        Color::Named(named) => match named as usize {
            index @ 0..=7 => Some((base + index).to_string()),
            index @ 8..=15 => Some((base + 60 + index - 8).to_string()),
            _ => None,
        },
        Color::Indexed(index) => Some(format!("{};5;{index}", base + 8)),
        Color::Spec(rgb) => Some(format!("{};2;{};{};{}", base + 8, rgb.r, rgb.g, rgb.b)),
    }
}

/// Tells whether a cell shows anything.
pub(super) fn is_blank(cell: &Cell) -> bool {
    matches!(cell.c, ' ' | '\t')
        && cell.bg == Color::Named(NamedColor::Background)
        && !cell.flags.intersects(Flags::INVERSE | Flags::ALL_UNDERLINES | Flags::STRIKEOUT | Flags::WIDE_CHAR_SPACER)
}

/// Returns the cells of a row that hold a character of their own, up to the last that shows anything, but at least
/// `least` columns.
pub(super) fn cells(grid: &Grid<Cell>, line: Line, least: usize) -> impl Iterator<Item = (&Cell, bool)> {
    let row = &grid[line];
    let shown = (0..grid.columns()).rev().find(|&column| !is_blank(&row[Column(column)])).map_or(0, |last| last + 1);
    (0..shown.max(least))
        .filter(move |&column| !is_second_half(&row[..], column))
        .map(move |column| (&row[Column(column)], is_first_half(&row[..], column)))
}

/// Tells whether a column belongs to the character before it, or was left over because the next one did not fit. What is
/// left of a character whose other half was overwritten is a blank like any other.
pub(super) fn is_second_half(row: &[Cell], column: usize) -> bool {
    let flags = row[column].flags;
    flags.contains(Flags::WIDE_CHAR_SPACER) && column > 0 && row[column - 1].flags.contains(Flags::WIDE_CHAR)
        || flags.contains(Flags::LEADING_WIDE_CHAR_SPACER) && column + 1 == row.len()
}

/// Tells whether a column holds a character of two columns of which the second was overwritten.
pub(super) fn is_first_half(row: &[Cell], column: usize) -> bool {
    row[column].flags.contains(Flags::WIDE_CHAR)
        && row.get(column + 1).is_none_or(|next| !next.flags.contains(Flags::WIDE_CHAR_SPACER))
}

/// Appends a cell's character; a tab stands in its first cell and shows a blank, as half a character does.
fn push(text: &mut String, cell: &Cell, is_half: bool) {
    if cell.c == '\t' || is_half {
        return text.push(' ');
    }
    text.push(cell.c);
    text.extend(cell.zerowidth().unwrap_or_default());
}

/// Returns the characters of a row, with blanks up to `least` columns.
pub(super) fn plain(grid: &Grid<Cell>, line: Line, least: usize) -> String {
    let mut text = String::new();
    cells(grid, line, least).for_each(|(cell, is_half)| push(&mut text, cell, is_half));
    text
}

/// Appends the characters of a row with the sequences that change `look` to theirs.
pub(super) fn styled(text: &mut String, grid: &Grid<Cell>, line: Line, least: usize, look: &mut Look) {
    for (cell, is_half) in cells(grid, line, least) {
        let next = Look::of(cell);
        if next != *look {
            *look = next;
            let _never_fails = write!(text, "{}", look.sgr());
        }
        push(text, cell, is_half);
    }
}

/// Appends what stands in some columns of a row, with sequences for its look; a character of which half is outside shows as
/// blank.
pub(super) fn part(text: &mut String, grid: &Grid<Cell>, line: Line, columns: Range<usize>) {
    let mut look = Look::default();
    for column in columns.clone() {
        let cell = &grid[line][Column(column)];
        let next = Look::of(cell);
        if next != look {
            look = next;
            text.push_str(&look.sgr());
        }
        let is_wide = cell.flags.contains(Flags::WIDE_CHAR);
        let is_second_half = is_second_half(&grid[line][..], column);
        if is_wide && column + 1 == columns.end || is_second_half && column == columns.start {
            text.push(' ');
        } else if !is_second_half {
            push(text, cell, is_first_half(&grid[line][..], column));
        }
    }
}

/// Returns a row as the domain reads it.
pub(super) fn row(grid: &Grid<Cell>, line: Line) -> Row {
    let mut spans: Vec<Span> = Vec::new();
    for (cell, is_half) in cells(grid, line, 0) {
        let dim = cell.flags.contains(Flags::DIM);
        let reverse = cell.flags.contains(Flags::INVERSE);
        let foreground = colour(cell.fg, 30);
        match spans.last_mut() {
            Some(span) if (span.dim, span.reverse, &span.foreground) == (dim, reverse, &foreground) => {
                push(&mut span.text, cell, is_half);
            }
            _ => {
                let mut text = String::new();
                push(&mut text, cell, is_half);
                spans.push(Span { text, dim, reverse, foreground });
            }
        }
    }
    Row { spans }
}
