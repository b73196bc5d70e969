//! The screen of a pane in a terminal that may be too small for it.

use std::fmt::Write;
use std::ops::Range;
use std::time::Instant;

use alacritty_terminal::index::Line;
use alacritty_terminal::term::TermMode;

use cafleet_domain::screen::Screen;

use super::replay::RESET;
use super::{Change, Drawing, Size, Terminal, paint};

/// Modes by which keys and pastes of a viewer are told to the program, and the sequences that set them. The mouse is not
/// among them: its places would be wrong.
const KEY_MODES: [(TermMode, &str); 2] =
    [(TermMode::APP_CURSOR, "\u{1b}[?1"), (TermMode::BRACKETED_PASTE, "\u{1b}[?2004")];

/// Follows what a pane shows, so that a part of it can be drawn.
pub struct Mirror {
    terminal: Terminal,
}

impl Mirror {
    /// Begins with a snapshot of a pane of this size.
    #[must_use]
    pub fn new(columns: u16, rows: u16, drawing: &[u8]) -> Self {
        let mut mirror = Self { terminal: Terminal::new(Size { columns, rows }) };
        mirror.feed(drawing);
        mirror
    }

    /// Takes what the program has drawn since.
    pub fn feed(&mut self, bytes: &[u8]) {
        // whom the program asked has answered it
        let _said_already = self.terminal.feed(bytes);
    }

    /// Tells whether all of the pane has room in a terminal of this size.
    #[must_use]
    pub fn fits(&self, columns: u16, rows: u16) -> bool {
        let Size { columns: width, rows: height } = self.terminal.size();
        width <= columns && height <= rows
    }

    /// Returns what draws all of the pane.
    pub fn whole(&mut self) -> Drawing {
        self.terminal.drawing()
    }

    /// Returns what changes the whole that was drawn last into what is shown now.
    pub fn changes(&mut self) -> Vec<u8> {
        match self.terminal.changes() {
            Change::Nothing => Vec::new(),
            Change::Update(bytes) => bytes,
            Change::Everything => self.whole().screen,
        }
    }

    /// Returns the screen as the gate reads it.
    #[must_use]
    pub fn screen(&self) -> Screen {
        self.terminal.screen()
    }

    /// Returns when an update must show that the program has begun and not ended.
    #[must_use]
    pub fn update_ends(&self) -> Option<Instant> {
        self.terminal.update_ends()
    }

    /// Lets an update show that has taken longer than it may.
    pub fn settle(&mut self, now: Instant) {
        let _said_already = self.terminal.settle(now);
    }

    /// Returns what makes a terminal in any state ready for [`Mirror::part`].
    #[must_use]
    pub fn ready() -> Vec<u8> {
        format!("{RESET}\u{1b}[H\u{1b}[2J").into_bytes()
    }

    /// Returns what draws, in a terminal of this size, the end of what the pane shows, or where its cursor is.
    #[must_use]
    pub fn part(&self, columns: u16, rows: u16) -> Vec<u8> {
        let (grid, mode) = (self.terminal.term.grid(), self.terminal.term.mode());
        let (left, top) = self.corner(usize::from(columns), usize::from(rows));
        let shown = left..(left + usize::from(columns)).min(usize::from(self.terminal.size().columns));
        // drawn at once where the terminal can
        let mut text = "\u{1b}[?2026h\u{1b}[?25l".to_owned();
        for row in 0..usize::from(rows) {
            let _never_fails = write!(text, "\u{1b}[{};1H\u{1b}[0m\u{1b}[2K", row + 1);
            if let Some(line) = self.line(top + row) {
                paint::part(&mut text, grid, line, shown.clone());
            }
        }
        for (flag, sequence) in KEY_MODES {
            text.push_str(sequence);
            text.push(if mode.contains(flag) { 'h' } else { 'l' });
        }
        text.push_str(if mode.contains(TermMode::APP_KEYPAD) { "\u{1b}=" } else { "\u{1b}>" });
        if let Some((column, row)) = self.cursor() {
            let _never_fails = write!(text, "\u{1b}[0m\u{1b}[{};{}H\u{1b}[?25h", row - top + 1, column - left + 1);
        }
        text.push_str("\u{1b}[?2026l");
        text.into_bytes()
    }

    /// Returns the first column and the first row of the part.
    fn corner(&self, columns: usize, rows: usize) -> (usize, usize) {
        let grid = self.terminal.term.grid();
        let is_shown =
            |row: &usize| self.line(*row).is_some_and(|line| !paint::plain(grid, line, 0).trim_end().is_empty());
        let used = (0..usize::from(self.terminal.size().rows)).rev().find(is_shown).map_or(0, |last| last + 1);
        let end = used.saturating_sub(rows);
        let Some((column, row)) = self.cursor() else { return (0, end) };
        ((column + 1).saturating_sub(columns), end.min(row).max((row + 1).saturating_sub(rows)))
    }

