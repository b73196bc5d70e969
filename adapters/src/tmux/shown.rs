//! What the viewers of a pane are shown: from pictures of it to what has changed.

use std::fmt::Write;

use cafleet_domain::ports::PaneEvent;
use cafleet_domain::text::one_line;

use super::poll::Seen;
use crate::terminal::{Change, Drawing, Size, Terminal};

/// The modes behind the other looks, and how a terminal is told that they are set or not.
const MODES: [(&str, &str); 10] = [
    ("\u{1b}[?25h", "\u{1b}[?25l"),
    ("\u{1b}[?1h", "\u{1b}[?1l"),
    ("\u{1b}=", "\u{1b}>"),
    ("\u{1b}[4h", "\u{1b}[4l"),
    ("\u{1b}[?6h", "\u{1b}[?6l"),
    ("\u{1b}[?7h", "\u{1b}[?7l"),
    ("\u{1b}[?1000h", "\u{1b}[?1000l"),
    ("\u{1b}[?1002h", "\u{1b}[?1002l"),
    ("\u{1b}[?1003h", "\u{1b}[?1003l"),
    ("\u{1b}[?1006h", "\u{1b}[?1006l"),
];

/// Makes every row of a terminal reachable, and lets none of them wrap.
const OPEN: &str = "\u{1b}[?25l\u{1b}[?6l\u{1b}[4l\u{1b}[?7l\u{1b}[r";

/// How a pane is drawn, beside its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Looks {
    pub(super) dead: bool,
    pub(super) size: Size,
    cursor: (u16, u16),
    region: (u16, u16),
    alternate: bool,
    modes: [bool; MODES.len()],
}

impl Looks {
    /// Reads the values of `arguments::LOOKS`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut number = || words.next()?.parse::<u16>().ok();
        let dead = number()? == 1;
        let size = Size { columns: number()?.max(2), rows: number()?.max(1) };
        let (cursor, region, alternate) = ((number()?, number()?), (number()?, number()?), number()? == 1);
        let mut modes = [false; MODES.len()];
        for mode in &mut modes {
            *mode = number()? == 1;
        }
        Some(Self { dead, size, cursor, region, alternate, modes })
    }

    /// Appends what sets modes, region and cursor.
    fn set(&self, text: &mut String) {
        let Self { cursor: (column, row), region: (upper, lower), modes, .. } = *self;
        let _never_fails = write!(text, "\u{1b}[0m\u{1b}[{};{}r", upper + 1, lower + 1);
        for ((set, reset), is_set) in MODES.iter().zip(modes) {
            text.push_str(if is_set { set } else { reset });
        }
        let _never_fails = write!(text, "\u{1b}[{};{}H", row + 1, column + 1);
    }
}

/// A pane as its viewers see it.
#[derive(Default)]
pub(super) struct Shown {
    /// The same as the terminals of all who have read everything; none before the first picture.
    terminal: Option<Terminal>,
    looks: Option<Looks>,
    /// The rows of the screen, each with the sequences that draw it from the default look.
    rows: Vec<String>,
    title: String,
    pub(super) history: u32,
}

impl Shown {
    /// Returns `true` if what is shown is of another size, or of a program that has ended since.
    pub(super) fn differs(&self, looks: &Looks) -> bool {
        self.looks.is_none_or(|known| (known.size, known.dead) != (looks.size, looks.dead))
    }

    /// Returns the size of what is shown; none before the first picture.
    pub(super) fn size(&self) -> Option<Size> {
        self.looks.map(|known| known.size)
    }

