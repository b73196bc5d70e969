//! Proof that an agent rests.
//!
//! That no sign of work is seen is no proof: a setting can take the only one away, and a turn can run for minutes without
//! a word. So an agent rests when its program says so itself, or when nothing has moved between two looks.

use std::fmt;
use std::time::Duration;

use super::patterns::{Ending, Frame, Patterns};
use super::{Reading, Row, Screen, ScreenState};
use crate::text::squeezed;
use crate::timestamp::Timestamp;

/// How long a screen must have stood still where a turn always shows a sign of itself.
const STILL: Duration = Duration::from_millis(500);

/// How long it must have stood still where a turn may run without any sign: models were seen to pause for seconds between
/// two words.
const STILL_IN_SILENCE: Duration = Duration::from_secs(30);

/// What a pane showed at a moment, to compare it with what it shows later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glimpse {
    at: Timestamp,
    shown: Vec<String>,
    title: String,
}

impl Glimpse {
    /// Remembers a screen.
    #[must_use]
    pub fn of(screen: &Screen, at: Timestamp) -> Self {
        let shown = screen.rows.iter().map(|row| row.text().trim_end().to_owned()).collect();
        Self { at, shown, title: screen.title.clone() }
    }

    /// Tells whether nothing has moved between two looks.
    #[must_use]
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        self.shown == other.shown && self.title == other.title
    }
}

/// Whether an agent is known to rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// It is.
    Proven(RestProof),
    /// It is not.
    Unproven(Doubt),
}

/// Why an agent is known to rest: its composer is empty, no sign of a turn is seen, and this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RestProof {
    /// The program says above the composer that the turn is over; the name of what was recognised.
    Ended(String),
    /// Nothing has moved for so long.
    Still(Duration),
}

/// Why an agent is not known to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Its screen says something else, or nothing.
    State(ScreenState),
    /// A further look after this time can prove it, if nothing moves.
    LookAgain(Duration),
}

impl fmt::Display for RestProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(name) => write!(f, "its composer is empty and its program says that the turn is over ({name})"),
            Self::Still(passed) => {
                write!(f, "its composer is empty and nothing moved for {:.1} s", passed.as_secs_f64())
            }
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(state) => write!(f, "its screen is {}", state.as_str()),
            Self::LookAgain(left) => write!(
                f,
                "its composer is empty, but a turn could run without a sign; proven when nothing moves for {:.1} s more",
                left.as_secs_f64()
            ),
        }
    }
}

/// Decides whether the agent whose screen was read so at `now` is known to rest; `before` is an earlier look at it.
#[must_use]
pub fn rest(patterns: &Patterns, screen: &Screen, reading: &Reading, now: Timestamp, before: Option<&Glimpse>) -> Rest {
    if reading.state != ScreenState::AtRest {
        return Rest::Unproven(Doubt::State(reading.state));
    }
    let above = &screen.rows[..reading.rows.start];
    let (ending, last) = last_word(patterns, above);
    if let Some(ending) = ending
        && last
    {
        return Rest::Proven(RestProof::Ended(ending.name.clone()));
    }
    let needed = if patterns.silent && ending.is_none() { STILL_IN_SILENCE } else { STILL };
    let glimpse = Glimpse::of(screen, now);
    let still = before.filter(|before| before.shows_the_same_as(&glimpse));
    let passed = still.map_or(Duration::ZERO, |before| now.since(before.at));
    if still.is_some() && passed >= needed {
        Rest::Proven(RestProof::Still(passed))
    } else {
        Rest::Unproven(Doubt::LookAgain(needed.saturating_sub(passed)))
    }
}

/// Returns the last row above the composer that says that a turn has ended, if no later turn was begun, and whether
/// nothing was written below it.
fn last_word<'a>(patterns: &'a Patterns, above: &[Row]) -> (Option<&'a Ending>, bool) {
    let texts: Vec<String> = above.iter().map(Row::text).collect();
    for row in (0..above.len()).rev() {
        let found = patterns.ended.iter().find(|ending| stands(ending, above, &texts, row));
        if let Some(ending) = found {
            // a narrow pane breaks the row, and hints stand at the right edge of the rows below
            let end = (row..texts.len()).find(|&row| texts[row].trim().is_empty()).unwrap_or(texts.len());
            return (Some(ending), texts[end..].iter().all(|text| is_hint(text)));
        }
        if begins_turn(&patterns.frame, &texts[row]) {
            return (None, false);
        }
    }
    (None, false)
}

/// Tells whether a row is blank but for its right half.
fn is_hint(text: &str) -> bool {
    let blanks = text.chars().take_while(|c| c.is_whitespace()).count();
    text.trim().is_empty() || blanks * 2 >= text.trim_end().chars().count()
}

