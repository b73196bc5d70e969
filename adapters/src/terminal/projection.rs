//! What viewers are told of a screen: a picture, and then what changes it into the next one.
//!
//! Nothing that the program wrote is handed on. All that viewers read is made of the model, with few sequences that
//! every terminal knows: so they show what the model holds, which is what the gate reads, and no program reaches
//! anything else of their terminals.

use std::fmt::Write;

use alacritty_terminal::grid::{Dimensions, Grid};
use alacritty_terminal::index::Line;
use alacritty_terminal::term::TermMode;
use alacritty_terminal::term::cell::{Cell, Flags};
use alacritty_terminal::vte::ansi::{CursorShape, CursorStyle};

use super::paint::{Look, is_blank};
use super::pen::Pen;
use super::replay::RESET;
use super::{HISTORY, KEPT, Terminal};

/// The most that is told of what is above the screen.
const LONGEST_HISTORY: usize = 1024 * 1024;

/// Modes of the model that change what a viewer's terminal shows or sends, and the sequences that set them. The mouse's come
/// in the order in which a terminal takes the last one.
const MODES: [(TermMode, &str); 10] = [
    (TermMode::SHOW_CURSOR, "\u{1b}[?25"),
    (TermMode::APP_CURSOR, "\u{1b}[?1"),
    (TermMode::MOUSE_REPORT_CLICK, "\u{1b}[?1000"),
    (TermMode::MOUSE_DRAG, "\u{1b}[?1002"),
    (TermMode::MOUSE_MOTION, "\u{1b}[?1003"),
    (TermMode::FOCUS_IN_OUT, "\u{1b}[?1004"),
    (TermMode::UTF8_MOUSE, "\u{1b}[?1005"),
    (TermMode::SGR_MOUSE, "\u{1b}[?1006"),
    (TermMode::ALTERNATE_SCROLL, "\u{1b}[?1007"),
    (TermMode::BRACKETED_PASTE, "\u{1b}[?2004"),
];

/// All that is shown of a pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// What makes an empty terminal of the pane's size have above its screen what the pane has, to be written before the
    /// rest; empty when there is nothing.
    pub history: Vec<u8>,
    /// What makes a terminal of the pane's size, whatever it showed, show what the pane does, in the same modes.
    pub screen: Vec<u8>,
}

/// What has become of a screen since viewers were told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing that they would see.
    Nothing,
    /// What they must read.
    Update(Vec<u8>),
    /// So much that they need a new picture.
    Everything,
}

/// What viewers have been told.
pub(super) struct Told {
    rows: Vec<Vec<Cell>>,
    /// How many rows were above them.
    history: usize,
    cursor: (usize, usize),
    style: CursorStyle,
    mode: TermMode,
}

impl Terminal {
    /// Draws everything, and remembers that viewers were told of it.
    pub(crate) fn drawing(&mut self) -> Drawing {
        let mode = *self.term.mode();
        let mut pen = Pen::default();
        for row in 0..self.size.screen_lines() {
            draw_row(&mut pen, row, self.row(row), None);
        }
        let screen = if mode.contains(TermMode::ALT_SCREEN) { "\u{1b}[?1049h" } else { "" };
        let mut text = format!("{RESET}{screen}\u{1b}[H\u{1b}[2J{}", pen.finish());
        set_modes(&mut text, TermMode::SHOW_CURSOR, mode);
        text.push_str(style_of(self.term.cursor_style()));
        let cursor = self.cursor();
        let _never_fails = write!(text, "\u{1b}[{};{}H", cursor.0 + 1, cursor.1 + 1);
        let history = self.history();
        self.told = Some(self.now());
        Drawing { history: history.into_bytes(), screen: text.into_bytes() }
    }

    /// Returns what changes what viewers were told into what is shown now, and remembers that they were told of it.
    pub(crate) fn changes(&mut self) -> Change {
        let Some(told) = self.told.take() else { return Change::Everything };
        let (mode, history) = (*self.term.mode(), self.term.grid().history_size());
        let is_another = (told.mode ^ mode).contains(TermMode::ALT_SCREEN)
            || told.rows.len() != self.size.screen_lines()
            || told.rows.first().is_some_and(|row| row.len() != self.size.columns());
        if is_another || history < told.history {
            return Change::Everything;
        }
        let mut text = self.update(told, mode, history);
        if self.listener.take_bell() {
            text.push('\u{7}');
        }
        // so that rows which will be pushed there can be counted
        let grid = self.term.grid_mut();
        if grid.history_size() > HISTORY {
            grid.update_history(HISTORY);
            grid.update_history(KEPT);
        }
        self.told = Some(self.now());
        if text.is_empty() { Change::Nothing } else { Change::Update(text.into_bytes()) }
    }

    fn update(&self, mut told: Told, mode: TermMode, history: usize) -> String {
        let mut pen = Pen::default();
        self.scroll(&mut pen, &mut told.rows, history - told.history);
        for (row, old) in told.rows.iter().enumerate() {
            draw_row(&mut pen, row, self.row(row), Some(old));
        }
        let mut text = pen.finish();
        let is_drawn = !text.is_empty();
        set_modes(&mut text, told.mode, mode);
        let style = self.term.cursor_style();
        if style != told.style {
            text.push_str(style_of(style));
        }
        let cursor = self.cursor();
        if is_drawn || cursor != told.cursor {
            let _never_fails = write!(text, "\u{1b}[{};{}H", cursor.0 + 1, cursor.1 + 1);
        }
        // where a terminal can, it draws all of it at once
        if is_drawn { format!("\u{1b}[?2026h{text}\u{1b}[?2026l") } else { text }
    }

