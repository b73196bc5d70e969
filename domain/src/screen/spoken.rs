//! Finding the composer of a program that draws no frame, for people who have their screen read to them.
//!
//! Such a program writes one row below the other, and its composer is the last of them. So it is proven by what stands above
//! it, the mode in which the program runs, and by nothing standing below it.

use std::ops::Range;

use super::composer::Composer;
use super::patterns::{Patterns, Spoken};
use super::{Row, Screen};
use crate::text::squeezed;

/// Into how many rows narrow panes break the mode and the hints between it and the composer.
const STATUS_ROWS: usize = 14;

/// In how many rows above the mode a field may stand that takes the keys.
const FIELD_ROWS: usize = 6;

/// How many columns are left free between the prompt and the draft.
const GAP: usize = 2;

/// Finds the composer in the row of the cursor, and tells whether a turn runs.
pub(super) fn find(patterns: &Patterns, screen: &Screen) -> Option<(Composer, bool)> {
    let spoken = patterns.spoken.as_ref()?;
    let texts: Vec<String> = screen.rows.iter().map(Row::text).collect();
    let last = texts.iter().rposition(|text| !text.trim().is_empty())?;
    let first = (0..=last).rev().find(|&row| texts[row].starts_with(&spoken.prompt))?;
    if !(first..=last).contains(&screen.cursor_row) || !is_prompt(spoken, &texts[first]) {
        return None;
    }
    let status = status(spoken, &texts[..first])?;
    let left = spoken.prompt.chars().count() + GAP;
    let draft = draft(&screen.rows[first..=last], left);
    // where nothing has been typed, the cursor stands close behind the prompt
    if draft.is_empty() && (screen.cursor_row != first || screen.cursor_column > left) {
        return None;
    }
    let works = squeezed(&texts[status.clone()].concat()).contains(&squeezed(&spoken.working));
    Some((Composer { rows: status.start..last + 1, draft, mode: false, scrolled: false }, works))
}

/// Tells whether a row is the prompt, alone or with a draft behind the gap.
fn is_prompt(spoken: &Spoken, text: &str) -> bool {
    let rest = &text[spoken.prompt.len()..];
    rest.trim().is_empty() || rest.chars().take_while(|c| c.is_whitespace()).count() == GAP
}

/// Reads the draft: only its first row has the prompt before it, and what is dim nobody has typed.
fn draft(rows: &[Row], left: usize) -> String {
    let line = |(at, row): (usize, &Row)| {
        let typed = row.spans.iter().flat_map(|span| span.text.chars().map(|c| if span.dim { ' ' } else { c }));
        let line: String = typed.skip(if at == 0 { left } else { 0 }).collect();
        line.trim_end().to_owned()
    };
    rows.iter().enumerate().map(line).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

/// Returns the rows from the one that tells the mode to the composer, with nothing of the conversation among them.
fn status(spoken: &Spoken, above: &[String]) -> Option<Range<usize>> {
    let begins = |text: &String, with: &[String]| with.iter().any(|begin| text.starts_with(begin.as_str()));
    let start = (0..above.len()).rev().take(STATUS_ROWS).find(|&row| begins(&above[row], &spoken.modes))?;
    let said = above[start..].iter().any(|text| begins(text, &spoken.entries) || text.trim().is_empty());
    let near = squeezed(&above[start.saturating_sub(FIELD_ROWS)..].concat());
    let is_field = spoken.fields.iter().any(|field| near.contains(&squeezed(field)));
    (!said && !is_field).then_some(start..above.len())
}

#[cfg(test)]
mod tests {
    use super::super::{ScreenState, Span, read};
    use super::*;
    use crate::backend::Backend;
    use crate::program::Programs;

    /// A screen of claude with the cursor in its last row.
    fn state(rows: &[&str], cursor_column: usize) -> ScreenState {
        let row = |text: &&str| Row { spans: vec![Span { text: (*text).to_owned(), ..Span::default() }] };
        let cursor_row = rows.len() - 1;
        let rows = rows.iter().map(row).collect();
        let screen = Screen { rows, width: 80, cursor_row, cursor_column, ..Screen::default() };
        read(&Programs::built_in().of(Backend::CLAUDE).patterns, &screen).state
    }

    #[test]
    fn the_mode_above_the_prompt_proves_the_composer() {
        assert_eq!(state(&["claude: heard", "manual mode on", "effort: high", "$"], 1), ScreenState::AtRest);
        assert_eq!(state(&["claude: heard", "manual mode on", "$  half a thought"], 17), ScreenState::Composing);
        assert_eq!(state(&["manual mode on  ·  esc to interrupt", "$"], 1), ScreenState::Working);
        // 20 columns break it
        assert_eq!(state(&["don't ask on  ·  esc", "to interrupt", "$"], 1), ScreenState::Working);
    }

    #[test]
    fn a_prompt_without_the_mode_above_it_is_no_composer() {
        for rows in [
            &["/work$ claude", "$"][..],
            &["search prompts: manual mode on", "$"],
            &["search prompts:", "manual mode on", "$"],
            &["manual mode on", "claude: this is a shell:", "$"],
            &["manual mode on", "", "$"],
            &["! for shell mode", "$"],
        ] {
            assert_eq!(state(rows, 1), ScreenState::Unknown, "{rows:?}");
        }
        // what a shell writes where the program has been killed
        for row in ["$ ls", "$$ ", "$Killed", "$[1]+  Stopped"] {
            assert_eq!(state(&["manual mode on", row], 4), ScreenState::Unknown, "{row}");
        }
        assert_eq!(state(&["manual mode on", "$Killed", "$ "], 2), ScreenState::Unknown);
        assert_eq!(state(&["manual mode on", "$"], 9), ScreenState::Unknown);
    }
}
