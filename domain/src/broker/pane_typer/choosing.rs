//! Answering the question that an agent asks on its screen.
//!
//! The question is read in the look right before each key, and the key is pressed only while what was read still shows. One that
//! has changed in between is not answered: the number or the words were meant for another one.

use crate::keystroke::{self, Keystroke, Manner};
use crate::ports::{EnterCondition, PaneView, TypingCondition};
use crate::profile::{AnswerKeys, Confirmation, WordsField};
use crate::question::{Answer, Effect, Question};
use crate::screen::{self, Reading, Screen, ScreenState};

use super::entering::attempts;
use super::looking::{ECHO_LIMIT, SUBMIT_LIMIT};
use super::{Claimed, PaneTyper, Refusal, echo};

/// Which answer is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The one with this number on the screen.
    Number(u8),
    /// The one with this label, or with a part of it that no other has.
    Label(String),
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The question.
    pub question: Question,
    /// The answer.
    pub answer: Answer,
}

impl Chosen {
    /// Returns `true` if the question still stands there, and Enter would take the answer.
    fn is_selected(&self, reading: &Reading) -> bool {
        asks(reading, &self.question, |now| now.selected == Some(self.answer.n))
    }
}

/// Returns the answer that is wanted, if it may be chosen so.
fn pick<'a>(question: &'a Question, wanted: &Wanted) -> Result<&'a Answer, Refusal> {
    let answer = match wanted {
        Wanted::Number(n) => question.option(*n).ok_or(Refusal::NoSuchChoice)?,
        Wanted::Label(text) => match question.labelled(text).as_slice() {
            [] => return Err(Refusal::NoSuchChoice),
            [answer] => *answer,
            _ => return Err(Refusal::AmbiguousAnswer),
        },
    };
    if answer.takes_text {
        Err(Refusal::TakesText)
    } else if answer.effect == Effect::ModeChange && matches!(wanted, Wanted::Number(_)) {
        Err(Refusal::NeedsLabel(answer.label.clone()))
    } else {
        Ok(answer)
    }
}