    /// Takes a picture, and returns what to tell those who have seen everything before it.
    pub(super) fn take(&mut self, seen: &Seen, looks: Looks) -> Vec<PaneEvent> {
        let Some((drawn, title)) = &seen.drawn else { return Vec::new() };
        let mut rows = styled(drawn, looks.size);
        let above: Vec<String> = rows.drain(..rows.len().saturating_sub(usize::from(looks.size.rows))).collect();
        let mut events = Vec::new();
        if self.looks.is_none_or(|known| known.size != looks.size) {
            self.begin(&above, &rows, looks);
            events.extend(self.picture());
        } else {
            let scrolled = usize::try_from(seen.history.saturating_sub(self.history)).unwrap_or(usize::MAX);
            let above = &above[above.len().saturating_sub(scrolled)..];
            let change = self.change(above, &rows, looks);
            if let Some(terminal) = &mut self.terminal
                && !change.is_empty()
            {
                let _to_nobody = terminal.feed(change.as_bytes());
                match terminal.changes() {
                    Change::Nothing => {}
                    Change::Update(bytes) => events.push(PaneEvent::Output(bytes)),
                    Change::Everything => events.extend(self.picture()),
                }
            }
        }
        (self.rows, self.looks, self.history) = (rows, Some(looks), seen.history);
        let title = one_line(title);
        if title != self.title {
            self.title.clone_from(&title);
            events.push(PaneEvent::Title(title));
        }
        events
    }

    /// Returns everything that is shown now, for who has missed something.
    pub(super) fn picture(&mut self) -> Vec<PaneEvent> {
        let Some(terminal) = &mut self.terminal else { return Vec::new() };
        let Size { columns, rows } = terminal.size();
        let Drawing { history, screen } = terminal.drawing();
        let snapshot = PaneEvent::Snapshot { columns, rows, history, drawing: screen };
        let title = Some(&self.title).filter(|title| !title.is_empty());
        std::iter::once(snapshot).chain(title.map(|title| PaneEvent::Title(title.clone()))).collect()
    }

    fn begin(&mut self, above: &[String], rows: &[String], looks: Looks) {
        let mut text = String::new();
        scroll_in(&mut text, above, looks.size);
        if looks.alternate {
            text.push_str("\u{1b}[?1049h");
        }
        text.push_str(OPEN);
        rows.iter().enumerate().for_each(|(index, row)| draw(&mut text, index, row));
        looks.set(&mut text);
        let mut terminal = Terminal::new(looks.size);
        let _to_nobody = terminal.feed(text.as_bytes());
        self.terminal = Some(terminal);
    }

    /// Returns what makes a terminal that shows what is known show these rows; empty when it does.
    fn change(&self, above: &[String], rows: &[String], looks: Looks) -> String {
        let is_same_screen = self.looks.is_some_and(|known| known.alternate == looks.alternate);
        let is_moved = !above.is_empty() || !is_same_screen;
        if !is_moved && self.rows == rows && self.looks == Some(looks) {
            return String::new();
        }
        let mut text = OPEN.to_owned();
        scroll_in(&mut text, above, looks.size);
        if !is_same_screen {
            text.push_str(if looks.alternate { "\u{1b}[?1049h" } else { "\u{1b}[?1049l" });
        }
        for (index, row) in rows.iter().enumerate() {
            if is_moved || self.rows.get(index) != Some(row) {
                draw(&mut text, index, row);
            }
        }
        looks.set(&mut text);
        text
    }
}

/// Draws a row at its place, on nothing.
fn draw(text: &mut String, index: usize, row: &str) {
    let _never_fails = write!(text, "\u{1b}[{};1H\u{1b}[0m\u{1b}[2K{row}", index + 1);
}

/// Lets rows scroll out of the top of a screen, into its history.
fn scroll_in(text: &mut String, above: &[String], size: Size) {
    for rows in above.chunks(usize::from(size.rows)) {
        rows.iter().enumerate().for_each(|(index, row)| draw(text, index, row));
        let _never_fails = write!(text, "\u{1b}[0m\u{1b}[{};1H{}", size.rows, "\n".repeat(rows.len()));
    }
}

