//! What is drawn of a pane in the terminal of whoever is attached.

use std::time::Duration;

use cafleet_adapters::terminal::Mirror;
use cafleet_domain::ports::PaneEvent;
use tokio::time::{Instant, sleep_until};

/// How long changes are gathered before a part is drawn again.
const FRAME: Duration = Duration::from_millis(16);

/// A pane as far as the terminal has room: what the program draws, as it draws it, or a part of it.
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
            PaneEvent::Snapshot { columns, rows, drawing } => {
                self.mirror = Some(Mirror::new(columns, rows, &drawing));
                if self.settle() { drawing } else { self.begin_part() }
            }
            PaneEvent::Output(bytes) => {
                if let Some(mirror) = &mut self.mirror {
                    mirror.feed(&bytes);
                }
                if !self.is_part {
                    return bytes;
                }
                self.due.get_or_insert_with(|| Instant::now() + FRAME);
                Vec::new()
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
        let whole = self.mirror.as_mut().filter(|_| was_part).map(Mirror::whole);
        whole.unwrap_or_default()
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

    fn part(&self) -> Vec<u8> {
        self.mirror.as_ref().map(|mirror| mirror.part(self.columns, self.rows)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(columns: u16, rows: u16) -> PaneEvent {
        PaneEvent::Snapshot { columns, rows, drawing: b"\x1b[Hfirst\r\nlast".to_vec() }
    }

    fn output(text: &str) -> PaneEvent {
        PaneEvent::Output(text.as_bytes().to_vec())
    }

    #[test]
    fn what_fits_is_drawn_as_it_comes() {
        let mut picture = Picture::new((80, 24));
        assert_eq!(picture.take(snapshot(80, 24)), b"\x1b[Hfirst\r\nlast");
        assert_eq!(picture.take(output("x")), b"x");
        assert_eq!(picture.resize((90, 30)), b"", "it stays as it is");
    }

    #[tokio::test]
    async fn of_what_does_not_fit_a_part_is_drawn_and_all_of_it_when_it_does() {
        let mut picture = Picture::new((80, 24));
        let holds = |drawn: &[u8], text: &str| String::from_utf8_lossy(drawn).contains(text);
        assert!(holds(&picture.take(snapshot(120, 40)), "first"));
        assert_eq!(picture.take(output(" of all")), b"", "it is drawn with the next frame");
        assert!(holds(&picture.frame().await, "last of all"));
        let whole = picture.resize((120, 40));
        assert!(holds(&whole, "first") && holds(&whole, "last of all"));
        assert_eq!(picture.take(output("x")), b"x");
        assert!(holds(&picture.resize((80, 24)), "last of allx"));
    }
}
