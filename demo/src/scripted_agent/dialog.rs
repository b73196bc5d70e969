//! Questions that take the place of the composer until they are answered.

use super::style::Style;
use crossterm::event::KeyCode;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// Whether a tool may run.
    Permission,
    /// Whether to leave although something still runs.
    Exit,
}

/// An open question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dialog {
    /// What is asked.
    pub(super) topic: Topic,
    /// The choices, the first of which is number 1.
    pub(super) choices: &'static [&'static str],
    /// Which of them Enter takes, from 0.
    pub(super) selected: usize,
    /// The choices stand side by side, where keys only go from one to the next and Enter takes one, as in opencode.
    pub(super) sideways: bool,
    /// The answer in own words, once somebody began one.
    pub(super) free_text: Option<String>,
}

/// What opencode offers.
const OPENCODE_CHOICES: [&str; 3] = ["Allow once", "Allow always", "Reject"];

/// What opencode asks after the second of its choices.
const CONFIRMATION: [&str; 2] = ["Confirm", "Cancel"];

/// The key that begins an answer in own words: the one after the last choice.
const FREE_TEXT_KEY: char = '4';

impl Dialog {
    /// Opens a question about a permission, with the choices of the program that `style` stands in for.
    pub(super) fn permission(style: Style) -> Self {
        let choices: &[_] = match style {
            Style::Claude => &["Yes", "Yes, and don't ask again", "No"],
            Style::Codex => &[
                "Yes, proceed (y)",
                "Yes, and don't ask again for this command (a)",
                "No, and tell Codex what to do differently (esc)",
            ],
            Style::Opencode => &OPENCODE_CHOICES,
        };
        Self { sideways: style == Style::Opencode, ..Self::new(Topic::Permission, choices) }
    }

    /// Opens the question whether to leave although something still runs.
    pub(super) fn exit() -> Self {
        Self::new(Topic::Exit, &["Exit anyway", "Stay"])
    }

    fn new(topic: Topic, choices: &'static [&'static str]) -> Self {
        Self { topic, choices, selected: 0, sideways: false, free_text: None }
    }

    /// Takes a key. Returns the answer when the key gave one: the number of the choice, the own words, or `esc`.
    pub(super) fn key(&mut self, key: KeyCode) -> Option<String> {
        if let Some(text) = &mut self.free_text {
            match key {
                KeyCode::Char(character) => text.push(character),
                KeyCode::Backspace => drop(text.pop()),
                KeyCode::Enter if !text.is_empty() => return self.free_text.take(),
                KeyCode::Esc => self.free_text = None,
                _ => {}
            }
            return None;
        }
        if self.sideways {
            return self.key_sideways(key);
        }
        match key {
            KeyCode::Enter => return Some((self.selected + 1).to_string()),
            KeyCode::Esc => return Some("esc".to_owned()),
            KeyCode::Up | KeyCode::Left => self.selected = self.selected.saturating_sub(1),
            KeyCode::Down | KeyCode::Right => self.selected = (self.selected + 1).min(self.choices.len() - 1),
            KeyCode::Char('y') => return Some("1".to_owned()),
            KeyCode::Char(FREE_TEXT_KEY) if self.topic == Topic::Permission => self.free_text = Some(String::new()),
            KeyCode::Char(character) => {
                let number = character.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                return number.filter(|number| (1..=self.choices.len()).contains(number)).map(|n| n.to_string());
            }
            _ => {}
        }
        None
    }

    fn key_sideways(&mut self, key: KeyCode) -> Option<String> {
        let confirming = self.choices == CONFIRMATION;
        let count = self.choices.len();
        match key {
            KeyCode::Enter if confirming && self.selected == 0 => return Some("2".to_owned()),
            KeyCode::Enter if confirming => (self.choices, self.selected) = (&OPENCODE_CHOICES, 0),
            KeyCode::Enter if self.selected == 1 => (self.choices, self.selected) = (&CONFIRMATION, 0),
            KeyCode::Enter => return Some((self.selected + 1).to_string()),
            KeyCode::Esc => return Some("esc".to_owned()),
            KeyCode::Left | KeyCode::Char('h') => self.selected = (self.selected + count - 1) % count,
            KeyCode::Right | KeyCode::Char('l') => self.selected = (self.selected + 1) % count,
            _ => {}
        }
        None
    }

    /// Takes a paste: own words take it, the choices ignore it.
    pub(super) fn paste(&mut self, pasted: &str) {
        if let Some(text) = &mut self.free_text {
            text.push_str(pasted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_answer_and_enter_takes_the_selected_choice() {
        for style in [Style::Claude, Style::Codex] {
            let mut dialog = Dialog::permission(style);
            assert_eq!(dialog.key(KeyCode::Char('2')).as_deref(), Some("2"));
            assert_eq!(dialog.key(KeyCode::Enter).as_deref(), Some("1"));
            for _ in 0..9 {
                assert_eq!(dialog.key(KeyCode::Down), None);
            }
            assert_eq!(dialog.key(KeyCode::Enter).as_deref(), Some("3"));
            assert_eq!(dialog.key(KeyCode::Esc).as_deref(), Some("esc"));
        }
    }

    #[test]
    fn opencode_goes_from_choice_to_choice_and_asks_again_before_it_always_allows() {
        let mut dialog = Dialog::permission(Style::Opencode);
        assert_eq!(dialog.key(KeyCode::Char('3')), None);
        assert_eq!(dialog.key(KeyCode::Char('l')), None);
        assert_eq!(dialog.key(KeyCode::Enter), None);
        assert_eq!(dialog.choices, CONFIRMATION);
        assert_eq!(dialog.key(KeyCode::Enter).as_deref(), Some("2"));
        assert_eq!(dialog.key(KeyCode::Char('l')), None);
        assert_eq!(dialog.key(KeyCode::Enter), None);
        assert_eq!(dialog.key(KeyCode::Char('h')), None);
        assert_eq!(dialog.key(KeyCode::Enter).as_deref(), Some("3"));
    }

    #[test]
    fn a_paste_is_ignored_but_the_enter_after_it_approves() {
        let mut dialog = Dialog::permission(Style::Claude);
        dialog.paste("[cafleet msg 1 from 2 t]\n3");
        assert_eq!(dialog, Dialog::permission(Style::Claude));
        assert_eq!(dialog.key(KeyCode::Char('x')), None);
        assert_eq!(dialog.key(KeyCode::Char('9')), None);
        assert_eq!(dialog.key(KeyCode::Enter).as_deref(), Some("1"));
    }

    #[test]
    fn an_answer_in_own_words_begins_with_4() {
        let mut dialog = Dialog::permission(Style::Claude);
        assert_eq!(dialog.key(KeyCode::Char('4')), None);
        assert_eq!(dialog.key(KeyCode::Enter), None, "no words yet");
        dialog.paste("use ");
        for character in "1 x".chars() {
            assert_eq!(dialog.key(KeyCode::Char(character)), None);
        }
        assert_eq!(dialog.key(KeyCode::Backspace), None);
        assert_eq!(dialog.key(KeyCode::Enter).as_deref(), Some("use 1 "));
    }

    #[test]
    fn leaving_is_yes_or_no() {
        let mut dialog = Dialog::exit();
        assert_eq!(dialog.key(KeyCode::Char('3')), None);
        assert_eq!(dialog.key(KeyCode::Char('4')), None);
        assert_eq!(dialog.key(KeyCode::Char('2')).as_deref(), Some("2"));
    }
}
