//! What a composer must show for a text to count as typed into it, and by what Enter is guarded. Pure.

use std::ops::Range;

use crate::keystroke::{self, Keystroke};
use crate::ports::{EnterCondition, TypingCondition};
use crate::preview;
use crate::question::Question;
use crate::screen::{self, Patterns, Reading, Screen, ScreenState};
use crate::text::squeezed;

/// How many characters of the end of a text must be seen to know it again where its beginning is out of view.
const LEAST_END: usize = 24;

/// How long the beginning of a dialog's row must be to tell it from anything else.
const LEAST_DIALOG: usize = 8;

/// How many rows of a question must show when it is answered: tmux reads no more than 100 formats within each other.
const MOST_MARKS: usize = 32;

/// How long a part of what stands below a composer must be to be looked for.
const LEAST_FOOTER: usize = 4;

/// How a composer looks. Of a paste nothing may be drawn but the way that the cursor went.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    draft: Option<String>,
    rows: Range<usize>,
    cursor: (usize, usize),
}

impl Place {
    pub(crate) fn of(reading: &Reading, screen: &Screen) -> Self {
        Self {
            draft: reading.composer.clone(),
            rows: reading.rows.clone(),
            cursor: (screen.cursor_row, screen.cursor_column),
        }
    }
}

/// Tells whether a text stands in the composer, with or without something else: its head does, or, where that is out of
/// view, its end.
pub(crate) fn stands(reading: &Reading, keys: &Keystroke) -> bool {
    screen::composer_shows(reading, &keys.head)
        || unmarked(reading, keys).is_some_and(|(reading, keys)| {
            let draft = reading.composer.as_deref().unwrap_or_default();
            screen::composer_holds_only(&reading, &keys.text)
                || (reading.scrolled && is_drawn_end(draft, &squeezed(&keys.text)))
        })
}

/// Tells whether a text, or what the program shows in its place, is all that the composer holds; its header may stand there
/// more than once.
pub(super) fn holds_only(reading: &Reading, keys: &Keystroke) -> bool {
    unmarked(reading, keys).is_some_and(|(reading, keys)| screen::composer_holds_only(&reading, &keys.text))
}

/// Takes the marks out of draft and text, and out of the draft white space and each header that stands there again; none where
/// no composer is. A draft may be of an earlier attempt, with another mark, and begin in the middle of it where its beginning is
/// out of view. Where two attempts pasted the header, the first one showed too late for the second.
fn unmarked(reading: &Reading, keys: &Keystroke) -> Option<(Reading, Keystroke)> {
    let draft = squeezed(reading.composer.as_deref()?);
    let draft = if reading.scrolled { preview::unmarked_end(&draft) } else { preview::unmarked(&draft) };
    let keys = Keystroke { text: preview::unmarked(&keys.text), ..keys.clone() };
    let header = squeezed(&keys.split().0.text);
    let is_preview = preview::opens(reading.composer.as_deref()?);
    let mut rest = draft.as_str();
    while is_preview
        && !header.is_empty()
        && let Some(again) = rest.strip_prefix(&header)
        && again.starts_with(&header)
    {
        rest = again;
    }
    let reading = Reading { composer: Some(rest.to_owned()), ..reading.clone() };
    Some((reading, keys))
}

/// Tells whether a text that [stands](stands) in the composer is there alone, as far as can be seen.
///
/// Not by equality: programs leave out characters that they cannot draw. What comes before the head, or is no part of
/// the text, is somebody else's. A part that is there twice is a paste that was thought lost, with a mark of its own.
pub(super) fn stands_alone(reading: &Reading, keys: &Keystroke) -> bool {
    let Some((reading, keys)) = unmarked(reading, keys) else { return false };
    let (draft, text) = (reading.composer.as_deref().unwrap_or_default(), squeezed(&keys.text));
    screen::composer_holds_only(&reading, &keys.text)
        || (reading.scrolled && is_drawn_end(draft, &text))
        || (draft.starts_with(&squeezed(&keys.head)) && is_drawn(draft, &text))
        || is_repeated(draft, &keys)
}

