//! The terminal: raw mode, and painting with as few bytes as needed.

use std::io::{self, Stdout, Write};
use std::time::Duration;

use super::style::Style;
use crossterm::cursor::{MoveTo, MoveToColumn, MoveUp};
use crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Attribute, Color, Print, ResetColor, SetAttribute, SetForegroundColor};
use crossterm::terminal::{
    self, Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};

use super::layout::{Look, Row};
use super::transcript::Entry;
use super::view::{Frame, Size};

/// The terminal while the agent has it; given back on drop.
pub(super) struct Terminal {
    out: Stdout,
    style: Style,
    size: Size,
    /// How many entries of the transcript stand above the frame (main screen).
    printed: usize,
    /// The frame that is shown; none before the first and after a change of size.
    shown: Option<Frame>,
    title: String,
}

impl Terminal {
    /// Takes the terminal: raw mode, bracketed paste, and the alternate screen where the program uses it.
    pub(super) fn open(style: Style) -> io::Result<Self> {
        enable_raw_mode()?;
        // From here on a change of size is an event. Layouts change right after a pane opens, so one that comes between
        // this line and the first event must not be missed.
        event::poll(Duration::ZERO)?;
        let mut terminal = Self {
            out: io::stdout(),
            style,
            size: Size { columns: 80, rows: 24 },
            printed: 0,
            shown: None,
            title: String::new(),
        };
        terminal.measure()?;
        if terminal.is_alternate() {
            execute!(terminal.out, EnterAlternateScreen)?;
        }
        execute!(terminal.out, EnableBracketedPaste)?;
        Ok(terminal)
    }

    fn is_alternate(&self) -> bool {
        self.style != Style::Claude
    }

    fn measure(&mut self) -> io::Result<()> {
        let (columns, rows) = terminal::size()?;
        self.size = Size { columns: usize::from(columns).max(2), rows: usize::from(rows).max(1) };
        Ok(())
    }

    /// Returns the size as it was measured last.
    pub(super) fn size(&self) -> Size {
        self.size
    }

    /// Measures the terminal again and forgets what it shows, so that the next paint draws all of it.
    pub(super) fn resized(&mut self) -> io::Result<()> {
        self.measure()?;
        self.printed = 0;
        self.shown = None;
        queue!(self.out, Clear(ClearType::All), Clear(ClearType::Purge), MoveTo(0, 0))
    }

    /// Sets the window title when it changes.
    pub(super) fn title(&mut self, title: &str) -> io::Result<()> {
        if self.title != title {
            title.clone_into(&mut self.title);
            execute!(self.out, SetTitle(title))?;
        }
        Ok(())
    }

    /// Shows transcript and frame.
    pub(super) fn paint(&mut self, transcript: &[Entry], frame: Frame) -> io::Result<()> {
        if self.is_alternate() {
            let frame = self.full_screen(transcript, frame);
            self.paint_rows(frame)
        } else {
            self.paint_below(transcript, frame)
        }
    }

    /// Fills the rows above the frame with the end of the transcript.
    fn full_screen(&self, transcript: &[Entry], frame: Frame) -> Frame {
        let room = self.size.rows.saturating_sub(frame.rows.len());
        let mut rows = Vec::new();
        for entry in transcript.iter().rev() {
            if rows.len() >= room {
                break;
            }
            rows.splice(0..0, entry.rows(self.style, self.size.columns));
        }
        rows.drain(..rows.len().saturating_sub(room));
        rows.resize(room, Row::default());
        let cursor_row = frame.cursor_row + rows.len();
        rows.extend(frame.rows);
        Frame { rows, cursor_row, ..frame }
    }

    /// Writes the rows of the alternate screen that changed.
    fn paint_rows(&mut self, frame: Frame) -> io::Result<()> {
        let shown = self.shown.take();
        for (number, row) in frame.rows.iter().enumerate() {
            if shown.as_ref().and_then(|shown| shown.rows.get(number)) != Some(row) {
                queue!(self.out, MoveTo(0, cell(number)))?;
                write_row(&mut self.out, row)?;
            }
        }
        queue!(self.out, MoveTo(cell(frame.cursor_column), cell(frame.cursor_row)))?;
        self.shown = Some(frame);
        self.out.flush()
    }

    /// Prints what is new of the transcript, as text that scrolls, and the frame below it.
    fn paint_below(&mut self, transcript: &[Entry], frame: Frame) -> io::Result<()> {
        let fresh = &transcript[self.printed.min(transcript.len())..];
        if fresh.is_empty() && self.shown.as_ref() == Some(&frame) {
            return Ok(());
        }
        let up = self.shown.as_ref().map_or(0, |shown| shown.cursor_row);
        self.rise(up)?;
        let same_place = fresh.is_empty() && self.shown.as_ref().is_some_and(|s| s.rows.len() == frame.rows.len());
        if !same_place {
            queue!(self.out, Clear(ClearType::FromCursorDown))?;
        }
        for row in fresh.iter().flat_map(|entry| entry.rows(self.style, self.size.columns)) {
            write_row(&mut self.out, &row)?;
            queue!(self.out, Print("\r\n"))?;
        }
        for (number, row) in frame.rows.iter().enumerate() {
            if number > 0 {
                queue!(self.out, Print("\r\n"))?;
            }
            write_row(&mut self.out, row)?;
        }
        self.rise((frame.rows.len() - 1).saturating_sub(frame.cursor_row))?;
        queue!(self.out, MoveToColumn(cell(frame.cursor_column)))?;
        self.printed = transcript.len();
        self.shown = Some(frame);
        self.out.flush()
    }

    fn rise(&mut self, rows: usize) -> io::Result<()> {
        queue!(self.out, Print("\r"))?;
        if rows > 0 {
            queue!(self.out, MoveUp(cell(rows)))?;
        }
        Ok(())
    }

    /// Gives the terminal back.
    fn close(&mut self) -> io::Result<()> {
        queue!(self.out, DisableBracketedPaste)?;
        if self.is_alternate() {
            queue!(self.out, LeaveAlternateScreen)?;
        } else if let Some(shown) = &self.shown {
            let below = shown.rows.len().saturating_sub(shown.cursor_row);
            queue!(self.out, Print("\r\n".repeat(below)))?;
        }
        self.out.flush()?;
        disable_raw_mode()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // a terminal that is gone needs nothing back
        drop(self.close());
    }
}

/// Returns a coordinate in the terminal's own measure.
fn cell(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(u16::MAX)
}

/// Writes a row and clears what stood behind it.
fn write_row(out: &mut Stdout, row: &Row) -> io::Result<()> {
    // cleared first: behind a row that fills the line the cursor would still stand on its last character
    queue!(out, Clear(ClearType::UntilNewLine))?;
    for (look, text) in &row.0 {
        match look {
            Look::Plain => queue!(out, Print(text))?,
            Look::Dim => queue!(out, SetAttribute(Attribute::Dim), Print(text), SetAttribute(Attribute::Reset))?,
            Look::Bold => queue!(out, SetAttribute(Attribute::Bold), Print(text), SetAttribute(Attribute::Reset))?,
            Look::Chosen => queue!(out, SetForegroundColor(Color::Yellow), Print(text), ResetColor)?,
        }
    }
    Ok(())
}