    /// Returns the column and the row of the cursor; none where it is hidden.
    fn cursor(&self) -> Option<(usize, usize)> {
        let point = self.terminal.term.grid().cursor.point;
        let is_shown = self.terminal.term.mode().contains(TermMode::SHOW_CURSOR);
        is_shown.then(|| (point.column.0, usize::try_from(point.line.0).unwrap_or_default()))
    }

    fn line(&self, row: usize) -> Option<Line> {
        let rows: Range<usize> = 0..usize::from(self.terminal.size().rows);
        rows.contains(&row).then(|| Line(i32::try_from(row).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what a terminal shows, and where its cursor is.
    fn text(viewer: &Terminal) -> (String, (usize, usize)) {
        let screen = viewer.screen();
        let rows = screen.rows.iter().map(|row| row.spans.iter().map(|span| span.text.as_str()).collect::<String>());
        let text = rows.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
        (text.trim_end().to_owned(), (screen.cursor_column, screen.cursor_row))
    }

    /// The same of a terminal of a size, after a part was drawn in it.
    fn shown(mirror: &Mirror, columns: u16, rows: u16) -> (String, (usize, usize)) {
        let mut viewer = Terminal::new(Size { columns, rows });
        viewer.feed("what was there before ".repeat(50).as_bytes());
        viewer.feed(&Mirror::ready());
        viewer.feed(&mirror.part(columns, rows));
        text(&viewer)
    }

    #[test]
    fn the_end_of_what_is_shown_is_seen_with_the_cursor() {
        let mirror = Mirror::new(20, 10, b"\x1b[H1\r\n2\r\n3\r\n4\r\n> 5\r\n6\x1b[5;4H");
        assert_eq!(shown(&mirror, 10, 3), ("4\n> 5\n6".to_owned(), (3, 1)));
        let mirror = Mirror::new(20, 10, b"\x1b[H1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;2H");
        assert_eq!(shown(&mirror, 10, 3), ("2\n3\n4".to_owned(), (1, 0)));
        let mirror = Mirror::new(20, 10, b"\x1b[H1\r\n2\x1b[9;1H");
        assert_eq!(shown(&mirror, 10, 3).1, (0, 2), "below all that is shown");
    }

    #[test]
    fn columns_beyond_the_edge_are_cut_and_no_character_is_halved() {
        let mirror = Mirror::new(20, 10, "\x1b[Habcd世界efgh\r\n\x1b[31mred and more\x1b[m\x1b[?25l".as_bytes());
        assert_eq!(shown(&mirror, 5, 3).0, "abcd\nred a");
        assert_eq!(shown(&mirror, 6, 3).0, "abcd世\nred an");
        let mirror = Mirror::new(20, 10, "\x1b[H世bcdef".as_bytes());
        assert_eq!(shown(&mirror, 7, 3), (" bcdef".to_owned(), (6, 0)));
    }

    #[test]
    fn a_hidden_cursor_stays_hidden_and_keys_mean_what_they_do_there() {
        let mirror = Mirror::new(20, 10, b"\x1b[H1\x1b[?25l\x1b[?1h\x1b[?2004h\x1b[?1000h");
        let drawn = String::from_utf8(mirror.part(10, 3)).expect("UTF-8");
        assert!(!drawn.contains("\u{1b}[?25h") && drawn.contains("\u{1b}[?1h\u{1b}[?2004h"), "{drawn:?}");
        assert!(!drawn.contains("?1000h"), "{drawn:?}");
    }

    #[test]
    fn an_update_that_is_not_ended_shows_when_its_time_is_over() {
        let mut mirror = Mirror::new(20, 10, b"\x1b[H1\x1b[?2026h2");
        assert_eq!(shown(&mirror, 10, 3).0, "1");
        let end = mirror.update_ends().expect("it has begun");
        mirror.settle(end);
        assert_eq!(shown(&mirror, 10, 3).0, "12");
        mirror.feed(b"\x1b[?2026h3");
        mirror.settle(mirror.update_ends().expect("it has begun"));
        assert!(String::from_utf8(mirror.whole().screen).expect("UTF-8").contains("123"));
    }

    #[test]
    fn all_of_it_is_drawn_where_it_fits() {
        let mut mirror = Mirror::new(20, 10, b"\x1b[Hone\r\ntwo");
        assert!(mirror.fits(20, 10) && !mirror.fits(19, 10) && !mirror.fits(20, 9));
        let mut viewer = Terminal::new(Size { columns: 30, rows: 12 });
        viewer.feed(&mirror.part(10, 3));
        viewer.feed(&mirror.whole().screen);
        assert_eq!(text(&viewer).0, "one\ntwo");
    }
}
