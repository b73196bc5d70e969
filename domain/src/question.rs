//! Questions that agents ask, as data.

use std::fmt;

/// Tells questions apart: a digest of what was read. It changes when the question does, and not when another answer is
/// selected or the pane has another width.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QuestionId(String);

impl QuestionId {
    /// Makes the id of what a question says.
    #[must_use]
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        // FNV-1a, 64 bits: it is compared with what the same program has read a moment before, and guards no secret
        let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
        let mut add = |byte: u8| digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        for part in parts {
            part.chars().filter(|c| !c.is_whitespace()).for_each(|c| {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(&mut add);
            });
            add(0);
        }
        Self(format!("{digest:016x}"))
    }

    /// Returns it as 16 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionKind {
    /// Whether something may be done.
    Permission,
    /// Which of several things is wanted.
    Choice,
    /// A text.
    Text,
    /// Whether a directory or a tool is trusted.
    Trust,
    /// Whether a plan is to be carried out.
    Plan,
    /// What to do at a usage limit.
    Limit,
}

impl QuestionKind {
    /// Returns the name that the command line and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::Choice => "choice",
            Self::Text => "text",
            Self::Trust => "trust",
            Self::Plan => "plan",
            Self::Limit => "limit",
        }
    }
}

/// What comes of an answer, as far as its label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is done, this once.
    Allow,
    /// It is not done.
    Deny,
    /// It is done, and not asked again.
    Always,
    /// The agent asks less from here on.
    ModeChange,
    /// Anything else.
    Other,
}

impl Effect {
    /// Returns the name that the command line and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Always => "always",
            Self::ModeChange => "mode_change",
            Self::Other => "other",
        }
    }

    /// Returns what a label says.
    #[must_use]
    pub fn of(label: &str) -> Self {
        let label = label.to_lowercase();
        let holds = |words: &[&str]| words.iter().any(|word| label.contains(word));
        let begins = |words: &[&str]| words.iter().any(|word| label.starts_with(word));
        if holds(&["auto mode", "auto-accept", "accept edits", "bypass", "switch to", "full access"]) {
            Self::ModeChange
        } else if begins(&["no", "reject", "deny", "decline", "cancel", "don't", "don’t", "exit", "quit", "back"]) {
            Self::Deny
        } else if holds(&["always", "ask again", "this session", "this conversation", "from now on"]) {
            Self::Always
        } else if begins(&["yes", "allow", "approve", "trust", "proceed", "continue", "confirm", "accept"]) {
            Self::Allow
        } else {
            Self::Other
        }
    }
}

/// An answer that a question offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its number, from 1, as on the screen; where the screen has none, its place.
    pub n: u8,
    /// Its words, on one line.
    pub label: String,
    /// What comes of it.
    pub effect: Effect,
    /// It is answered in words, which are written into it.
    pub takes_text: bool,
    /// Words are written into it already.
    pub written: bool,
    /// Whether it is checked, where several can be.
    pub checked: Option<bool>,
}

/// A question that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Tells it from others.
    pub id: QuestionId,
    /// What it is about.
    pub kind: QuestionKind,
    /// What is asked, on one line.
    pub title: String,
    /// What it is asked about, in lines.
    pub body: String,
    /// The answers, by number.
    pub options: Vec<Answer>,
    /// The number of the one that Enter takes; none when that cannot be told.
    pub selected: Option<u8>,
    /// The answers have their numbers on the screen.
    pub numbered: bool,
}

impl Question {
    /// Returns the answer of a number.
    #[must_use]
    pub fn option(&self, n: u8) -> Option<&Answer> {
        self.options.iter().find(|option| option.n == n)
    }

    /// Tells whether it can be answered in words.
    #[must_use]
    pub fn offers_text(&self) -> bool {
        self.text_option().is_some()
    }

    /// Returns the answer that takes words.
    #[must_use]
    pub fn text_option(&self) -> Option<&Answer> {
        self.options.iter().find(|option| option.takes_text)
    }

    /// Returns the answers whose label is this text, or, where none is, those that hold it; case and white space do not
    /// count.
    #[must_use]
    pub fn labelled(&self, text: &str) -> Vec<&Answer> {
        let folded = |text: &str| crate::text::squeezed(&text.to_lowercase());
        let wanted = folded(text);
        let find = |fits: &dyn Fn(&str) -> bool| {
            self.options.iter().filter(|option| fits(&folded(&option.label))).collect::<Vec<_>>()
        };
        match find(&|label| label == wanted) {
            exact if !exact.is_empty() => exact,
            _ => find(&|label| !wanted.is_empty() && label.contains(&wanted)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_what_comes_of_them() {
        for (label, effect) in [
            ("Yes", Effect::Allow),
            ("Yes, proceed", Effect::Allow),
            ("Allow once", Effect::Allow),
            ("Yes, I trust this folder", Effect::Allow),
            ("Allow always", Effect::Always),
            ("Yes, and always allow access to /etc from this project", Effect::Always),
            ("Yes, and don't ask again for commands that start with `touch`", Effect::Always),
            ("Yes, and switch to auto mode · auto mode handles these prompts for you", Effect::ModeChange),
            ("Yes, and auto-accept edits", Effect::ModeChange),
            ("Full Access", Effect::ModeChange),
            ("No", Effect::Deny),
            ("No, and tell Codex what to do differently", Effect::Deny),
            ("Reject", Effect::Deny),
            ("Red", Effect::Other),
        ] {
            assert_eq!(Effect::of(label), effect, "{label}");
        }
    }

    #[test]
    fn an_id_is_that_of_the_words_however_they_are_broken() {
        let id = |parts: &[&str]| QuestionId::of(parts.iter().copied());
        assert_eq!(id(&["Do you want\n to proceed?", "Yes"]), id(&["Do you want to proceed?", "Ye s"]));
        assert_ne!(id(&["Do you want to proceed?", "Yes"]), id(&["Do you want to proceed?", "No"]));
        assert_ne!(id(&["ab", "c"]), id(&["a", "bc"]));
        assert_eq!(id(&["x"]).as_str().len(), 16);
    }

    #[test]
    fn an_answer_is_named_by_its_label_or_a_part_that_no_other_has() {
        let labels = ["Yes", "Yes, and don't ask again", "No"];
        let options = (1..).zip(labels).map(|(n, label)| Answer {
            n,
            label: label.to_owned(),
            effect: Effect::of(label),
            takes_text: false,
            written: false,
            checked: None,
        });
        let question = Question {
            id: QuestionId::of([]),
            kind: QuestionKind::Permission,
            title: String::new(),
            body: String::new(),
            options: options.collect(),
            selected: None,
            numbered: true,
        };
        let named = |text| question.labelled(text).iter().map(|option| option.n).collect::<Vec<_>>();
        assert_eq!(named("yes"), [1], "the whole label comes before a part of another");
        assert_eq!(named("ask  AGAIN"), [2]);
        assert_eq!(named("n"), [2, 3]);
        assert!(named("").is_empty() && named("maybe").is_empty());
    }
}
