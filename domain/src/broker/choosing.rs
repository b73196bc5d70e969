//! Answering an agent's question by the number of a choice.

use crate::backend::Backend;
use crate::keystroke::Manner;
use crate::screen::{Reading, Row, Screen, ScreenState};

use super::Broker;
use super::refusal::Refusal;
use super::typing::{Claimed, ECHO_LIMIT, Purpose, SUBMIT_LIMIT};

/// What opencode offers, from left to right; the one that Enter takes is in a colour of its own, and `l` goes on to the
/// next (seen on 1.18.33, which ignores digits).
const CHOICES: [&str; 3] = ["Allow once", "Allow always", "Reject"];

/// How much of the end of a question is compared: what is asked about, and the answers.
const COMPARED: usize = 400;

/// The choice after which opencode asks once more, and what it offers first then.
const CONFIRMED: (&str, &str) = ("Allow always", "Confirm");

impl Broker {
    /// Answers an open question by choosing, and sees the question go: a program can miss a key. It is not pressed again,
    /// for it may only be late, and then a second one would answer the question that follows.
    pub(super) async fn answer_by_choice(&self, claimed: &Claimed<'_>, choice: u8) -> Result<(), Refusal> {
        let (_, view) = self.gate(claimed.target, Purpose::Answer).await?;
        if claimed.target.backend != Backend::Opencode && !offers(&view.screen, choice) {
            return Err(Refusal::NoSuchChoice);
        }
        let question = self.type_choice(claimed, choice).await?;
        let gone = self.wait_until(claimed.target, SUBMIT_LIMIT, |reading, view| match reading.state {
            ScreenState::Asking => words(reading, &view.screen) != question,
            // it may be one that is being drawn
            ScreenState::Unknown => false,
            ScreenState::AtRest | ScreenState::Working | ScreenState::Composing => true,
        });
        match gone.await {
            // It took the answer and is not there to be looked at any more.
            Err(Refusal::Gone | Refusal::Ended | Refusal::ShellInFront) => Ok(()),
            Ok(None) => match self.read_screen(claimed.target).await?.0.state {
                ScreenState::Unknown => Err(Refusal::Unrecognised),
                _ => Err(Refusal::StillAsking),
            },
            gone => gone.map(drop),
        }
    }

    /// Chooses an answer of an open question, and returns its words. claude and codex take its digit.
    pub(super) async fn type_choice(&self, claimed: &Claimed<'_>, choice: u8) -> Result<String, Refusal> {
        let (reading, view) = self.gate(claimed.target, Purpose::Answer).await?;
        match claimed.target.backend {
            Backend::Claude | Backend::Codex => self.enter_text(claimed, &choice.to_string(), Manner::Keys).await?,
            Backend::Opencode => self.walk_to_choice(claimed, choice).await?,
        }
        Ok(words(&reading, &view.screen))
    }

    /// Goes from choice to choice until the wanted one is seen to be the one that Enter takes, and presses it.
    async fn walk_to_choice(&self, claimed: &Claimed<'_>, choice: u8) -> Result<(), Refusal> {
        let wanted = usize::from(choice).checked_sub(1).filter(|index| *index < CHOICES.len());
        let wanted = wanted.ok_or(Refusal::NoSuchChoice)?;
        let (_, view) = self.read_screen(claimed.target).await?;
        let mut chosen = chosen(&view.screen).ok_or(Refusal::Unrecognised)?;
        for _ in 1..CHOICES.len() {
            if chosen == wanted {
                break;
            }
            self.enter_text(claimed, "l", Manner::Keys).await?;
            let next = (chosen + 1) % CHOICES.len();
            let moved = self.wait_until(claimed.target, ECHO_LIMIT, |_, view| self::chosen(&view.screen) == Some(next));
            moved.await?.ok_or(Refusal::NoEcho)?;
            chosen = next;
        }
        let (label, confirmation) = (CHOICES[wanted], CONFIRMED.1);
        if !self.submit(claimed, label).await? {
            return Err(Refusal::EnterWithheld);
        }
        if label != CONFIRMED.0 {
            return Ok(());
        }
        let asked = self.wait_until(claimed.target, ECHO_LIMIT, |_, view| {
            colours(&view.screen, &[confirmation, "Cancel"]).is_some()
        });
        asked.await?.ok_or(Refusal::NoEcho)?;
        if self.submit(claimed, confirmation).await? { Ok(()) } else { Err(Refusal::EnterWithheld) }
    }
}

