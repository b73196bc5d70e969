//! The terminal of whoever is attached: raw meanwhile, and as it was afterwards, whatever happens.

use std::io;

use rustix::stdio::stdin;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};

/// What takes back all that anything may have set: colours, modes, mouse, screens, cursor, and also what never passes, as a
/// locked keyboard (KAM), local echo (SRM), reverse video (DECSCNM), margins (DECLRMM) and 8-bit controls (S7C1T). The cursor
/// ends below what is shown.
const RESTORE: &str = "\u{1b} F\u{1b}[2l\u{1b}[12h\u{1b}[?5l\u{1b}[?69l\u{1b}[?66l\u{1b}[0 q\u{1b})B\
    \u{1b}[!p\u{1b}[?1049l\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1004l\u{1b}[?1005l\u{1b}[?1006l\
    \u{1b}[?2004l\u{1b}[?2026l\u{1b}[?1l\u{1b}[?6l\u{1b}[?7h\u{1b}[?25h\u{1b}[4l\u{1b}[20l\u{1b}>\u{1b}(B\u{f}\u{1b}[r\u{1b}[0m\
    \u{1b}]2;\u{7}\u{1b}[999;1H\r\n";

/// Returns columns and rows of the terminal.
pub(crate) fn size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(stdin()).ok()?;
    Some((size.ws_col, size.ws_row)).filter(|(columns, rows)| *columns > 0 && *rows > 0)
}

/// The terminal in raw mode, until this is dropped.
pub(crate) struct OwnTerminal<W: io::Write> {
    before: Termios,
    out: W,
}

impl<W: io::Write> OwnTerminal<W> {
    /// Sets the terminal to raw mode; `out` is where it is drawn.
    ///
    /// # Errors
    /// When standard input is no terminal.
    pub(crate) fn take(mut out: W) -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        // what is shown goes into the history, so that it can be read afterwards
        let rows = size().map_or(0, |(_, rows)| usize::from(rows));
        let scrolled = out.write_all("\r\n".repeat(rows).as_bytes());
        let terminal = Self { before, out };
        scrolled.map(|()| terminal)
    }

    pub(crate) fn out(&mut self) -> &mut W {
        &mut self.out
    }
}

impl<W: io::Write> Drop for OwnTerminal<W> {
    fn drop(&mut self) {
        // a terminal that is gone needs nothing
        let _gone = self.out.write_all(RESTORE.as_bytes()).and_then(|()| self.out.flush());
        let _gone = tcsetattr(stdin(), OptionalActions::Drain, &self.before);
    }
}
