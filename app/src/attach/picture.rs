//! What is drawn of a pane in the terminal of whoever is attached.

use std::time::Duration;

use cafleet_domain::ports::PaneEvent;
use tokio::time::{Instant, sleep_until};

use crate::composition::Mirror;

/// How long changes are gathered before a part is drawn again.
const FRAME: Duration = Duration::from_millis(16);

/// A pane as far as the terminal has room: all of it, or a part. Whoever sends it, the terminal reads nothing but what the
/// mirror draws.
pub(super) struct Picture {
    columns: u16,
    rows: u16,
    mirror: Option<Mirror>,
    is_part: bool,
    /// When the part is to be drawn again.
    due: Option<Instant>,
}

impl Picture {
    pub(super) fn new((columns, rows): (u16, u16)) -> Self {
        Self { columns, rows, mirror: None, is_part: false, due: None }
    }

    /// Takes what happens in the pane, and returns what is to be drawn at once.
    pub(super) fn take(&mut self, event: PaneEvent) -> Vec<u8> {
        match event {
            // what is above the screen is the business of the terminal
            PaneEvent::Snapshot { columns, rows, drawing, .. } => {
                self.mirror = Some(Mirror::new(columns, rows, &drawing));
                if self.settle() { self.whole() } else { self.begin_part() }
            }
            PaneEvent::Output(bytes) => {
                let Some(mirror) = &mut self.mirror else { return Vec::new() };
                mirror.feed(&bytes);
                if self.is_part {
                    self.due.get_or_insert_with(|| Instant::now() + FRAME);
                    return Vec::new();
                }
                self.due = mirror.update_ends().map(Instant::from_std);
                mirror.changes()
            }
            PaneEvent::Title(_) | PaneEvent::Ended(_) => Vec::new(),
        }
    }

    /// Takes another size of the terminal, and returns what is to be drawn at once.
    pub(super) fn resize(&mut self, (columns, rows): (u16, u16)) -> Vec<u8> {
        (self.columns, self.rows) = (columns, rows);
        let was_part = self.is_part;
        if !self.settle() {
            return self.begin_part();
        }
        if was_part { self.whole() } else { Vec::new() }
    }

    /// Waits until a part is to be drawn again, and returns it; waits for ever where nothing is.
    pub(super) async fn frame(&mut self) -> Vec<u8> {
        match self.due {
            Some(due) => sleep_until(due).await,
            None => std::future::pending().await,
        }
        if let Some(mirror) = &mut self.mirror {
            mirror.settle(Instant::now().into_std());
            self.due = mirror.update_ends().map(Instant::from_std);
            if !self.is_part {
                return mirror.changes();
            }
        }
        self.part()
    }

    /// Finds out whether there is room for all of the pane.
    fn settle(&mut self) -> bool {
        self.is_part = self.mirror.as_ref().is_some_and(|mirror| !mirror.fits(self.columns, self.rows));
        self.due = None;
        !self.is_part
    }

    fn begin_part(&self) -> Vec<u8> {
        [Mirror::ready(), self.part()].concat()
    }

    fn whole(&mut self) -> Vec<u8> {
        self.mirror.as_mut().map(|mirror| mirror.whole().screen).unwrap_or_default()
    }

    fn part(&self) -> Vec<u8> {
        self.mirror.as_ref().map(|mirror| mirror.part(self.columns, self.rows)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(columns: u16, rows: u16) -> PaneEvent {
        PaneEvent::Snapshot { columns, rows, history: Vec::new(), drawing: b"\x1b[Hfirst\r\nlast".to_vec() }
    }

    fn holds(drawn: &[u8], text: &str) -> bool {
        String::from_utf8_lossy(drawn).contains(text)
    }

    fn output(text: &str) -> PaneEvent {
        PaneEvent::Output(text.as_bytes().to_vec())
    }

    #[test]
    fn what_fits_is_drawn_at_once_and_what_is_no_picture_never() {
        let mut picture = Picture::new((80, 24));
        assert!(holds(&picture.take(snapshot(80, 24)), "first"));
        let drawn = picture
            .take(output("x\u{9b}31my\u{1b}]52;c;eA==\u{7}\u{1b}[5n\u{5}\u{1b}[2h\u{1b}[12l\u{1b}[?5h\u{1b}[?69hz"));
        assert_eq!(String::from_utf8_lossy(&drawn), "\u{1b}[?2026h\u{1b}[2;5Hx31myz\u{1b}[2;11H\u{1b}[?2026l");
        assert_eq!(picture.resize((90, 30)), b"", "it stays as it is");
    }

    #[tokio::test]
    async fn of_what_does_not_fit_a_part_is_drawn_and_all_of_it_when_it_does() {
        let mut picture = Picture::new((80, 24));
        assert!(holds(&picture.take(snapshot(120, 40)), "first"));
        assert_eq!(picture.take(output(" of all")), b"", "it is drawn with the next frame");
        assert!(holds(&picture.frame().await, "last of all"));
        let whole = picture.resize((120, 40));
        assert!(holds(&whole, "first") && holds(&whole, "last of all"));
        assert!(holds(&picture.take(output("x")), "x"));
        assert!(holds(&picture.resize((80, 24)), "last of allx"));
    }
}