    /// Scrolls rows up that are above the screen now: each of them stands there as it is.
    fn scroll(&self, pen: &mut Pen, rows: &mut Vec<Vec<Cell>>, count: usize) {
        let (grid, height) = (self.term.grid(), rows.len());
        let mut left = count;
        while left > 0 {
            let step = left.min(height);
            for (row, old) in rows.iter().enumerate().take(step) {
                let above = i32::try_from(left - row).unwrap_or_default();
                draw_row(pen, row, &grid[Line(-above)][..], Some(old));
            }
            pen.scroll(height, step);
            rows.drain(..step);
            rows.resize(height, vec![Cell::default(); self.size.columns()]);
            left -= step;
        }
    }

    /// Returns what draws the rows above the screen, and scrolls them there.
    fn history(&self) -> String {
        let grid = self.term.grid();
        let mut lines: Vec<String> = Vec::new();
        let (mut is_wrapped, mut length) = (false, 0);
        for line in (1..=grid.history_size().min(HISTORY)).rev().map(|above| Line(-i32::try_from(above).unwrap_or(1))) {
            let row = &grid[line][..];
            let drawn = flowing(row);
            match lines.last_mut() {
                Some(last) if is_wrapped => last.push_str(&drawn.0),
                _ => lines.push(drawn.0),
            }
            is_wrapped = drawn.1;
        }
        let kept = lines.iter().rev().take_while(|line| {
            length += line.len() + 2;
            length <= LONGEST_HISTORY
        });
        let kept = &lines[lines.len() - kept.count()..];
        if kept.is_empty() {
            return String::new();
        }
        kept.join("\r\n") + &"\r\n".repeat(self.size.screen_lines())
    }

    fn row(&self, row: usize) -> &[Cell] {
        &self.term.grid()[Line(i32::try_from(row).unwrap_or_default())][..]
    }

    /// Returns row and column of the cursor.
    fn cursor(&self) -> (usize, usize) {
        let point = self.term.grid().cursor.point;
        (usize::try_from(point.line.0).unwrap_or_default(), point.column.0)
    }

    fn now(&self) -> Told {
        let grid: &Grid<Cell> = self.term.grid();
        Told {
            rows: (0..self.size.screen_lines()).map(|row| self.row(row).to_vec()).collect(),
            history: grid.history_size(),
            cursor: self.cursor(),
            style: self.term.cursor_style(),
            mode: *self.term.mode(),
        }
    }
}

/// Draws what differs between a row and what stands there; all of it where nothing does.
fn draw_row(pen: &mut Pen, row: usize, new: &[Cell], old: Option<&[Cell]>) {
    let blank = Cell::default();
    let old_cell = |column: usize| old.map_or(&blank, |old| &old[column]);
    let differs = |column: &usize| !is_same(&new[*column], old_cell(*column));
    let Some(mut first) = (0..new.len()).find(differs) else { return };
    let mut last = (first..new.len()).rev().find(differs).unwrap_or(first);
    // no character is halved, neither of those that come nor of those that go
    let has = |flag: Flags, column: usize| (new[column].flags | old_cell(column).flags).contains(flag);
    while first > 0 && has(Flags::WIDE_CHAR_SPACER, first) {
        first -= 1;
    }
    while last + 1 < new.len() && has(Flags::WIDE_CHAR, last) {
        last += 1;
    }
    let shown = shown(new);
    pen.cells(Some(row), new, first..(last + 1).min(shown));
    if last >= shown {
        pen.clear_from(row, first.max(shown));
    }
}

/// Draws a row where the cursor stands, and tells whether what follows it continues in the next one by itself.
fn flowing(row: &[Cell]) -> (String, bool) {
    let is_wrapped = row.last().is_some_and(|cell| cell.flags.contains(Flags::WRAPLINE));
    let mut pen = Pen::default();
    pen.cells(None, row, 0..if is_wrapped { row.len() } else { shown(row) });
    let wraps = is_wrapped && pen.is_full();
    (pen.finish(), wraps)
}

/// Returns how many columns of a row hold something; what follows is as if it had been cleared.
fn shown(row: &[Cell]) -> usize {
    row.iter().rposition(|cell| !is_blank(cell) || cell.zerowidth().is_some()).map_or(0, |last| last + 1)
}

/// Tells whether two cells look the same.
fn is_same(one: &Cell, other: &Cell) -> bool {
    let layout = Flags::WIDE_CHAR | Flags::WIDE_CHAR_SPACER | Flags::LEADING_WIDE_CHAR_SPACER;
    one.c == other.c
        && Look::of(one) == Look::of(other)
        && one.flags.intersection(layout) == other.flags.intersection(layout)
        && one.zerowidth() == other.zerowidth()
}

/// Sets modes as they are now.
fn set_modes(text: &mut String, before: TermMode, now: TermMode) {
    for is_set in [false, true] {
        for (mode, sequence) in MODES {
            if now.contains(mode) == is_set && before.contains(mode) != is_set {
                text.push_str(sequence);
                text.push(if is_set { 'h' } else { 'l' });
            }
        }
    }
    if (before ^ now).contains(TermMode::APP_KEYPAD) {
        text.push_str(if now.contains(TermMode::APP_KEYPAD) { "\u{1b}=" } else { "\u{1b}>" });
    }
}

/// Returns the sequence for a shape of the cursor (DECSCUSR); that of whoever watches where the program chose none.
fn style_of(style: CursorStyle) -> &'static str {
    match (style.shape, style.blinking) {
        (CursorShape::Underline, true) => "\u{1b}[3 q",
        (CursorShape::Underline, false) => "\u{1b}[4 q",
        (CursorShape::Beam, true) => "\u{1b}[5 q",
        (CursorShape::Beam, false) => "\u{1b}[6 q",
        (_, true) => "\u{1b}[1 q",
        (_, false) => "\u{1b}[0 q",
    }
}