fn stands(ending: &Ending, rows: &[Row], texts: &[String], row: usize) -> bool {
    let begins = texts[row].trim_start().starts_with(&ending.begins);
    let dim = || rows[row].spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.dim);
    let paragraph = || -> String { texts[row..].iter().take_while(|text| !text.trim().is_empty()).cloned().collect() };
    begins
        && (!ending.dim || dim())
        && squeezed(&paragraph()).contains(&squeezed(&ending.holds))
        && paragraph().split('·').count() >= ending.parts
}

/// Tells whether a row is the beginning of what a person has submitted.
fn begins_turn(frame: &Frame, text: &str) -> bool {
    match frame {
        Frame::Rules { prompt, .. } | Frame::Prompt { prompt, .. } => text.starts_with(prompt.as_str()),
        Frame::Bar { bar, .. } => text.trim_start().starts_with(*bar),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Span, read};
    use super::*;
    use crate::backend::Backend;
    use crate::program::Programs;

    fn at(seconds: u64) -> Timestamp {
        "2026-04-15T10:00:00+00:00".parse::<Timestamp>().expect("a time").after(Duration::from_secs(seconds))
    }

    fn row(text: &str, dim: bool) -> Row {
        Row { spans: vec![Span { text: text.to_owned(), dim, ..Span::default() }] }
    }

    /// A codex with these rows above its composer.
    fn codex(above: &[(&str, bool)]) -> Screen {
        let mut rows: Vec<Row> = above.iter().map(|(text, dim)| row(text, *dim)).collect();
        let cursor_row = rows.len() + 1;
        let mut composer = row("› ", false);
        composer.spans.extend(row("Ask Codex to do anything", true).spans);
        rows.extend([row("", false), composer, row("", false), row("  mock · ~/project", false)]);
        Screen { rows, width: 80, cursor_row, cursor_column: 2, ..Screen::default() }
    }

    fn proven(screen: &Screen, now: Timestamp, before: Option<&Glimpse>) -> Rest {
        let programs = Programs::built_in();
        let patterns = &programs.of(Backend::CODEX).patterns;
        rest(patterns, screen, &read(patterns, screen), now, before)
    }

    #[test]
    fn a_turn_that_streams_without_a_sign_is_no_rest() {
        let streaming = codex(&[("› tell me", false), ("", false), ("• once upon a", false)]);
        let more = codex(&[("› tell me", false), ("", false), ("• once upon a time", false)]);
        let before = Glimpse::of(&streaming, at(0));
        for (screen, now) in [(&streaming, at(1)), (&streaming, at(29)), (&more, at(60))] {
            assert!(matches!(proven(screen, now, Some(&before)), Rest::Unproven(Doubt::LookAgain(_))), "{screen:?}");
        }
        assert_eq!(proven(&streaming, at(30), Some(&before)), Rest::Proven(RestProof::Still(Duration::from_secs(30))));
    }

    #[test]
    fn an_answer_that_has_pushed_its_question_out_of_view_is_no_rest() {
        let screen = codex(&[("  and the end of it", false)]);
        assert_eq!(proven(&screen, at(0), None), Rest::Unproven(Doubt::LookAgain(STILL_IN_SILENCE)));
    }

    #[test]
    fn the_end_of_a_turn_is_proof_as_the_program_writes_it() {
        let done =
            |dim| codex(&[("› tell me", false), ("• told", false), ("", false), ("  Worked for 2s • 10:00", dim)]);
        assert!(matches!(proven(&done(true), at(0), None), Rest::Proven(RestProof::Ended(_))));
        // the model has written it
        assert_eq!(proven(&done(false), at(0), None), Rest::Unproven(Doubt::LookAgain(STILL_IN_SILENCE)));
    }

    #[test]
    fn what_is_written_below_the_end_of_a_turn_asks_for_a_second_look() {
        let above = [("› tell me", false), ("  Worked for 2s • 10:00", true), ("", false), ("• Model changed", false)];
        let screen = codex(&above);
        assert_eq!(proven(&screen, at(0), None), Rest::Unproven(Doubt::LookAgain(STILL)));
        let before = Glimpse::of(&screen, at(0));
        assert_eq!(proven(&screen, at(1), Some(&before)), Rest::Proven(RestProof::Still(Duration::from_secs(1))));
        let moved = Screen { title: "⠋".to_owned(), ..screen.clone() };
        assert_eq!(proven(&moved, at(1), Some(&before)), Rest::Unproven(Doubt::State(ScreenState::Working)));
        let renamed = Screen { title: "another".to_owned(), ..screen };
        assert_eq!(proven(&renamed, at(1), Some(&before)), Rest::Unproven(Doubt::LookAgain(STILL)));
    }

    #[test]
    fn before_the_first_turn_two_looks_will_do() {
        let screen =
            codex(&[("  >_ OpenAI Codex (v0.171.0)", false), ("     ~/proj", false), ("", false), ("  Tip: x", false)]);
        let before = Glimpse::of(&screen, at(0));
        assert_eq!(proven(&screen, at(1), Some(&before)), Rest::Proven(RestProof::Still(Duration::from_secs(1))));
    }
}