/// Makes each row independent of the ones before it: tmux lets a look last over the end of a row, and writes line drawing
/// as characters between SO and SI.
fn styled(rows: &[String], size: Size) -> Vec<String> {
    let count = u16::try_from(rows.len()).unwrap_or(u16::MAX).max(1);
    let mut terminal = Terminal::new(Size { columns: size.columns, rows: count });
    let mut text = "\u{1b}[?7l\u{1b})0".to_owned();
    for (index, row) in rows.iter().enumerate() {
        let _never_fails = write!(text, "\u{1b}[{};1H{row}", index + 1);
    }
    let _to_nobody = terminal.feed(text.as_bytes());
    terminal.styled_rows()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { columns: 20, rows: 3 };

    /// A viewer's terminal: draws what it is told.
    struct Viewer(Terminal);

    impl Viewer {
        fn told(&mut self, events: Vec<PaneEvent>) {
            for event in events {
                match event {
                    PaneEvent::Snapshot { columns, rows, history, drawing } => {
                        self.0 = Terminal::new(Size { columns, rows });
                        let _to_nobody = self.0.feed(&history);
                        let _to_nobody = self.0.feed(&drawing);
                    }
                    PaneEvent::Output(bytes) => drop(self.0.feed(&bytes)),
                    PaneEvent::Title(_) | PaneEvent::Ended(_) => {}
                }
            }
        }
    }

    fn looks(cursor: (u16, u16), alternate: u8) -> Looks {
        let text =
            format!("0 {} {} {} {} 0 2 {alternate} 1 0 0 0 0 1 0 0 0 0", SIZE.columns, SIZE.rows, cursor.0, cursor.1);
        Looks::read(&text).expect("looks")
    }

    fn seen(history: u32, rows: &[&str]) -> Seen {
        let rows = rows.iter().map(|&row| row.to_owned()).collect();
        Seen { id: "%1".into(), is_ours: true, history, looks: String::new(), drawn: Some((rows, "title".into())) }
    }

    #[test]
    fn a_viewer_that_came_first_and_one_that_comes_late_see_the_same() {
        let (mut shown, mut first) = (Shown::default(), Viewer(Terminal::new(SIZE)));
        let steps: [(u32, &[&str], u8); 6] = [
            (0, &["one", "\u{1b}[31mred", "still red\u{1b}[0m"], 0),
            (0, &["one", "\u{1b}[31mred", "\u{1b}[39mplain"], 0),
            (2, &["one", "red", "plain", "four", "five"], 0),
            (2, &["alternate", "", "full width is 20 col"], 1),
            (2, &["plain", "four", "five"], 0),
            (9, &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], 0),
        ];
        for (step, (history, rows, alternate)) in steps.into_iter().enumerate() {
            let at = u16::try_from(step).expect("a small number");
            first.told(shown.take(&seen(history, rows), looks((at, 1), alternate)));
            let mut late = Viewer(Terminal::new(SIZE));
            late.told(shown.picture());
            let expected: Vec<String> = styled(&seen(0, rows).drawn.expect("rows").0, SIZE);
            let expected = &expected[expected.len() - 3..];
            assert_eq!(first.0.styled_rows(), expected, "step {step}");
            assert_eq!(late.0.styled_rows(), expected, "step {step}");
            assert_eq!(first.0.screen().cursor_column, step, "step {step}");
        }
        let history = first.0.tail(100, false);
        // a screen that is cleared leaves a row in the history of the model
        let history = history.trim_start();
        assert!(history.starts_with("one\nred\n"), "what scrolled by is there: {history:?}");
        assert!(history.ends_with("a\nb\nc\nd\ne\nf\ng\nh\ni\nj"), "{history:?}");
    }

    #[test]
    fn what_has_not_changed_is_not_told() {
        let mut shown = Shown::default();
        assert_eq!(shown.take(&seen(0, &["a", "b", "c"]), looks((0, 0), 0)).len(), 2, "a picture and a title");
        assert_eq!(shown.take(&seen(0, &["a", "b", "c"]), looks((0, 0), 0)), []);
        let told = shown.take(&seen(0, &["a", "B", "c"]), looks((0, 0), 0));
        let [PaneEvent::Output(bytes)] = &told[..] else { panic!("{told:?}") };
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains("\u{1b}[2;1HB") && !text.contains("[3;1H"), "{text:?}");
        assert!(shown.differs(&Looks::read("1 20 3 0 0 0 2 0 1 0 0 0 0 1 0 0 0 0").expect("looks")), "it has ended");
    }
}