/// Returns `true` if a preview that stood in the composer was submitted by somebody else: it has left the composer, and the mark that
/// was made for it shows elsewhere.
pub(super) fn was_submitted(reading: &Reading, screen: &Screen, keys: &Keystroke) -> bool {
    let is_known = matches!(reading.state, ScreenState::AtRest | ScreenState::Working | ScreenState::Composing);
    let rows = screen.rows.iter().enumerate().filter(|(row, _)| !reading.rows.contains(row));
    let shows = rows.into_iter().any(|(_, row)| row.text().contains(&keys.guard));
    preview::opens(&keys.text) && is_known && !stands(reading, keys) && shows
}

/// Returns what is to be seen on one row when Enter is pressed: the text's own guard where it shows; else the longest
/// that a row of the composer has, and if there is one, one that stands nowhere else.
fn guard(reading: &Reading, screen: &Screen, keys: &Keystroke) -> String {
    let draft = reading.composer.as_deref().unwrap_or_default();
    if draft.is_empty() || draft.lines().any(|row| row.contains(&keys.guard)) {
        return keys.guard.clone();
    }
    let outside = |guard: &str| {
        let mut others = screen.rows.iter().enumerate().filter(|(row, _)| !reading.rows.contains(row));
        !others.any(|(_, row)| row.text().contains(guard))
    };
    let guards = draft.lines().map(keystroke::row_guard).filter(|guard| !guard.is_empty());
    let best = guards.max_by_key(|guard| (outside(guard), guard.chars().count()));
    best.unwrap_or_else(|| keys.guard.clone())
}

/// Returns what must hold when Enter is pressed: the mark of the text stands where it does now, as far from the cursor, which is
/// in its column, and no row of a dialog shows that does not show now.
///
/// What a person types meanwhile moves the cursor along its row, once it shows; until then it is known by the key. A dialog takes
/// the composer's place and the cursor. What it could repeat of a message is not the mark, which is made for each attempt; only
/// where that is out of view does another row stand in for it.
pub(crate) fn condition(patterns: &Patterns, reading: &Reading, screen: &Screen, keys: &Keystroke) -> EnterCondition {
    let mark = guard(reading, screen, keys);
    let row = |text: &str| screen.rows.iter().position(|row| row.text().contains(text));
    let number = |row: usize| i32::try_from(row).unwrap_or(i32::MAX);
    let cursor_below = row(&mark).map(|row| number(screen.cursor_row) - number(row));
    let cursor_column = Some(screen.cursor_column);
    EnterCondition {
        mark,
        cursor_below,
        cursor_column,
        present: Vec::new(),
        absent: unseen_dialogs(patterns, screen),
        untouched: true,
    }
}

/// Returns what must hold when a text is typed: the cursor stands where it does now, what the program writes below its composer
/// shows still, and no row of a dialog that does not show now.
///
/// A dialog takes the composer's place, with all that stands below it, and the cursor. What stands below may change by itself,
/// as a clock does: then it is looked at again.
pub(super) fn typing_condition(patterns: &Patterns, reading: &Reading, screen: &Screen) -> TypingCondition {
    let below = screen.rows.iter().skip(reading.rows.end);
    let marks = below.map(|row| keystroke::short_guard(&row.text())).filter(|mark| mark.len() >= LEAST_FOOTER);
    TypingCondition {
        cursor: Some((screen.cursor_column, screen.cursor_row)),
        present: marks.take(1).collect(),
        absent: unseen_dialogs(patterns, screen),
        untouched: true,
    }
}