/// A key of an answer.
#[derive(Clone, Copy)]
enum Key<'a> {
    /// A text, and how it is typed.
    Typed(&'a str, Manner),
    /// Enter, while a text shows.
    Enter(&'a str),
}

/// Tells whether a question still stands there, and more of it holds.
fn asks(reading: &Reading, question: &Question, holds: impl Fn(&Question) -> bool) -> bool {
    reading.question.as_ref().is_some_and(|now| now.id == question.id && holds(now))
}

/// Returns the question that a screen shows.
fn asked(reading: &Reading) -> Result<&Question, Refusal> {
    reading.question.as_ref().ok_or(Refusal::UnreadQuestion)
}

/// Returns the number of the answer that Enter would take, where that can be read.
fn selected_in(reading: &Reading) -> Option<u8> {
    reading.question.as_ref().and_then(|question| question.selected)
}

/// Returns what a screen asks about, where that can be read.
fn body(reading: &Reading) -> Option<&str> {
    reading.question.as_ref().map(|question| question.body.as_str())
}

/// Tells whether a question has been answered, or, where several answers can be checked, this one was.
fn is_answered(reading: &Reading, screen: &Screen, chosen: &Chosen) -> bool {
    match (reading.state, &reading.question) {
        (ScreenState::Asking, Some(now)) if now.id == chosen.question.id => {
            now.option(chosen.answer.n).is_some_and(|answer| answer.checked != chosen.answer.checked)
        }
        (ScreenState::Asking, Some(_)) => true,
        // it may be the same, half drawn
        (ScreenState::Asking, None) => screen::occurrences(screen, &chosen.question.title) == 0,
        // it may be one that is being drawn
        (ScreenState::Unknown, _) => false,
        (ScreenState::AtRest | ScreenState::Working | ScreenState::Composing, _) => true,
    }
}

impl PaneTyper {
    /// Chooses an answer of an open question, and sees the question go: a program can miss a key. It is not pressed again,
    /// for it may only be late, and then a second one would answer the question that follows.
    pub(crate) async fn answer_by_choice(&self, claimed: &Claimed<'_>, wanted: &Wanted) -> Result<Chosen, Refusal> {
        let (reading, _) = self.read_question(claimed.target).await?;
        let question = asked(&reading)?.clone();
        let answer = pick(&question, wanted)?.clone();
        let chosen = Chosen { question, answer };
        match digit(&chosen).filter(|_| !writes(&chosen.question)) {
            Some(digit) => {
                let is_due = |reading: &Reading| asks(reading, &chosen.question, |now| !writes(now));
                self.press(claimed, Key::Typed(&digit, Manner::Keys), is_due).await?;
            }
            None => {
                self.walk_to(claimed, &chosen).await?;
                let is_due = |reading: &Reading| chosen.is_selected(reading);
                self.press(claimed, Key::Enter(&keystroke::short_guard(&chosen.answer.label)), is_due).await?;
                if let Some(Confirmation { of, by }) = self.profile(claimed.target).confirmation
                    && chosen.answer.label == of
                {
                    self.confirm(claimed, by).await?;
                }
            }
        }
        let gone =
            self.wait_until(claimed.target, SUBMIT_LIMIT, |reading, view| is_answered(reading, &view.screen, &chosen));
        match gone.await {
            // It took the answer and is not there to be looked at any more.
            Err(refusal) if refusal.has_left() => Ok(chosen),
            Ok(None) => match self.read_screen(claimed.target).await?.0.state {
                ScreenState::Unknown => Err(Refusal::Unrecognised),
                _ => Err(Refusal::StillAsking),
            },
            gone => gone.map(|_| chosen),
        }
    }

    /// Answers an open question in words: moves to the answer that takes them, writes them, and presses Enter.
    ///
    /// The words stand in the dialog, not in the composer, and the dialog may show the same words in what it asks about: so
    /// what counts is that they stand there once more than before. Enter is pressed once: a second one could answer the
    /// question that follows.
    pub(crate) async fn answer_in_words(&self, claimed: &Claimed<'_>, keys: &Keystroke) -> Result<Chosen, Refusal> {
        let (reading, _) = self.read_question(claimed.target).await?;
        let question = asked(&reading)?.clone();
        let answer = question.text_option().ok_or(Refusal::NoTextAnswer)?.clone();
        if answer.written {
            return Err(Refusal::Composing);
        }
        let chosen = Chosen { question, answer };
        let field = self.profile(claimed.target).words;
        let (open, view) = self.open_field(claimed, &chosen).await?;
        let before = screen::occurrences(&view.screen, &keys.head);
        let shows = |screen: &Screen| screen::occurrences(screen, &keys.head) > before;
        // the answers are others than before, once one is written
        let is_due = |reading: &Reading| {
            let may_write = field != WordsField::IsAnswer || selected_in(reading) == Some(chosen.answer.n);
            body(reading).is_some() && body(reading) == body(&open) && may_write
        };
        self.press(claimed, Key::Typed(&keys.text, keys.manner), is_due).await?;
        let echo = self.wait_until(claimed.target, ECHO_LIMIT, |_, view| shows(&view.screen));
        echo.await?.ok_or(Refusal::NoEcho)?;
        self.press(claimed, Key::Enter(&keys.guard), is_due).await?;
        let left = self.wait_until(claimed.target, SUBMIT_LIMIT, |reading, view| {
            reading.state != ScreenState::Asking || !shows(&view.screen)
        });
        if left.await?.is_some() { Ok(chosen) } else { Err(Refusal::StillInComposer) }
    }

    /// Moves to the answer that takes words and sees that they can be written; returns that look.
    async fn open_field(&self, claimed: &Claimed<'_>, chosen: &Chosen) -> Result<(Reading, PaneView), Refusal> {
        let field = self.profile(claimed.target).words;
        if let WordsField::Notes { .. } = field {
            self.walk_to(claimed, chosen).await?;
            let is_due = |reading: &Reading| chosen.is_selected(reading);
            self.press(claimed, Key::Typed(keystroke::TAB, Manner::Keys), is_due).await?;
        } else {
            let digit = digit(chosen).ok_or(Refusal::NoTextAnswer)?;
            // where it is selected already, a digit would be the first of the words
            if self.same(claimed, &chosen.question).await?.selected != Some(chosen.answer.n) {
                let is_due = |reading: &Reading| asks(reading, &chosen.question, |now| !writes(now));
                self.press(claimed, Key::Typed(&digit, Manner::Keys), is_due).await?;
            }
        }
        let label = &chosen.answer.label;
        let open = self.wait_until(claimed.target, ECHO_LIMIT, |reading, view| match field {
            WordsField::Notes { hint } => screen::occurrences(&view.screen, hint) > 0,
            WordsField::OpensField => screen::occurrences(&view.screen, label) > 1,
            WordsField::IsAnswer => selected_in(reading) == Some(chosen.answer.n),
        });
        let (reading, view) = open.await?.ok_or(Refusal::NoEcho)?;
        // elsewhere other keys are told there, or a row more
        if field == WordsField::IsAnswer && asked(&reading)?.id != chosen.question.id {
            return Err(Refusal::QuestionChanged);
        }
        Ok((reading, view))
    }

    /// Fails unless the question still stands there.
    async fn same(&self, claimed: &Claimed<'_>, question: &Question) -> Result<Question, Refusal> {
        let (reading, _) = self.read_question(claimed.target).await?;
        match asked(&reading)? {
            now if now.id == question.id => Ok(now.clone()),
            _ => Err(Refusal::QuestionChanged),
        }
    }

    /// Goes from answer to answer until the wanted one is seen to be the one that Enter takes.
    async fn walk_to(&self, claimed: &Claimed<'_>, chosen: &Chosen) -> Result<(), Refusal> {
        let (question, wanted) = (&chosen.question, Some(chosen.answer.n));
        let mut selected = self.same(claimed, question).await?.selected;
        for _ in 0..question.options.len() {
            let before = selected.ok_or(Refusal::UnreadQuestion)?;
            if selected == wanted {
                return Ok(());
            }
            let key = key_towards(chosen.answer.n, before, self.profile(claimed.target).answer_keys);
            let is_due = |reading: &Reading| asks(reading, question, |now| now.selected == Some(before));
            self.press(claimed, Key::Typed(key, Manner::Keys), is_due).await?;
            let has_moved = |reading: &Reading, _: &PaneView| selected_in(reading).is_some_and(|now| now != before);
            let moved = self.wait_until(claimed.target, ECHO_LIMIT, has_moved);
            moved.await?.ok_or(Refusal::NoEcho)?;
            selected = self.same(claimed, question).await?.selected;
        }
        if selected == wanted { Ok(()) } else { Err(Refusal::NoEcho) }
    }

    /// Presses a key of an answer, if it `is_due` by what is asked in the look before, and while that shows; looks again where it
    /// does not, for the program may just have drawn.
    async fn press(
        &self,
        claimed: &Claimed<'_>,
        key: Key<'_>,
        is_due: impl Fn(&Reading) -> bool + Send + Sync,
    ) -> Result<(), Refusal> {
        for pause in attempts() {
            let (reading, view) = self.read_question(claimed.target).await?;
            if !is_due(&reading) {
                return Err(Refusal::QuestionChanged);
            }
            let question = reading.question.as_ref();
            let present = question.map(|now| echo::marks_of_question(now, &view.screen)).unwrap_or_default();
            let is_pressed = match key {
                Key::Typed(text, manner) => {
                    let condition = TypingCondition { present, untouched: true, ..TypingCondition::default() };
                    self.enter_text_if(claimed, &condition, text, manner).await?
                }
                Key::Enter(guard) => {
                    let condition = EnterCondition { present, untouched: true, ..EnterCondition::shows(guard) };
                    self.submit_if(claimed, &condition).await?
                }
            };
            if is_pressed {
                return Ok(());
            }
            let Some(pause) = pause else { break };
            self.clock.sleep(pause).await;
        }
        Err(match key {
            Key::Typed(..) => Refusal::ScreenChanged,
            Key::Enter(_) => Refusal::EnterWithheld,
        })
    }

    /// Confirms an answer, by the answer to the question that follows.
    async fn confirm(&self, claimed: &Claimed<'_>, by: &str) -> Result<(), Refusal> {
        let confirms = |question: &Question| question.options.iter().any(|answer| answer.label == by);
        let asks =
            self.wait_until(claimed.target, ECHO_LIMIT, |reading, _| reading.question.as_ref().is_some_and(confirms));
        asks.await?.ok_or(Refusal::NoEcho)?;
        let is_due = |reading: &Reading| reading.question.as_ref().is_some_and(confirms);
        self.press(claimed, Key::Enter(by), is_due).await
    }
}

/// Tells whether what is typed becomes words of an answer: then a digit chooses nothing.
fn writes(question: &Question) -> bool {
    question.selected.and_then(|n| question.option(n)).is_some_and(|answer| answer.takes_text)
}

/// Returns the digit that chooses an answer, where there is one.
fn digit(chosen: &Chosen) -> Option<String> {
    (chosen.question.numbered && chosen.answer.n < 10).then(|| chosen.answer.n.to_string())
}

/// Returns the key that goes from one answer towards another one.
fn key_towards(wanted: u8, selected: u8, keys: AnswerKeys) -> &'static str {
    keys.previous.filter(|_| wanted < selected).unwrap_or(keys.next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::{QuestionId, QuestionKind};

    fn question(labels: &[&str]) -> Question {
        let options = (1..).zip(labels).map(|(n, label)| Answer {
            n,
            label: (*label).to_owned(),
            effect: Effect::of(label),
            takes_text: label.starts_with("Type"),
            written: false,
            checked: None,
        });
        Question {
            id: QuestionId::of(labels.iter().copied()),
            kind: QuestionKind::Permission,
            title: String::new(),
            body: String::new(),
            options: options.collect(),
            selected: Some(1),
            numbered: true,
        }
    }

    #[test]
    fn an_answer_is_picked_by_what_it_says() {
        let question =
            question(&["Yes", "Yes, and don't ask again", "Yes, and switch to auto mode", "No", "Type something"]);
        let number = |n| pick(&question, &Wanted::Number(n)).map(|answer| answer.label.as_str());
        let label = |text: &str| pick(&question, &Wanted::Label(text.to_owned())).map(|answer| answer.n);
        assert_eq!((number(1), number(4)), (Ok("Yes"), Ok("No")));
        assert_eq!(number(3), Err(Refusal::NeedsLabel("Yes, and switch to auto mode".to_owned())));
        assert_eq!((number(5), number(6)), (Err(Refusal::TakesText), Err(Refusal::NoSuchChoice)));
        assert_eq!((label("yes"), label("auto mode"), label("no")), (Ok(1), Ok(3), Ok(4)));
        assert_eq!((label("ye"), label("maybe")), (Err(Refusal::AmbiguousAnswer), Err(Refusal::NoSuchChoice)));
    }
}
