//! What a pane's program has drawn: the screen model and its guards.
//!
//! The model is `alacritty_terminal`. Around it: [`guard`] bounds what it can be made to hold, [`queries`] answers what it does not,
//! [`paint`] and [`replay`] read it, [`projection`] tells viewers of it, [`Mirror`] shows a part of it, and a panic in it costs the screen, not the daemon.

mod guard;
mod listener;
mod mirror;
mod paint;
mod pen;
mod projection;
mod queries;
mod replay;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::Line;
use alacritty_terminal::term::{Config, Osc52, Term, TermMode};
use alacritty_terminal::vte::ansi::Processor;
use cafleet_domain::ports::{EnterCondition, TypingCondition};
use cafleet_domain::screen::Screen;
use cafleet_domain::text::one_line;

use guard::{Guard, Token};
use listener::Listener;
pub use mirror::Mirror;
pub(super) use projection::Change;
pub use projection::Drawing;
use projection::Told;

/// How many rows above the screen are told of.
const HISTORY: usize = 2_000;

/// How many are kept, so that what is pushed there between two looks can be counted. 100 full panes of 120 columns then
/// take about 740 MB.
const KEPT: usize = HISTORY + 500;

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// Columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: u16,
    pub(super) rows: u16,
}

impl Size {
    /// What a pane has before anybody is attached.
    pub(super) const DEFAULT: Self = Self { columns: 120, rows: 40 };

    /// Returns the nearest size that a pane may have: agents need 40 by 10, and with one column the model grows without
    /// bound.
    pub(super) fn within_bounds(self) -> Self {
        Self { columns: self.columns.clamp(40, 1_000), rows: self.rows.clamp(10, 500) }
    }
}

impl Dimensions for Size {
    fn total_lines(&self) -> usize {
        self.screen_lines()
    }

    fn screen_lines(&self) -> usize {
        usize::from(self.rows)
    }

    fn columns(&self) -> usize {
        usize::from(self.columns)
    }
}

/// What became of a piece of output.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fed {
    /// What the program is to be answered.
    pub(super) answers: Vec<u8>,
    /// The model failed and starts again with an empty screen; the program has to draw it again.
    pub(super) lost: bool,
}

/// The screen of a pane.
pub(super) struct Terminal {
    size: Size,
    term: Term<Listener>,
    parser: Processor,
    guard: Guard,
    listener: Listener,
    /// The sequence that set the scrolling region, which the model does not tell.
    region: Option<Vec<u8>>,
    /// What viewers were told; none when they need a picture.
    told: Option<Told>,
}

impl Terminal {
    pub(super) fn new(size: Size) -> Self {
        let listener = Listener::default();
        let config = Config { scrolling_history: KEPT, osc52: Osc52::Disabled, ..Config::default() };
        let term = Term::new(config, &size, listener.clone());
        Self { size, term, parser: Processor::new(), guard: Guard::default(), listener, region: None, told: None }
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// Takes a piece of the program's output.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Fed {
        self.surviving(|terminal| terminal.take(bytes))
    }

    /// Ends a synchronized update that has taken longer than it may. Until then the screen from before it shows.
    pub(super) fn settle(&mut self, now: Instant) -> Fed {
        if self.update_ends().is_none_or(|end| end > now) { Fed::default() } else { self.end_update() }
    }

    /// Ends a synchronized update, if there is one.
    pub(super) fn end_update(&mut self) -> Fed {
        self.surviving(|terminal| {
            terminal.parser.stop_sync(&mut terminal.term);
            terminal.fed()
        })
    }

    /// Returns when a synchronized update must end that the program has begun.
    pub(super) fn update_ends(&self) -> Option<Instant> {
        self.parser.sync_timeout().sync_timeout()
    }

    pub(super) fn resize(&mut self, size: Size) {
        (self.region, self.told) = (None, None);
        let fed = self.surviving(|terminal| {
            terminal.term.resize(size);
            Fed::default()
        });
        self.size = size;
        if fed.lost {
            *self = Self::new(size);
        }
    }

