//! Draws a screen again for the process that takes over: all that the model holds, in a terminal of the same kind.

use std::fmt::Write;

use alacritty_terminal::grid::{Dimensions, Grid};
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::{Cell, Flags};
use cafleet_domain::text::printable;

use super::Terminal;
use super::paint::{self, Look};

/// Brings any terminal into the state in which a picture begins: main screen, nothing set.
pub(crate) const RESET: &str = "\u{1b}[?1049l\u{1b}[!p\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1004l\u{1b}[?1005l\
    \u{1b}[?1006l\u{1b}[?1007l\u{1b}[?2004l\u{1b}[?2026l\u{1b}[?1l\u{1b}[?6l\u{1b}[?7h\u{1b}[?25h\u{1b}[4l\u{1b}[20l\u{1b}>\u{1b}(B\u{f}\
    \u{1b}[r\u{1b}[0m";

/// Modes, the sequences that set them, and whether they are set in a fresh terminal.
const MODES: [(TermMode, &str, bool); 15] = [
    (TermMode::SHOW_CURSOR, "\u{1b}[?25", true),
    (TermMode::LINE_WRAP, "\u{1b}[?7", true),
    (TermMode::ALTERNATE_SCROLL, "\u{1b}[?1007", false),
    (TermMode::APP_CURSOR, "\u{1b}[?1", false),
    (TermMode::MOUSE_REPORT_CLICK, "\u{1b}[?1000", false),
    (TermMode::MOUSE_DRAG, "\u{1b}[?1002", false),
    (TermMode::MOUSE_MOTION, "\u{1b}[?1003", false),
    (TermMode::FOCUS_IN_OUT, "\u{1b}[?1004", false),
    (TermMode::UTF8_MOUSE, "\u{1b}[?1005", false),
    (TermMode::SGR_MOUSE, "\u{1b}[?1006", false),
    (TermMode::BRACKETED_PASTE, "\u{1b}[?2004", false),
    (TermMode::INSERT, "\u{1b}[4", false),
    (TermMode::LINE_FEED_NEW_LINE, "\u{1b}[20", false),
    (TermMode::ORIGIN, "\u{1b}[?6", false),
    (TermMode::URGENCY_HINTS, "\u{1b}[?1042", true),
];

impl Terminal {
    /// Returns what makes a fresh model of the same size hold the same, with the history above the screen and the title.
    pub(crate) fn replay(&mut self) -> Vec<u8> {
        let mut text = RESET.to_owned();
        let is_alternate = self.term.mode().contains(TermMode::ALT_SCREEN);
        if is_alternate {
            // the model shows one screen at a time, and empties the other one when it changes to it
            let alternate = self.term.grid().clone();
            self.term.swap_alt();
            self.draw(&mut text);
            self.term.swap_alt();
            *self.term.grid_mut() = alternate;
            text.push_str("\u{1b}[?1049h");
        }
        self.draw(&mut text);
        let title = self.title();
        if !title.is_empty() {
            let _never_fails = write!(text, "\u{1b}]2;{}\u{1b}\\", printable(&title));
        }
        text.into_bytes()
    }

    /// Draws the screen in front with what is above it, and sets its modes, region and cursor.
    fn draw(&self, text: &mut String) {
        let grid = self.term.grid();
        flow(text, grid, self.lines(grid.history_size()));
        let mode = self.term.mode();
        let region = self.region.as_ref().map(|region| String::from_utf8_lossy(region).into_owned());
        text.push_str(region.as_deref().unwrap_or("\u{1b}[r"));
        for (flag, sequence, default) in MODES {
            if mode.contains(flag) != default {
                text.push_str(sequence);
                text.push(if default { 'l' } else { 'h' });
            }
        }
        text.push_str(if mode.contains(TermMode::APP_KEYPAD) { "\u{1b}=" } else { "\u{1b}>" });
        let top = if mode.contains(TermMode::ORIGIN) { region.as_deref().map_or(1, top_of) } else { 1 };
        for (cursor, is_saved) in [(&grid.saved_cursor, true), (&grid.cursor, false)] {
            let (row, column) = (cursor.point.line.0 + 2 - top, cursor.point.column.0 + 1);
            let _never_fails = write!(text, "\u{1b}[{row};{column}H{}", Look::of(&cursor.template).sgr());
            if is_saved {
                text.push_str("\u{1b}7");
            }
        }
        if grid.cursor.input_needs_wrap {
            redraw_last(text, grid);
        }
    }
}

/// Returns the first row of the region that a sequence sets, from 1.
fn top_of(region: &str) -> i32 {
    let parameters = region.trim_start_matches("\u{1b}[").trim_end_matches('r');
    parameters.split(';').next().and_then(|top| top.parse().ok()).filter(|top| *top > 0).unwrap_or(1)
}

/// Writes the cell in the last column again, behind which the cursor waits to wrap.
fn redraw_last(text: &mut String, grid: &Grid<Cell>) {
    let line = grid.cursor.point.line;
    let last = Column(grid.columns() - 1);
    let is_wide = grid[line][last].flags.contains(Flags::WIDE_CHAR_SPACER);
    let cell = &grid[line][Column(last.0 - usize::from(is_wide))];
    if is_wide {
        text.push_str("\u{1b}[D");
    }
    let look = Look::of(&grid.cursor.template).sgr();
    let _never_fails = write!(text, "{}{}{look}", Look::of(cell).sgr(), cell.c);
}

/// Draws the rows one after the other, so that those that do not fit scroll into the history, and those that were wrapped
/// wrap again.
fn flow(text: &mut String, grid: &Grid<Cell>, lines: impl Iterator<Item = Line>) {
    let last = Column(grid.columns() - 1);
    let (mut is_first, mut wrapped, mut look) = (true, false, Look::default());
    for line in lines {
        if !is_first && !wrapped {
            // what a line feed scrolls in is drawn in the present look
            look = Look::default();
            text.push_str("\u{1b}[0m\r\n");
        }
        // a row goes on in the next one only if something comes there
        let least = usize::from(wrapped);
        wrapped = grid[line][last].flags.contains(Flags::WRAPLINE);
        let least = if wrapped { grid.columns() } else { least };
        paint::styled(text, grid, line, least, &mut look);
        is_first = false;
    }
    text.push_str("\u{1b}[0m");
}
