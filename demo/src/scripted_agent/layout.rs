//! Text on a grid of columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a tab takes; the screen of a terminal program shows no tabs.
const TAB: &str = "    ";

/// How a run of characters looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As the terminal's text.
    Plain,
    /// Faint, as placeholders are.
    Dim,
    /// Strong.
    Bold,
    /// In a colour of its own, as opencode shows the choice that Enter takes.
    Chosen,
}

/// One row of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Row(pub(super) Vec<(Look, String)>);

impl Row {
    /// Makes a row of one look.
    pub(super) fn new(look: Look, text: impl Into<String>) -> Self {
        Self(vec![(look, text.into())])
    }

    /// Makes a row of plain text.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(Look::Plain, text)
    }

    /// Cuts the row to `width` columns.
    pub(super) fn clipped(mut self, width: usize) -> Self {
        let mut left = width;
        for (_, text) in &mut self.0 {
            *text = clip(text, left).to_owned();
            left -= text.width();
        }
        self
    }
}

/// Returns the columns that `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Returns the longest head of `text` that takes at most `columns`.
pub(super) fn clip(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (index, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > columns {
            return &text[..index];
        }
    }
    text
}

/// Breaks `text` into rows of at most `columns`, at its line feeds and else between words where there are any. The
/// blank at which a row was broken is not shown. There is always at least one row.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let safe = cafleet_domain::text::printable(text).replace('\t', TAB);
    safe.split('\n').flat_map(|line| wrap_line(line, columns)).collect()
}

fn wrap_line(line: &str, columns: usize) -> Vec<String> {
    let mut rows = Vec::new();
    let mut row = String::new();
    let mut used = 0;
    for character in line.chars() {
        let needed = character.width().unwrap_or(0);
        if character == ' ' && used + needed > columns {
            rows.push(std::mem::take(&mut row));
            used = 0;
            continue;
        }
        while used + needed > columns {
            let mut rest = String::new();
            if let Some(blank) = row.rfind(' ') {
                rest = row.split_off(blank + 1);
                row.pop();
            }
            rows.push(std::mem::replace(&mut row, rest));
            used = row.width();
        }
        row.push(character);
        used += needed;
    }
    rows.push(row);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_between_words_and_inside_long_ones() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\n\nb", 10), ["a", "", "b"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn no_row_is_wider_than_the_screen_and_no_letter_is_lost() {
        let text = "日本語の mixed テキスト with 👍 and_a_very_long_word_that_must_break  double  blanks";
        for columns in 2..60 {
            let rows = wrap(text, columns);
            assert!(rows.iter().all(|row| row.width() <= columns), "{columns}: {rows:?}");
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(squeezed(&rows.concat()), squeezed(text), "{columns}");
        }
    }

    #[test]
    fn controls_never_reach_the_terminal() {
        assert_eq!(wrap("a\u{1b}[2Jb\tc\u{9b}d", 40), ["a[2Jb    cd"]);
    }

    #[test]
    fn clips_by_columns() {
        assert_eq!(clip("日本語", 5), "日本");
        assert_eq!(Row(vec![(Look::Bold, "ab".into()), (Look::Dim, "日本".into())]).clipped(5), {
            Row(vec![(Look::Bold, "ab".into()), (Look::Dim, "日".into())])
        });
    }
}
