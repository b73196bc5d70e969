//! Bracketed pastes in what a terminal sends: whether one is open, however the bytes were cut.

/// What a terminal sends before a paste, when the program asked for it.
pub const BEGIN: &[u8; 6] = b"\x1b[200~";

/// What it sends after it.
pub const END: &[u8; 6] = b"\x1b[201~";

/// Follows what is sent to a program, byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PasteTracker {
    is_open: bool,
    /// How many bytes of the next marker have been sent.
    matched: usize,
}

impl PasteTracker {
    /// Takes note of bytes that were sent.
    pub fn take(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.take_byte(byte));
    }

    fn take_byte(&mut self, byte: u8) {
        let marker = if self.is_open { END } else { BEGIN };
        self.matched = match marker[self.matched] == byte {
            true => self.matched + 1,
            // an ESC stands only at the beginning of a marker
            false => usize::from(byte == marker[0]),
        };
        if self.matched == marker.len() {
            (self.is_open, self.matched) = (!self.is_open, 0);
        }
    }

    /// Returns where `key` stands first outside a paste. What stands before it counts as sent; all of it where there is
    /// none.
    pub fn find(&mut self, bytes: &[u8], key: u8) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == key && !self.is_open {
                return Some(at);
            }
            self.take_byte(byte);
        }
        None
    }

    /// Tells whether the program takes what comes next for a part of a paste or of a marker.
    #[must_use]
    pub fn is_within(&self) -> bool {
        // an ESC alone is a key
        self.is_open || self.matched > 1
    }

    /// Returns what ends the paste or the marker that is open; empty when none is. A marker that was sent in part becomes
    /// an empty paste, of which nothing is left.
    #[must_use]
    pub fn closing(&self) -> Vec<u8> {
        match (self.is_open, self.matched) {
            (true, sent) => END[sent..].to_vec(),
            (false, 0 | 1) => Vec::new(),
            (false, sent) => [&BEGIN[sent..], END].concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(bytes: &[u8]) -> PasteTracker {
        let mut tracker = PasteTracker::default();
        tracker.take(bytes);
        tracker
    }

    #[test]
    fn a_paste_is_closed_wherever_it_was_cut() {
        let whole = b"keys\x1b[200~pasted\x1b\x1b[2 text\x1b[201~more";
        for cut in 0..=whole.len() {
            let (head, _) = whole.split_at(cut);
            let sent = [head, &after(head).closing()].concat();
            let tracker = after(&sent);
            assert!(!tracker.is_within(), "{:?}", String::from_utf8_lossy(&sent));
            let count = |marker: &[u8; 6]| sent.windows(6).filter(|window| window == marker).count();
            assert_eq!(count(BEGIN), count(END), "{:?}", String::from_utf8_lossy(&sent));
            assert!(head.len() > 6 || !head.ends_with(b"s") || sent == head, "nothing is added to keys");
        }
    }

    #[test]
    fn cutting_makes_no_difference() {
        let sent = b"a\x1b[200~b\x1b[200~c\x1b[20\x1b[201~d\x1b[200~";
        let mut bytewise = PasteTracker::default();
        sent.iter().for_each(|byte| bytewise.take(&[*byte]));
        assert_eq!(bytewise, after(sent));
        assert!(bytewise.is_within());
    }

    #[test]
    fn an_escape_alone_is_a_key() {
        assert_eq!(after(b"\x1b").closing(), b"");
        assert!(!after(b"\x1b").is_within());
    }

    #[test]
    fn a_key_counts_only_outside_a_paste() {
        let mut tracker = PasteTracker::default();
        assert_eq!(tracker.find(b"ab\x1b[200~c\x1dd", 0x1d), None);
        assert_eq!(tracker.find(b"e\x1df\x1b[201~g\x1dh", 0x1d), Some(10));
    }
}