/// Returns the end of a question, the same however wide the pane is and whichever choice is selected: both change while it
/// stands.
fn words(reading: &Reading, screen: &Screen) -> String {
    let rows = screen.rows.get(..reading.rows.end).unwrap_or_default();
    let is_word = |c: &char| !c.is_whitespace() && !matches!(c, '❯' | '›' | '\u{2500}'..='\u{259f}');
    let text: String = rows.iter().map(Row::text).collect();
    let words: Vec<char> = text.chars().filter(is_word).collect();
    words[words.len().saturating_sub(COMPARED)..].iter().collect()
}

/// Tells whether a row of the screen is the choice of this number, selected or not.
fn offers(screen: &Screen, choice: u8) -> bool {
    let number = format!("{choice}.");
    screen.rows.iter().any(|row| row.text().trim_start_matches([' ', '❯', '›']).starts_with(&number))
}

/// Returns which of the choices Enter takes: the one whose colour none of the others has. None when that cannot be told.
fn chosen(screen: &Screen) -> Option<usize> {
    let colours = colours(screen, &CHOICES)?;
    let alone = |index: &usize| colours.iter().filter(|colour| **colour == colours[*index]).count() == 1;
    let mut found = (0..CHOICES.len()).filter(alone);
    found.next().filter(|_| found.next().is_none())
}

/// Returns the colours of labels in the last row that holds them all.
fn colours(screen: &Screen, labels: &[&str]) -> Option<Vec<Option<String>>> {
    let colour = |row: &Row, label: &str| {
        let span = row.spans.iter().find(|span| span.text.trim() == label)?;
        Some(span.foreground.clone())
    };
    let colours = |row: &Row| labels.iter().map(|label| colour(row, label)).collect::<Option<Vec<_>>>();
    screen.rows.iter().rev().find_map(colours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Span;
    use crate::screen::patterns::built_in;

    fn row(colours: [&str; 3]) -> Screen {
        let spans = CHOICES.iter().zip(colours).flat_map(|(label, colour)| {
            let span = Span { text: (*label).to_owned(), foreground: Some(colour.to_owned()), ..Span::default() };
            [span, Span { text: "   ".to_owned(), ..Span::default() }]
        });
        Screen { rows: vec![Row { spans: spans.collect() }, Row::default()], ..Screen::default() }
    }

    #[test]
    fn a_question_is_the_same_in_another_width_with_another_choice() {
        let words = |rows: &[&str]| {
            let plain = |text: &&str| Row { spans: vec![Span { text: (*text).to_owned(), ..Span::default() }] };
            let screen = Screen { rows: rows.iter().map(plain).collect(), ..Screen::default() };
            words(&crate::screen::read(built_in().of(Backend::Claude), &screen), &screen)
        };
        let wide = ["────────", "touch one", "Do you want to proceed?", "❯ 1. Yes", "  2. No", "Esc to cancel", ""];
        let narrow = ["───", "touch one", "Do you want", "to proceed?", "  1. Yes", "❯ 2. No", "Esc to cancel"];
        assert_eq!(words(&wide), words(&narrow));
        let next = wide.map(|row| if row == "touch one" { "touch two" } else { row });
        assert_ne!(words(&wide), words(&next));
    }

    #[test]
    fn a_choice_is_known_by_its_number_at_the_start_of_a_row() {
        let row = |text: &str| Row { spans: vec![Span { text: text.to_owned(), ..Span::default() }] };
        let screen = Screen { rows: ["Pick 3. or 4.", "❯ 1. Yes", "  2. No"].map(row).into(), ..Screen::default() };
        assert_eq!([1, 2, 3, 4].map(|choice| offers(&screen, choice)), [true, true, false, false]);
    }

    #[test]
    fn the_choice_is_the_one_in_a_colour_of_its_own() {
        assert_eq!(chosen(&row(["1", "2", "2"])), Some(0));
        assert_eq!(chosen(&row(["2", "2", "1"])), Some(2));
        assert_eq!(chosen(&row(["2", "2", "2"])), None);
        assert_eq!(chosen(&row(["1", "2", "3"])), None);
        assert_eq!(chosen(&Screen::default()), None);
    }
}
