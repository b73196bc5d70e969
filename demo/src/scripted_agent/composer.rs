//! The draft, and what keys and pastes do to it.

use std::time::{Duration, Instant};

use super::style::Style;

/// An Enter this soon after fast typing is part of it (K2 of the hard cases, measured on the real programs).
const BURST_WINDOW: Duration = Duration::from_millis(120);

/// The same for a draft that is a command (`/exit`): typed, looked at and then submitted it works at once, but not with
/// keys and Enter in one call, when the list of commands still takes the Enter.
const COMMAND_WINDOW: Duration = Duration::from_millis(10);

/// Two characters closer together than this are not typed by a person.
const FAST: Duration = Duration::from_millis(30);

/// A draft with the cursor at its end.
#[derive(Debug)]
pub(super) struct Composer {
    style: Style,
    draft: String,
    /// A mark was typed that makes the draft a command; in opencode it stands in the frame, and a mark that is pasted is
    /// only a character.
    shell: bool,
    /// Long pastes: what the draft shows in place of each, and what was pasted.
    collapsed: Vec<(String, String)>,
    last_typed: Option<Instant>,
    burst: bool,
}

impl Composer {
    /// Makes an empty composer of the program that `style` stands in for.
    pub(super) fn new(style: Style) -> Self {
        Self { style, draft: String::new(), shell: false, collapsed: Vec::new(), last_typed: None, burst: false }
    }

    /// Returns the draft as it is shown.
    pub(super) fn draft(&self) -> &str {
        &self.draft
    }

    /// Tells whether the draft is a command, whose mark it does not show.
    pub(super) fn is_shell(&self) -> bool {
        self.shell
    }

    /// Adds a character that came as a key at the moment `at`.
    pub(super) fn type_char(&mut self, character: char, at: Instant) {
        let since = self.last_typed.map(|last| at.saturating_duration_since(last));
        self.burst = since.is_some_and(|gap| gap <= FAST || (self.burst && gap < BURST_WINDOW));
        self.last_typed = Some(at);
        if character == '!' && self.style == Style::Opencode && self.draft.is_empty() && !self.shell {
            self.shell = true;
        } else {
            self.draft.push(character);
        }
    }