    /// Runs a step of the model; one that panics leaves an empty screen.
    fn surviving(&mut self, step: impl FnOnce(&mut Self) -> Fed) -> Fed {
        match catch_unwind(AssertUnwindSafe(|| step(self))) {
            Ok(fed) => fed,
            Err(_) => {
                *self = Self::new(self.size);
                Fed { lost: true, ..Fed::default() }
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Fed {
        let (mut guard, mut model) = (std::mem::take(&mut self.guard), Vec::new());
        guard.feed(bytes, |token| {
            let (Token::Text(bytes) | Token::Escape(bytes) | Token::Csi(bytes) | Token::Framed(_, bytes)) = token;
            if queries::is_for_the_model(token) {
                model.extend_from_slice(bytes);
            }
            if let Some(answer) = queries::answer(token) {
                // in the order of the questions
                self.parser.advance(&mut self.term, &std::mem::take(&mut model));
                self.listener.answer(answer);
            }
            self.note_region(token);
        });
        self.guard = guard;
        self.parser.advance(&mut self.term, &model);
        self.fed()
    }

    fn fed(&self) -> Fed {
        Fed { answers: self.listener.take_answers(self.size, self.term.colors()), lost: false }
    }

    fn note_region(&mut self, token: Token<'_>) {
        match token {
            Token::Csi([_, _, parameters @ .., b'r'])
                if parameters.iter().all(|byte| byte.is_ascii_digit() || *byte == b';') =>
            {
                self.region = Some([b"\x1b[", parameters, b"r"].concat());
            }
            Token::Escape(b"\x1bc") => self.region = None,
            _ => {}
        }
    }

    /// Returns the screen as the domain reads it.
    pub(super) fn screen(&self) -> Screen {
        let (grid, cursor) = (self.term.grid(), self.term.grid().cursor.point);
        Screen {
            rows: self.lines(0).map(|line| paint::row(grid, line)).collect(),
            width: self.size.columns(),
            cursor_column: cursor.column.0,
            cursor_row: usize::try_from(cursor.line.0).unwrap_or_default(),
            title: self.title(),
        }
    }

    /// Returns the title that the program gave itself, as text that can be shown anywhere.
    pub(super) fn title(&self) -> String {
        one_line(&self.listener.title()).chars().take(LONGEST_TITLE).collect()
    }

    /// Returns the last `count` rows of history and screen, without blank ones at the end; with SGR sequences when
    /// `styled`, no look of which lasts beyond the end.
    pub(super) fn tail(&self, count: usize, styled: bool) -> String {
        let grid = self.term.grid();
        let is_blank = |line: &Line| paint::plain(grid, *line, 0).trim_end().is_empty();
        let mut lines: Vec<Line> = self.lines(grid.history_size().min(HISTORY)).collect();
        lines.truncate(lines.iter().rposition(|line| !is_blank(line)).map_or(0, |last| last + 1));
        let lines = &lines[lines.len().saturating_sub(count)..];
        if !styled {
            let rows: Vec<String> = lines.iter().map(|&line| paint::plain(grid, line, 0)).collect();
            return rows.iter().map(|row| row.trim_end()).collect::<Vec<_>>().join("\n");
        }
        let (mut text, mut look) = (String::new(), paint::Look::default());
        for (index, &line) in lines.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            paint::styled(&mut text, grid, line, 0, &mut look);
        }
        if look != paint::Look::default() {
            text.push_str("\u{1b}[0m");
        }
        text
    }

    /// Returns the rows of the screen, each with the sequences that draw it from the default look.
    pub(super) fn styled_rows(&self) -> Vec<String> {
        let draw = |line| {
            let mut text = String::new();
            paint::styled(&mut text, self.term.grid(), line, 0, &mut paint::Look::default());
            text
        };
        self.lines(0).map(draw).collect()
    }

    /// Tells whether the screen meets a condition for Enter. What the program is about to draw in a synchronized update is not
    /// known: within one nothing is met.
    pub(super) fn meets(&self, condition: &EnterCondition) -> bool {
        let EnterCondition { mark, cursor_below, cursor_column, present, absent, untouched: _ } = condition;
        let cursor = self.term.grid().cursor.point;
        let is_at_cursor = |line: Line| {
            cursor_below.is_none_or(|wanted| wanted == cursor.line.0 - line.0)
                && cursor_column.is_none_or(|wanted| wanted == cursor.column.0)
        };
        self.update_ends().is_none()
            && self.row_with(mark).is_some_and(is_at_cursor)
            && self.shows_all_of(present)
            && self.shows_none_of(absent)
    }

    /// Tells whether the screen meets a condition for typing; within a synchronized update only where nothing is asked for.
    pub(super) fn admits(&self, condition: &TypingCondition) -> bool {
        let TypingCondition { cursor, present, absent, untouched: _ } = condition;
        let point = self.term.grid().cursor.point;
        let is_at =
            |&(column, row): &(usize, usize)| (point.column.0, usize::try_from(point.line.0)) == (column, Ok(row));
        *condition == TypingCondition::default()
            || self.update_ends().is_none()
                && cursor.as_ref().is_none_or(is_at)
                && self.shows_all_of(present)
                && self.shows_none_of(absent)
    }

    fn shows_all_of(&self, present: &[String]) -> bool {
        present.iter().all(|text| self.row_with(text).is_some())
    }

    fn shows_none_of(&self, absent: &[String]) -> bool {
        absent.iter().all(|text| self.row_with(text).is_none())
    }

    /// Returns the first row of the screen on which a text stands. A row goes on with blanks for ever.
    fn row_with(&self, text: &str) -> Option<Line> {
        let grid = self.term.grid();
        let columns = self.size.columns();
        self.lines(0).find(|&line| (paint::plain(grid, line, columns) + " ").contains(text))
    }

    /// Tells whether the program asked for pastes to be bracketed.
    pub(super) fn wants_brackets(&self) -> bool {
        self.term.mode().contains(TermMode::BRACKETED_PASTE)
    }

    /// Returns the lines from `history` rows above the screen to its last row.
    fn lines(&self, history: usize) -> impl Iterator<Item = Line> + use<> {
        let above = i32::try_from(history).unwrap_or_default();
        (-above..i32::from(self.size.rows)).map(Line)
    }
}

#[cfg(test)]
mod tests;