/// Returns what must show when a key of an answer is pressed: something of each row of the question and of its answers, as far as
/// that stands on one row now, of the last [`MOST_MARKS`] of them. Another question, with the same answers, has other words.
pub(super) fn marks_of_question(question: &Question, screen: &Screen) -> Vec<String> {
    let shows = |text: &str| screen.rows.iter().any(|row| row.text().contains(text));
    let labels = question.options.iter().map(|answer| answer.label.as_str());
    let mark = |row: &str| {
        let marks = [keystroke::row_guard(row), keystroke::short_guard(row)];
        marks.into_iter().find(|mark| !mark.is_empty() && shows(mark))
    };
    let mut marks: Vec<String> = question.body.lines().chain(labels).filter_map(mark).collect();
    marks.dedup();
    marks.split_off(marks.len().saturating_sub(MOST_MARKS))
}

/// Returns the beginnings of rows of dialogs that tell one from anything else and do not show.
fn unseen_dialogs(patterns: &Patterns, screen: &Screen) -> Vec<String> {
    let shows = |text: &str| screen.rows.iter().any(|row| row.text().contains(text));
    let dialogs = patterns.asking.iter().flat_map(|dialog| [&dialog.row.begins, &dialog.then.begins]);
    let is_telling =
        |text: &&String| text.len() >= LEAST_DIALOG && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ');
    dialogs.filter(is_telling).filter(|text| !shows(text)).map(|text| text.trim().to_owned()).collect()
}

/// Tells whether a draft is the text without some of its characters.
fn is_drawn(draft: &str, text: &str) -> bool {
    let mut rest = text.chars();
    draft.chars().all(|wanted| rest.any(|c| c == wanted))
}

/// Tells whether a draft is the end of a text without some of its characters.
fn is_drawn_end(draft: &str, text: &str) -> bool {
    draft.chars().count() >= LEAST_END && is_drawn(draft, text)
}