    /// Adds a bracketed paste; its line breaks stay. A long one is shown by a few words only.
    pub(super) fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        match self.collapse(&text) {
            Some(words) => {
                self.draft.push_str(&words);
                self.collapsed.push((words, text));
            }
            None => self.draft.push_str(&text),
        }
        self.forget_burst();
    }

    /// Returns what is shown in place of a long paste; none for one that is shown as it is. Limits and words are
    /// those of claude 2.1, codex 0.169 and opencode 1.18.
    fn collapse(&self, text: &str) -> Option<String> {
        let (chars, breaks) = (text.chars().count(), text.matches('\n').count());
        let number = self.collapsed.len() + 1;
        match self.style {
            Style::Claude => (chars > 800 || breaks > 2).then(|| format!("[Pasted text #{number} +{breaks} lines]")),
            Style::Codex => (chars > 1000).then(|| format!("[Pasted Content {chars} chars]")),
            Style::Opencode => {
                let lines = text.trim().lines().count();
                (chars > 150 || lines > 2).then(|| format!("[Pasted ~{lines} lines] "))
            }
        }
    }

    /// Adds a line break.
    pub(super) fn break_line(&mut self) {
        self.draft.push('\n');
    }

    /// Removes the last character, or the long paste that stands there.
    pub(super) fn backspace(&mut self) {
        match self.collapsed.pop_if(|(words, _)| self.draft.ends_with(words.as_str())) {
            Some((words, _)) => self.draft.truncate(self.draft.len() - words.len()),
            None => self.shell &= self.draft.pop().is_some(),
        }
    }

    /// Removes everything.
    pub(super) fn clear(&mut self) {
        self.draft.clear();
        self.shell = false;
        self.collapsed.clear();
        self.forget_burst();
    }

    /// Takes an Enter that came at the moment `at`. Returns the draft when that submits it; none when the Enter
    /// became a line break or there is nothing to submit.
    pub(super) fn enter(&mut self, at: Instant) -> Option<String> {
        let window = if self.draft.starts_with('/') { COMMAND_WINDOW } else { BURST_WINDOW };
        let inside_burst =
            self.burst && self.last_typed.is_some_and(|last| at.saturating_duration_since(last) < window);
        self.forget_burst();
        if inside_burst {
            self.break_line();
            None
        } else if self.draft.trim().is_empty() {
            None
        } else {
            Some(self.take())
        }
    }

    /// Empties the composer and returns what stood in it, long pastes in full.
    fn take(&mut self) -> String {
        let mut rest = std::mem::take(&mut self.draft);
        let mark = if std::mem::take(&mut self.shell) { "! " } else { "" };
        let mut text = mark.to_owned();
        for (words, pasted) in self.collapsed.drain(..) {
            // each stands in the draft once, in the order of the pastes
            if let Some((before, after)) = rest.split_once(&words) {
                text.push_str(before);
                text.push_str(&pasted);
                rest = after.to_owned();
            }
        }
        text + &rest
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
        let mut composer = Composer::new(Style::Codex);
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
    fn a_command_is_submitted_by_an_enter_that_follows_a_look() {
        assert_eq!(typed("/exit", 0, 9), (None, "/exit\n".to_owned()));
        assert_eq!(typed("/exit", 0, 10), (Some("/exit".to_owned()), String::new()));
    }

    #[test]
    fn the_enter_after_a_burst_that_became_a_line_break_submits() {
        let mut composer = Composer::new(Style::Codex);
        let at = Instant::now();
        for character in "/exit".chars() {
            composer.type_char(character, at);
        }
        assert_eq!(composer.enter(at), None);
        assert_eq!(composer.enter(at), Some("/exit\n".to_owned()));
    }

    #[test]
    fn a_paste_followed_at_once_by_enter_is_submitted_whole() {
        let mut composer = Composer::new(Style::Codex);
        let at = Instant::now();
        composer.type_char('a', at);
        composer.type_char('b', at);
        composer.paste("[cafleet msg 1 from 2]\r\nbody\rend");
        assert_eq!(composer.enter(at).as_deref(), Some("ab[cafleet msg 1 from 2]\nbody\nend"));
        assert_eq!(composer.draft(), "");
    }

    #[test]
    fn a_typed_mark_makes_opencode_take_a_command() {
        let mut composer = Composer::new(Style::Opencode);
        let at = Instant::now();
        composer.type_char('!', at);
        composer.paste("ls");
        assert_eq!((composer.draft(), composer.is_shell()), ("ls", true));
        assert_eq!(composer.enter(at).as_deref(), Some("! ls"));
        composer.paste("! ls");
        assert_eq!((composer.draft(), composer.is_shell()), ("! ls", false));
    }

    #[test]
    fn an_empty_draft_submits_nothing() {
        let mut composer = Composer::new(Style::Codex);
        assert_eq!(composer.enter(Instant::now()), None);
        composer.paste(" \n");
        assert_eq!(composer.enter(Instant::now()), None);
    }

    #[test]
    fn edits_at_the_end() {
        let mut composer = Composer::new(Style::Codex);
        composer.paste("日本x");
        composer.backspace();
        composer.backspace();
        assert_eq!(composer.draft(), "日");
        composer.clear();
        composer.backspace();
        assert_eq!(composer.draft(), "");
    }

    #[test]
    fn a_long_paste_is_shown_by_a_few_words_and_submitted_in_full() {
        let many = "many lines\n".repeat(120);
        let preview = format!("[cafleet msg 12 from 3 t]\n{}", "x".repeat(200));
        for (style, pasted, shown) in [
            (Style::Claude, many.as_str(), "[Pasted text #1 +120 lines]"),
            (Style::Codex, &many, "[Pasted Content 1320 chars]"),
            (Style::Opencode, &many, "[Pasted ~120 lines] "),
            (Style::Opencode, &preview, "[Pasted ~2 lines] "),
            (Style::Claude, &preview, &preview),
            (Style::Codex, &preview, &preview),
        ] {
            let mut composer = Composer::new(style);
            composer.paste("a ");
            composer.paste(pasted);
            assert_eq!(composer.draft(), format!("a {shown}"), "{style}");
            composer.paste("z");
            assert_eq!(composer.enter(Instant::now()), Some(format!("a {pasted}z")), "{style}");
            assert_eq!(composer.draft(), "");
        }
    }

    #[test]
    fn a_long_paste_is_removed_at_once() {
        let mut composer = Composer::new(Style::Opencode);
        composer.paste("ab");
        composer.paste(&"x".repeat(151));
        composer.backspace();
        assert_eq!(composer.draft(), "ab");
        composer.backspace();
        assert_eq!(composer.enter(Instant::now()).as_deref(), Some("a"));
    }
}
