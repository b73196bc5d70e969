//! Finding the composer on a screen: frame first, then what stands below it, then what is written in it.
//!
//! Forms, pickers and other views have frames like the composer's, and each version brings more of them than anybody could
//! list. So a frame counts only with what the program writes below its composer and nowhere else.

use std::ops::Range;

use super::patterns::{Footer, Frame, Patterns, Placeholder, Words};
use super::{Row, Screen};
use crate::text::{from_each_column, squeezed};

/// A composer that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Composer {
    /// The rows from the first to the last of its frame.
    pub(super) rows: Range<usize>,
    /// What is typed in it, rows joined by line feeds; empty when there is nothing or a placeholder.
    pub(super) draft: String,
    /// The text is not a message but a command.
    pub(super) mode: bool,
    /// More of the draft is out of view.
    pub(super) scrolled: bool,
}

/// Where the frame leaves room for the draft.
struct Inside {
    /// The rows of the frame.
    rows: Range<usize>,
    /// The rows of the draft.
    draft: Range<usize>,
    /// How many characters of each row of the draft belong to the frame.
    left: usize,
    /// At how many columns the composer ends.
    right: usize,
    /// The first row of what stands below it.
    footer: usize,
    mode: bool,
    scrolled: bool,
}

/// Finds the composer around the cursor: in all three agents the cursor of the terminal stands in it.
pub(super) fn find(patterns: &Patterns, screen: &Screen) -> Option<Composer> {
    let texts: Vec<String> = screen.rows.iter().map(Row::text).collect();
    if screen.cursor_row >= texts.len() {
        return None;
    }
    let inside = match &patterns.frame {
        Frame::Rules { rule, prompt, modes, scrolled } => {
            between_rules(&texts, screen, *rule, (prompt, modes), scrolled)
        }
        Frame::Prompt { prompt, modes, status, scrolled } => {
            behind_prompt(&texts, screen, (prompt, modes), *status, *scrolled)
        }
        Frame::Bar { bar, foot, modes } => behind_bar(&texts, screen, *bar, *foot, modes),
    }?;
    let rows = screen.rows.get(inside.draft.clone())?;
    let at_start = (screen.cursor_row, screen.cursor_column) == (inside.draft.start, inside.left);
    let (draft, shown) = draft(rows, &inside, &patterns.placeholder, at_start);
    let is_empty = draft.is_empty() && !inside.scrolled;
    // a draft can push what stands below it off the screen
    let below = texts.get(inside.footer..).unwrap_or_default();
    let is_cut = !is_empty && below.iter().all(|text| is_blank(text));
    let in_columns = matches!(patterns.frame, Frame::Bar { .. });
    let proven = inside.mode || is_cut || is_of_composer(&patterns.footer, below, in_columns);
    let empty = !is_empty || inside.mode || is_placeholder(&patterns.placeholder, &shown, screen.width);
    (proven && empty).then_some(Composer { rows: inside.rows, draft, mode: inside.mode, scrolled: inside.scrolled })
}

/// Tells whether the rows below a frame are those that the program writes below its composer. Programs that set them in
/// columns break each column by itself.
fn is_of_composer(footer: &Footer, below: &[String], in_columns: bool) -> bool {
    let rows: Vec<&str> = below.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    let stands = |words: &Words| {
        let holds = squeezed(&words.holds);
        (0..rows.len())
            .any(|row| rows[row].starts_with(&words.begins) && squeezed(&rows[row..].concat()).contains(&holds))
    };
    let in_column = |words: &Words| {
        let holds = squeezed(&words.holds);
        words.begins.is_empty() && from_each_column(below).any(|text| text.contains(&holds))
    };
    // a window of its own over the conversation reaches into these rows, and tells its keys at its own edge
    let parts = || rows.iter().flat_map(|row| row.split("  ")).map(|part| part.trim_start().to_lowercase());
    let stands_apart = |words: &Words| !words.begins.is_empty() && parts().any(|part| part.starts_with(&words.begins));
    let known = |words: &Words| stands(words) || (in_columns && in_column(words));
    let is_alone = rows.iter().any(|row| footer.alone.iter().any(|alone| alone == row));
    (is_alone || footer.known.iter().any(known))
        && !footer.foreign.iter().any(|words| stands(words) || stands_apart(words))
}

/// Tells whether an empty composer may show this: its placeholder, where it always has one.
fn is_placeholder(placeholder: &Placeholder, shown: &str, width: usize) -> bool {
    let Placeholder::DimWords(texts) = placeholder else { return true };
    let shown = shown.trim();
    // a narrow pane cuts it
    let is_cut = |text: &str| text.starts_with(shown) && shown.chars().count() + 8 >= width.min(text.chars().count());
    texts.iter().any(|text| text == shown || (!shown.is_empty() && is_cut(text)))
}

/// The frame of claude.
fn between_rules(
    texts: &[String],
    screen: &Screen,
    rule: char,
    (prompt, modes): (&str, &[String]),
    scrolled: &str,
) -> Option<Inside> {
    let is_rule = |text: &String| {
        let text = text.trim_end();
        text.starts_with(rule) && text.ends_with(rule) && text.chars().filter(|c| *c == rule).count() >= 3
    };
    let above = (0..screen.cursor_row).rev().find(|&row| is_rule(&texts[row]))?;
    let scrolled = texts[above].split_whitespace().any(|word| word == scrolled);
    // in a pane of ten rows a draft pushes the rule below it off the screen
    let below = (screen.cursor_row + 1..texts.len()).find(|&row| is_rule(&texts[row])).unwrap_or(texts.len());
    let draft = above + 1..below;
    let mode = starts_with_any(&texts[draft.start], modes);
    let first = mode || scrolled || texts[draft.start].starts_with(prompt);
    let indented = texts[draft.start + 1..below].iter().all(|text| is_indented(text));
    (first && indented).then_some(Inside {
        rows: above..(below + 1).min(texts.len()),
        draft,
        left: 2,
        right: usize::MAX,
        footer: below + 1,
        mode,
        scrolled,
    })
}

