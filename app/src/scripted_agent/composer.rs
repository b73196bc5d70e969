//! The draft, and what keys and pastes do to it.

use std::time::{Duration, Instant};

/// An Enter this soon after fast typing is part of it (K2 of the hard cases, measured on the real programs).
const BURST_WINDOW: Duration = Duration::from_millis(120);

/// Two characters closer together than this are not typed by a person.
const FAST: Duration = Duration::from_millis(30);

/// A draft with the cursor at its end.
#[derive(Debug, Default)]
pub(super) struct Composer {
    draft: String,
    last_typed: Option<Instant>,
    burst: bool,
}

impl Composer {
    /// Returns the draft.
    pub(super) fn draft(&self) -> &str {
        &self.draft
    }

    /// Adds a character that came as a key at the moment `at`.
    pub(super) fn type_char(&mut self, character: char, at: Instant) {
        let since = self.last_typed.map(|last| at.saturating_duration_since(last));
        self.burst = since.is_some_and(|gap| gap <= FAST || (self.burst && gap < BURST_WINDOW));
        self.last_typed = Some(at);
        self.draft.push(character);
    }

    /// Adds a bracketed paste; its line breaks stay.
    pub(super) fn paste(&mut self, text: &str) {
        self.draft.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
        self.forget_burst();
    }

    /// Adds a line break.
    pub(super) fn break_line(&mut self) {
        self.draft.push('\n');
    }

    /// Removes the last character.
    pub(super) fn backspace(&mut self) {
        self.draft.pop();
    }

    /// Removes everything.
    pub(super) fn clear(&mut self) {
        self.draft.clear();
        self.forget_burst();
    }

    /// Takes an Enter that came at the moment `at`. Returns the draft when that submits it; none when the Enter
    /// became a line break or there is nothing to submit.
    pub(super) fn enter(&mut self, at: Instant) -> Option<String> {
        let inside_burst =
            self.burst && self.last_typed.is_some_and(|last| at.saturating_duration_since(last) < BURST_WINDOW);
        self.forget_burst();
        if inside_burst {
            self.break_line();
            None
        } else if self.draft.trim().is_empty() {
            None
        } else {
            Some(std::mem::take(&mut self.draft))
        }
    }

    fn forget_burst(&mut self) {
        self.burst = false;
        self.last_typed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types `text` with `gap` milliseconds between the characters, then Enter after `wait` milliseconds.
    fn typed(text: &str, gap: u64, wait: u64) -> (Option<String>, String) {
        let mut composer = Composer::default();
        let mut at = Instant::now();
        for character in text.chars() {
            composer.type_char(character, at);
            at += Duration::from_millis(gap);
        }
        let last = at.checked_sub(Duration::from_millis(gap)).expect("a moment after the start");
        let submitted = composer.enter(last + Duration::from_millis(wait));
        (submitted, composer.draft().to_owned())
    }

    #[test]
    fn an_enter_right_after_fast_keys_is_a_line_break() {
        assert_eq!(typed("hello", 0, 0), (None, "hello\n".to_owned()));
        assert_eq!(typed("hello", 1, 119), (None, "hello\n".to_owned()));
        assert_eq!(typed("hello", 1, 120), (Some("hello".to_owned()), String::new()));
    }

    #[test]
    fn a_person_submits_however_soon_the_enter_comes() {
        assert_eq!(typed("hello", 80, 10), (Some("hello".to_owned()), String::new()));
        assert_eq!(typed("y", 0, 5), (Some("y".to_owned()), String::new()), "one key is no burst");
    }

    #[test]
    fn the_enter_after_a_burst_that_became_a_line_break_submits() {
        let mut composer = Composer::default();
        let at = Instant::now();
        for character in "/exit".chars() {
            composer.type_char(character, at);
        }
        assert_eq!(composer.enter(at), None);
        assert_eq!(composer.enter(at), Some("/exit\n".to_owned()));
    }

    #[test]
    fn a_paste_followed_at_once_by_enter_is_submitted_whole() {
        let mut composer = Composer::default();
        let at = Instant::now();
        composer.type_char('a', at);
        composer.type_char('b', at);
        composer.paste("[cafleet msg 1 from 2]\r\nbody\rend");
        assert_eq!(composer.enter(at).as_deref(), Some("ab[cafleet msg 1 from 2]\nbody\nend"));
        assert_eq!(composer.draft(), "");
    }

    #[test]
    fn an_empty_draft_submits_nothing() {
        let mut composer = Composer::default();
        assert_eq!(composer.enter(Instant::now()), None);
        composer.paste(" \n");
        assert_eq!(composer.enter(Instant::now()), None);
    }

    #[test]
    fn edits_at_the_end() {
        let mut composer = Composer::default();
        composer.paste("日本x");
        composer.backspace();
        composer.backspace();
        assert_eq!(composer.draft(), "日");
        composer.clear();
        composer.backspace();
        assert_eq!(composer.draft(), "");
    }
}
