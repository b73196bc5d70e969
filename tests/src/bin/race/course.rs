//! The course of one opening, as the server of the panes saw it.

use super::trace::Event;

/// What begins a paste.
const PASTE: &[u8] = b"\x1b[200~";

/// How a preview begins.
const PREVIEW: &[u8] = b"[cafleet msg ";

/// What the agent prints when a dialog was answered.
const ANSWERED: &[u8] = b"dialog answered: ";

/// Something that happened: how many events came before, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Happened {
    order: usize,
    at: f64,
}

/// What happened between a server and the pane of the member.
#[derive(Debug)]
pub(crate) struct Course {
    /// A preview came from a client.
    is_asked: bool,
    pastes: Vec<Happened>,
    enters: Vec<Happened>,
    /// The first row of the dialog that tells it from anything else was read.
    question: Option<Happened>,
    /// What the agent says of an answered dialog was read.
    answer: Option<Happened>,
}

impl Course {
    /// Reads the events of a pane whose terminal is `file` for the server, up to the answer of the dialog.
    pub(crate) fn read(events: &[Event], file: u32, question: &str) -> Self {
        let mut course = Self { is_asked: false, pastes: Vec::new(), enters: Vec::new(), question: None, answer: None };
        let mut drawn = Vec::new();
        for (order, event) in events.iter().enumerate() {
            let happened = Happened { order, at: event.at };
            match (event.is_read, event.file == file) {
                (true, true) => {
                    drawn.extend_from_slice(&event.bytes);
                    let (is_asked, is_answered) = (contains(&drawn, question.as_bytes()), contains(&drawn, ANSWERED));
                    course.question = course.question.or(is_asked.then_some(happened));
                    course.answer = course.answer.or(is_answered.then_some(happened));
                }
                (true, false) => course.is_asked |= contains(&event.bytes, PREVIEW),
                (false, true) if contains(&event.bytes, PASTE) => course.pastes.push(happened),
                (false, true) if event.bytes == b"\r" => course.enters.push(happened),
                (false, _) => {}
            }
        }
        course
    }

    pub(crate) fn is_asked_to_paste(&self) -> bool {
        self.is_asked
    }

    pub(crate) fn question(&self) -> Option<Happened> {
        self.question
    }

    pub(crate) fn pasted(&self) -> Option<Happened> {
        self.pastes.first().copied()
    }

    pub(crate) fn entered(&self) -> Option<Happened> {
        self.enters.first().copied()
    }

    pub(crate) fn is_entered_into_question(&self) -> bool {
        self.enters.iter().any(|enter| self.is_into_question(*enter))
    }

    pub(crate) fn is_pasted_into_question(&self) -> bool {
        self.pastes.iter().any(|paste| self.is_into_question(*paste))
    }

    /// Tells whether something was written while the dialog stood there, as far as the server had read.
    fn is_into_question(&self, written: Happened) -> bool {
        self.question.is_some_and(|question| question.order < written.order)
            && self.answer.is_none_or(|answer| written.order < answer.order)
    }

    /// Returns how many milliseconds after the last paste the question was read.
    pub(crate) fn question_after_paste(&self) -> Option<f64> {
        Some(self.question?.at - self.pastes.last()?.at)
    }

    /// Returns how many milliseconds after the last Enter before it the question was read.
    pub(crate) fn question_after_enter(&self) -> Option<f64> {
        let question = self.question?;
        let enter = self.enters.iter().rev().find(|enter| enter.order < question.order)?;
        Some(question.at - enter.at)
    }
}

/// Returns the file by which a server types into a pane, from events in which a preview was typed.
pub(crate) fn file_of_pane(events: &[Event]) -> Option<u32> {
    events.iter().find(|event| !event.is_read && contains(&event.bytes, PASTE)).map(|event| event.file)
}

/// Tells whether some bytes stand among others.
pub(crate) fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