/// The frame of codex.
fn behind_prompt(
    texts: &[String],
    screen: &Screen,
    (prompt, modes): (&str, &[String]),
    status: usize,
    scrolled: char,
) -> Option<Inside> {
    let first = (0..=screen.cursor_row).rev().find(|&row| !is_indented(&texts[row]))?;
    let mode = starts_with_any(&texts[first], modes);
    let scrolled = texts[first].trim_end().ends_with(scrolled);
    let last = texts.iter().rposition(|text| !is_blank(text))?;
    // the status is the last block of rows; the draft ends before the blank row above it
    let blank = (screen.cursor_row + 1..=last).rev().find(|&row| is_blank(&texts[row]));
    // a draft that is higher than the pane leaves no room for a status
    let end = blank.filter(|blank| (1..=status).contains(&(last - blank))).or(scrolled.then_some(last + 1))?;
    let indented = texts[first + 1..end].iter().all(|text| is_indented(text));
    (indented && (mode || texts[first].starts_with(prompt))).then_some(Inside {
        rows: first..last + 1,
        draft: first..end,
        left: 2,
        right: usize::MAX,
        footer: end,
        mode,
        scrolled,
    })
}

/// The frame of opencode.
fn behind_bar(texts: &[String], screen: &Screen, bar: char, foot: char, modes: &[String]) -> Option<Inside> {
    let column = |text: &String, wanted: char| {
        let blanks = text.chars().take_while(|c| *c == ' ').count();
        (text.chars().nth(blanks) == Some(wanted)).then_some(blanks)
    };
    let below = (screen.cursor_row + 1..texts.len()).find(|&row| column(&texts[row], foot).is_some())?;
    let at = column(&texts[below], foot)?;
    // the list of completions has a bar at its right edge too
    let in_frame = |text: &String| column(text, bar) == Some(at) && text.chars().filter(|c| *c == bar).count() == 1;
    let top = (0..below).rev().take_while(|&row| in_frame(&texts[row])).last()?;
    let right = texts[below].trim_end().chars().take_while(|c| matches!(c, ' ' | '▀') || *c == foot).count();
    let within = |row: usize| -> String { texts[row].chars().take(right).skip(at + 1).collect() };
    // a blank row, the draft, a blank row, the words, which a narrow pane breaks
    let blank = (top..below).rev().find(|&row| is_blank(&within(row)))?;
    let draft = top + 1..blank;
    if blank + 1 == below || !draft.contains(&screen.cursor_row) {
        return None;
    }
    let mode = starts_with_any(within(blank + 1).trim_start(), modes);
    Some(Inside { rows: top..below + 1, draft, left: at + 3, right, footer: below + 1, mode, scrolled: false })
}

/// Reads the draft out of its rows, and what is shown in its place where there is none.
fn draft(rows: &[Row], inside: &Inside, placeholder: &Placeholder, at_start: bool) -> (String, String) {
    let (mut lines, mut shown) = (Vec::with_capacity(rows.len()), String::new());
    let (mut typed, mut is_dim) = (false, false);
    let dims = matches!(placeholder, Placeholder::Dim | Placeholder::DimWords(_));
    for row in rows {
        let mut line = String::new();
        let mut column = 0;
        let characters = row.spans.iter().flat_map(|span| span.text.chars().map(move |c| (c, span)));
        for (place, (character, span)) in characters.enumerate() {
            if place >= inside.left && column < inside.right {
                let dim = dims && span.dim;
                is_dim |= dim;
                if dim || span.reverse {
                    shown.push(character);
                }
                typed |= !dim && !span.reverse && !character.is_whitespace();
                line.push(if dim { ' ' } else { character });
            }
            column += width(character);
        }
        lines.push(line.trim_end().to_owned());
    }
    let draft = lines.join("\n");
    let draft = draft.trim_matches('\n');
    let is_empty = match placeholder {
        // what is left of a placeholder is the character under the drawn cursor
        Placeholder::Dim | Placeholder::DimWords(_) if is_dim && !typed => true,
        Placeholder::Words(words) if at_start && starts_with_any(draft.trim_start(), words) => true,
        _ => draft.trim().is_empty(),
    };
    (if is_empty { String::new() } else { draft.to_owned() }, shown)
}

/// Returns how many columns a character takes, well enough to tell a draft from what stands beside it: terminals show
/// East Asian scripts and most emoji two columns wide (Unicode Standard Annex 11).
fn width(character: char) -> usize {
    let wide = matches!(u32::from(character),
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE4F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1F64F | 0x1F680..=0x1F6FF | 0x1F900..=0x1F9FF
        | 0x20000..=0x3FFFD);
    if wide { 2 } else { 1 }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Tells whether a row can be a further row of a draft.
fn is_indented(text: &str) -> bool {
    is_blank(text) || text.starts_with("  ")
}

fn starts_with_any(text: &str, beginnings: &[String]) -> bool {
    beginnings.iter().any(|beginning| text.starts_with(beginning.as_str()))
}