/// Tells whether a draft is the text with parts that were pasted more than once.
fn is_repeated(draft: &str, keys: &Keystroke) -> bool {
    let (opening, rest) = keys.split();
    let (opening, rest) = (squeezed(&opening.text), squeezed(rest));
    let mut left = draft;
    while let Some(after) = left.strip_prefix(&opening) {
        left = after;
    }
    left.len() < draft.len() && (left.replace(&(opening + &rest), "").is_empty() || left.replace(&rest, "").is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Backend;
    use crate::keystroke::Manner;
    use crate::program::Programs;
    use crate::screen::{Row, Span};

    fn preview(body: &str) -> Keystroke {
        Keystroke {
            text: format!("[cafleet msg 12 from 3 2026-04-15]\n{body}"),
            manner: Manner::Paste,
            head: "[cafleet msg 12 from 3 ".to_owned(),
            guard: "cafleet msg 12 from".to_owned(),
        }
    }

    fn shown(draft: &str, scrolled: bool) -> Reading {
        let composer = Some(draft.to_owned());
        Reading {
            state: ScreenState::Composing,
            composer,
            scrolled,
            working: false,
            question: None,
            rule: String::new(),
            rows: 1..2,
        }
    }

    fn alone(draft: &str, keys: &Keystroke) -> bool {
        stands_alone(&shown(draft, false), keys)
    }

    #[test]
    fn a_draft_is_alone_when_nothing_of_anybody_else_is_in_it() {
        let keys = Keystroke::shell("cargo test --all").expect("a good command");
        for draft in ["cargo test --all", "cargo test\n  --all", "! cargo test --all! cargo test --all"] {
            assert!(alone(draft, &keys), "{draft:?}");
        }
        for draft in ["rm cargo test --all", "cargo test --all and more", "! cargo test --all!"] {
            assert!(!alone(draft, &keys), "{draft:?}");
        }
        let keys = Keystroke::shell("echo what is not drawn is \u{200b} left out").expect("a good command");
        assert!(alone("echo what is not drawn is left out", &keys));
    }

    #[test]
    fn a_preview_is_alone_behind_a_stand_in_at_its_end_and_when_a_part_came_twice() {
        let keys = preview("a body of some length");
        let header = "[cafleet msg 12 from 3 2026-04-15]";
        for rest in
            ["\na body of some length", "[Pasted ~1 lines]", "", "\na body of\nsome length\na body of some length"]
        {
            assert!(alone(&format!("{header}{rest}"), &keys), "{rest:?}");
        }
        assert!(alone(&format!("{header}{header}\na body of some length"), &keys));
        for draft in [format!("{header}\nmine"), format!("mine {header}"), "[Pasted ~2 lines]".to_owned()] {
            assert!(!alone(&draft, &keys), "{draft:?}");
        }
        let end = |draft| {
            let reading = shown(draft, true);
            let seen = stands(&reading, &keys);
            assert_eq!(seen, stands_alone(&reading, &keys), "{draft:?}");
            seen
        };
        assert!(end("3 2026-04-15]\na body of some length"));
        let marked = |mark: &str| Keystroke {
            text: format!("[cafleet msg 12 from 3 2026-04-15T10:00:00+00:00 {mark}]\na body of some length, and more"),
            ..preview("")
        };
        for (first, keys) in [("k7qp2x", marked("k7qp2x")), ("qp2x", marked("k7qp2x")), ("k7qp2x", marked("other1"))] {
            let reading = shown(&format!("{first}]\na body of some length, and more"), true);
            assert!(stands(&reading, &keys) && stands_alone(&reading, &keys), "{first} of {}", keys.text);
        }
        assert!(!end("of some length"), "too little");
        assert!(!end("3 2026-04-15]\na body of some length and mine"));
    }

    #[test]
    fn a_header_that_two_attempts_pasted_is_still_alone() {
        let header = |mark| format!("[cafleet msg 12 from 3 2026-04-15T10:00:00.123456+00:00 {mark}]");
        let keys = Keystroke { text: format!("{}\na body", header("k7qp2x")), ..preview("") };
        for rest in ["[Pasted text #5 +5 lines]", "\na body"] {
            let draft = format!("{}{}{}{rest}", header("29buxm"), header("f8pn94"), header("k7qp2x"));
            assert!(alone(&draft, &keys) && holds_only(&shown(&draft, false), &keys), "{draft}");
            assert!(!holds_only(&shown(&format!("mine {draft}"), false), &keys), "{draft}");
        }
        let draft = header("29buxm") + &header("f8pn94");
        assert!(!holds_only(&shown(&draft, false), &keys) && holds_only(&shown(&draft, false), &keys.split().0));
    }

    #[test]
    fn a_text_is_typed_while_the_cursor_and_what_stands_below_the_composer_are_as_they_were() {
        let row = |text: &str| Row { spans: vec![Span { text: text.to_owned(), ..Span::default() }] };
        let rows = ["Esc to cancel", "❯ ", "───", "  ⏵⏵ don't ask on · esc to interrupt", "another row"].map(row);
        let screen = Screen { rows: rows.to_vec(), cursor_column: 2, cursor_row: 1, ..Screen::default() };
        let programs = Programs::built_in();
        let patterns = &programs.of(Backend::CLAUDE).patterns;
        let condition = typing_condition(patterns, &shown("", false), &screen);
        assert_eq!((condition.cursor, condition.present), (Some((2, 1)), vec!["esc to interrupt".to_owned()]));
        assert!(condition.absent.contains(&"Enter to confirm".to_owned()), "{:?}", condition.absent);
        assert!(!condition.absent.contains(&"Esc to cancel".to_owned()), "it shows already");
    }

    #[test]
    fn the_guard_shows_in_the_composer_and_nowhere_else_if_that_can_be() {
        let row = |text: &str| Row { spans: vec![Span { text: text.to_owned(), ..Span::default() }] };
        let screen = Screen { rows: vec![row("the long row of before"), row("")], ..Screen::default() };
        let guarded = |draft| guard(&shown(draft, true), &screen, &preview("x"));
        assert_eq!(guarded("[cafleet msg 12 from 3\n2026-04-15]"), "cafleet msg 12 from");
        assert_eq!(guarded("2026-04-15]\nthe long row of before"), "2026-04-15");
        assert_eq!(guarded("the long row of before"), "the long row of before");
        assert_eq!(guarded("]…"), "cafleet msg 12 from", "which is not there, so Enter is withheld");
    }
}
