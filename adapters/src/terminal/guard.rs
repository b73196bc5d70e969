//! Cuts a program's output into characters and control sequences, and bounds both.
//!
//! The state machine is that of ECMA-48 with the strings of DEC (OSC, DCS, SOS, PM, APC), as terminals read them. Only
//! whole sequences come out, so that each can be answered, dropped or handed on.

use unicode_width::UnicodeWidthChar;

/// The longest string sequence that is kept; a longer one is dropped as a whole.
const LONGEST_STRING: usize = 64 * 1024;

/// The longest other sequence that is kept.
const LONGEST_SEQUENCE: usize = 256;

/// How many characters without a width of their own may follow one that has one.
const COMBINING: usize = 16;

const BELL: u8 = 0x07;
const CANCEL: u8 = 0x18;
const SUBSTITUTE: u8 = 0x1a;
const ESCAPE: u8 = 0x1b;

/// A piece of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Characters and single controls.
    Text(&'a [u8]),
    /// A sequence of two or three bytes, `ESC` included.
    Escape(&'a [u8]),
    /// A control sequence, `ESC [` included.
    Csi(&'a [u8]),
    /// A string: the byte after `ESC` that tells its kind, and all of it with both ends.
    Framed(u8, &'a [u8]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Ground,
    Escape,
    Intermediate,
    Csi,
    String(u8),
    /// An `ESC` within a string of this kind, which ends it with the next byte.
    StringEnd(u8),
}

/// The state between two pieces of output.
#[derive(Debug, Default)]
pub(super) struct Guard {
    state: State,
    /// The sequence so far.
    sequence: Vec<u8>,
    /// The sequence is longer than what is kept.
    overlong: bool,
    /// The beginning of a character that the next piece ends.
    partial: Vec<u8>,
    /// How many characters without a width may still follow.
    room: usize,
}

impl Guard {
    /// Hands the pieces of `bytes` to `take`, in order. What is not whole yet waits for the next call.
    pub(super) fn feed(&mut self, bytes: &[u8], mut take: impl FnMut(Token<'_>)) {
        let mut rest = bytes;
        while let Some(&byte) = rest.first() {
            let used = match self.state {
                State::Ground => self.ground(rest, &mut take),
                State::String(kind) => self.string(kind, rest, &mut take),
                State::StringEnd(kind) => {
                    // whatever follows the ESC, the string is over
                    self.end_string(kind, &[ESCAPE, b'\\'], &mut take);
                    if byte == b'\\' {
                        1
                    } else {
                        self.begin();
                        0
                    }
                }
                State::Escape | State::Intermediate | State::Csi => self.sequence_byte(byte, &mut take),
            };
            rest = &rest[used..];
        }
    }

    /// Takes the characters up to the next sequence.
    fn ground(&mut self, rest: &[u8], take: &mut impl FnMut(Token<'_>)) -> usize {
        let end = rest.iter().position(|&byte| byte == ESCAPE);
        let text = &rest[..end.unwrap_or(rest.len())];
        if self.partial.is_empty() && text.is_ascii() {
            if let Some(last) = text.last() {
                self.room = if last.is_ascii_graphic() || *last == b' ' { COMBINING } else { 0 };
                take(Token::Text(text));
            }
        } else {
            self.characters(text, end.is_some(), take);
        }
        match end {
            None => rest.len(),
            Some(at) => {
                self.begin();
                at + 1
            }
        }
    }

    /// Takes text that holds more than ASCII, without the characters that would pile up on one cell.
    fn characters(&mut self, text: &[u8], complete: bool, take: &mut impl FnMut(Token<'_>)) {
        let mut bytes = std::mem::take(&mut self.partial);
        bytes.extend_from_slice(text);
        let mut kept = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (valid, invalid) = match std::str::from_utf8(rest) {
                Ok(valid) => (valid, &[][..]),
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    let invalid = &after[..error.error_len().unwrap_or(after.len())];
                    if error.error_len().is_none() && !complete {
                        self.partial = invalid.to_vec();
                    }
                    (std::str::from_utf8(valid).unwrap_or_default(), invalid)
                }
            };
            for character in valid.chars() {
                self.character(character, &mut kept);
            }
            if self.partial.is_empty() {
                kept.extend_from_slice(invalid);
            }
            rest = &rest[valid.len() + invalid.len()..];
        }
        if !kept.is_empty() {
            take(Token::Text(&kept));
        }
    }

    fn character(&mut self, character: char, kept: &mut Vec<u8>) {
        let has_room = match character.width() {
            // a control has none
            None => {
                self.room = 0;
                true
            }
            Some(0) => {
                let has_room = self.room > 0;
                self.room = self.room.saturating_sub(1);
                has_room
            }
            Some(_) => {
                self.room = COMBINING;
                true
            }
        };
        if has_room {
            kept.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// Takes the bytes of a string up to its end.
    fn string(&mut self, kind: u8, rest: &[u8], take: &mut impl FnMut(Token<'_>)) -> usize {
        let is_end = |byte: u8| matches!(byte, ESCAPE | CANCEL | SUBSTITUTE) || byte == BELL && kind == b']';
        let end = rest.iter().position(|&byte| is_end(byte));
        let content = &rest[..end.unwrap_or(rest.len())];
        if self.sequence.len() + content.len() > LONGEST_STRING {
            self.overlong = true;
            self.sequence.truncate(2);
        } else if !self.overlong {
            self.sequence.extend_from_slice(content);
        }
        let Some(at) = end else { return rest.len() };
        match rest[at] {
            ESCAPE => self.state = State::StringEnd(kind),
            BELL => self.end_string(kind, &[BELL], take),
            _ => self.state = State::Ground,
        }
        at + 1
    }

    fn end_string(&mut self, kind: u8, terminator: &[u8], take: &mut impl FnMut(Token<'_>)) {
        self.state = State::Ground;
        self.room = 0;
        if !self.overlong {
            self.sequence.extend_from_slice(terminator);
            take(Token::Framed(kind, &self.sequence));
        }
    }

    /// Takes one byte of another sequence; returns how many were used.
    fn sequence_byte(&mut self, byte: u8, take: &mut impl FnMut(Token<'_>)) -> usize {
        match (self.state, byte) {
            (_, ESCAPE) => self.begin(),
            (_, CANCEL | SUBSTITUTE) => self.state = State::Ground,
            // a control within a sequence takes effect at once
            (_, 0..=0x1f) => take(Token::Text(&[byte])),
            (_, 0x7f) => {}
            (_, 0x80..) => {
                self.state = State::Ground;
                return 0;
            }
            (State::Escape, b'[') => self.push(byte, State::Csi),
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => self.push(byte, State::String(byte)),
            (State::Escape | State::Intermediate, 0x20..=0x2f) => self.push(byte, State::Intermediate),
            (State::Csi, 0x20..=0x3f) => self.push(byte, State::Csi),
            (state, _) => {
                self.push(byte, State::Ground);
                self.room = 0;
                if !self.overlong {
                    take(if state == State::Csi { Token::Csi(&self.sequence) } else { Token::Escape(&self.sequence) });
                }
            }
        }
        1
    }

    fn begin(&mut self) {
        self.state = State::Escape;
        self.overlong = false;
        self.room = 0;
        self.sequence.clear();
        self.sequence.push(ESCAPE);
    }

    fn push(&mut self, byte: u8, next: State) {
        self.state = next;
        if self.sequence.len() < LONGEST_SEQUENCE {
            self.sequence.push(byte);
        } else {
            self.overlong = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the pieces of an output that comes in chunks of `size`, joined where they are of one kind.
    fn pieces(output: &[u8], size: usize) -> Vec<(char, Vec<u8>)> {
        let mut guard = Guard::default();
        let mut found: Vec<(char, Vec<u8>)> = Vec::new();
        for chunk in output.chunks(size) {
            guard.feed(chunk, |token| {
                let (kind, bytes) = match token {
                    Token::Text(bytes) => ('t', bytes),
                    Token::Escape(bytes) => ('e', bytes),
                    Token::Csi(bytes) => ('c', bytes),
                    Token::Framed(kind, bytes) => (kind as char, bytes),
                };
                match found.last_mut() {
                    Some((last, text)) if kind == 't' && *last == 't' => text.extend_from_slice(bytes),
                    _ => found.push((kind, bytes.to_vec())),
                }
            });
        }
        found
    }

    fn joined(output: &[u8]) -> Vec<u8> {
        pieces(output, usize::MAX).into_iter().flat_map(|(_, bytes)| bytes).collect()
    }

    #[test]
    fn sequences_come_out_whole_however_the_output_is_cut() {
        let output = "a\u{1b}[1;31mb日\u{1b}]0;t\u{7}\u{1b}(0\u{1b}P+q00\u{1b}\\é\u{1b}]2;x\u{1b}[m.".as_bytes();
        let whole = pieces(output, usize::MAX);
        let kinds: String = whole.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, "tct]ePt]ct");
        assert_eq!(whole[7].1, b"\x1b]2;x\x1b\\", "a sequence within a string ends it");
        for size in 1..7 {
            assert_eq!(pieces(output, size), whole, "in chunks of {size}");
        }
    }

    #[test]
    fn a_control_within_a_sequence_takes_effect_and_a_cancelled_one_vanishes() {
        assert_eq!(pieces(b"\x1b[1\n2m", 9), [('t', b"\n".to_vec()), ('c', b"\x1b[12m".to_vec())]);
        assert_eq!(joined(b"a\x1b[1\x18b\x1b]0;x\x1ac"), b"abc");
        assert_eq!(pieces(b"\x1b[1\x1b[m", 9), [('c', b"\x1b[m".to_vec())]);
    }

    #[test]
    fn a_string_without_an_end_takes_no_more_than_its_limit() {
        let mut guard = Guard::default();
        guard.feed(b"\x1b]0;", |_| {});
        for _ in 0..100 {
            guard.feed(&[b'x'; 65_536], |token| panic!("{token:?} came out"));
        }
        assert!(guard.sequence.capacity() <= 2 * LONGEST_STRING, "{}", guard.sequence.capacity());
        let mut seen = Vec::new();
        guard.feed(b"\x07after", |token| seen.push(format!("{token:?}")));
        assert_eq!(seen.len(), 1, "the string is dropped, what follows is not: {seen:?}");
    }

    #[test]
    fn a_long_sequence_is_dropped() {
        let output = [b"a\x1b[".to_vec(), b"1;".repeat(4_000), b"mb".to_vec()].concat();
        assert_eq!(joined(&output), b"ab");
    }

    #[test]
    fn characters_without_a_width_do_not_pile_up() {
        let accents = "\u{301}".repeat(40);
        assert_eq!(joined(format!("e{accents}x").as_bytes()), format!("e{}x", "\u{301}".repeat(16)).as_bytes());
        assert_eq!(joined(format!("e\u{1b}[D{accents}").as_bytes()), b"e\x1b[D", "nor after a movement");
        assert_eq!(joined("👍🏽 e\u{301}".as_bytes()), "👍🏽 e\u{301}".as_bytes());
    }

    #[test]
    fn bytes_that_are_no_characters_pass_for_the_model_to_replace() {
        assert_eq!(joined(b"a\xff\xe6\x97b"), b"a\xff\xe6\x97b");
        assert_eq!(joined(b"\xe6\x97\x1b[m"), b"\xe6\x97\x1b[m");
    }
}
