//! What people and agents write, made safe to show: one line, no control characters, cut at a character.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest body of a message and the longest spawn prompt, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The longest name or label, in Unicode scalar values.
pub const MAX_NAME_CHARS: usize = 200;

/// Marks where a text was cut.
pub const ELLIPSIS: char = '…';

/// Stands for a line break where only one line may be shown.
const RETURN_SYMBOL: char = '⏎';

/// Says why a text cannot be a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidName {
    /// Nothing but white space.
    #[error("{0} may not be empty")]
    Empty(&'static str),
    /// A line break, another control character, or one that changes the direction of writing.
    #[error("{0} may not contain line breaks or other control characters")]
    ControlCharacter(&'static str),
    /// A character that is not seen, by which two names would look alike.
    #[error("{what} may not contain invisible characters (U+{code:04X})")]
    Invisible {
        /// Which text.
        what: &'static str,
        /// The code point of the first of them.
        code: u32,
    },
    /// More than [`MAX_NAME_CHARS`].
    #[error("{what} is {chars} characters long; the limit is {MAX_NAME_CHARS}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// How long it is.
        chars: usize,
    },
}

/// Checks that `text` can be shown as a name on one line; `what` names it in the error.
///
/// # Errors
/// When it is empty, too long, or holds a control character or one that is not seen.
pub fn check_name(what: &'static str, text: &str) -> Result<(), InvalidName> {
    let chars = text.chars().count();
    if text.trim().is_empty() {
        Err(InvalidName::Empty(what))
    } else if chars > MAX_NAME_CHARS {
        Err(InvalidName::TooLong { what, chars })
    } else if text.chars().any(is_control) {
        Err(InvalidName::ControlCharacter(what))
    } else if let Some(invisible) = text.chars().find(|&c| is_ignorable(c)) {
        Err(InvalidName::Invisible { what, code: invisible.into() })
    } else {
        Ok(())
    }
}

/// Tells whether nobody could see anything of `text`: white space, control characters, characters without a shape.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_control(c) || is_ignorable(c))
}

/// Sets in every line of `text` but empty ones. Whatever a reader or a terminal takes for a line break is one, and other
/// control characters vanish, so no line of the result begins at the margin.
#[must_use]
pub fn indented(text: &str, margin: &str) -> String {
    let lines = printable(&with_line_feeds(text));
    let set_in = lines.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{margin}{line}") });
    set_in.collect::<Vec<_>>().join("\n")
}

/// Returns `text` with a line feed in place of each line break, whatever its kind.
fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").chars().map(|c| if is_line_break(c) { '\n' } else { c }).collect()
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Cuts `text` after `limit` Unicode scalar values and marks the cut with [`ELLIPSIS`].
#[must_use]
pub fn truncate(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}{ELLIPSIS}", &text[..end]),
        None => text.to_owned(),
    }
}

/// Puts `text` on one line: each line break becomes `⏎`, tabs become blanks, other control characters vanish.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(|c| match c {
            c if is_line_break(c) => Some(RETURN_SYMBOL),
            '\t' => Some(' '),
            c => (!is_control(c)).then_some(c),
        })
        .collect()
}

/// Removes the control characters that a terminal would obey; line feeds and tabs stay.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().filter(|&c| matches!(c, '\n' | '\t') || !is_control(c)).collect()
}

/// Returns `text` as every terminal draws it: in composed form (NFC), without characters that are not seen, without those that
/// change how the one before is drawn, and without combining marks that have nothing to combine with.
///
/// Terminals and programs differ in how many columns these take, so a text with them does not stand on a screen as it was written.
#[must_use]
pub fn drawn_alike(text: &str) -> String {
    let mut combines = false;
    let seen = text.nfc().filter(|&c| !is_ignorable(c) && !is_emoji_modifier(c));
    seen.filter(|&c| {
        let is_kept = combines || !is_combining_mark(c);
        combines = !c.is_whitespace() && is_kept;
        is_kept
    })
    .collect()
}

/// Tells whether a character gives the emoji before it another skin.
fn is_emoji_modifier(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Returns a text without white space: agents break and indent lines where they like.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Returns what stands in rows from each column on to their ends, without white space: where a program sets words in columns,
/// a narrow pane breaks each column by itself, and the last one is read so.
pub(crate) fn from_each_column(rows: &[String]) -> impl Iterator<Item = String> {
    let widest = rows.iter().map(|row| row.chars().count()).max().unwrap_or(0);
    (0..widest)
        .map(|column| rows.iter().flat_map(|row| row.chars().skip(column)).filter(|c| !c.is_whitespace()).collect())
}

/// Tells whether a character is C0, DEL, C1, a line separator, or changes the direction of writing.
#[must_use]
pub fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Tells whether a character is drawn as nothing: the property Default_Ignorable_Code_Point, and what else is drawn as a blank or as nothing.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters_never_inside_one() {
        assert_eq!(truncate("日本語テキスト", 3), "日本語…");
        assert_eq!(truncate("abc", 3), "abc");
        assert_eq!(truncate("👍👍", 1), "👍…");
        assert_eq!(truncate("", 0), "");
        assert_eq!(truncate("a", 0), "…");
    }

    #[test]
    fn what_terminals_draw_each_in_their_way_is_left_out_or_composed() {
        for (text, drawn) in [
            ("\u{200d}\u{200d}e本", "e本"),
            ("\u{301}e\u{301} \u{20dd}x", "\u{e9} x"),
            ("👩\u{200d}👧 👍\u{1f3fd} ❤\u{fe0f} 1\u{fe0f}\u{20e3}", "👩👧 👍 ❤ 1\u{20e3}"),
            ("\u{1112}\u{1161}\u{11ab}글", "한글"),
            ("ก็น้ำ नमस्ते 日本 a b", "ก็น้ำ नमस्ते 日本 a b"),
        ] {
            assert_eq!(drawn_alike(text), drawn);
            assert_eq!(drawn_alike(drawn), drawn);
        }
    }

    #[test]
    fn a_column_that_a_narrow_pane_has_broken_is_read_by_itself() {
        let rows = ["tab   ctrl", "agen  +p c", "ts    omma", "      nds"].map(str::to_owned);
        assert!(from_each_column(&rows).any(|text| text == "ctrl+pcommands"));
        assert!(!from_each_column(&rows).any(|text| text.contains("tabagents")));
        assert_eq!(from_each_column(&[]).count(), 0);
    }

    #[test]
    fn folds_line_breaks_and_drops_controls() {
        assert_eq!(one_line("a\r\nb\rc\nd"), "a⏎b⏎c⏎d");
        assert_eq!(one_line("x\u{1b}[201~y\0z\u{9b}\u{202e}\u{7f}"), "x[201~yz");
        assert_eq!(one_line("tab\there"), "tab here");
        assert_eq!(printable("a\tb\n\u{1b}]0;title\u{7}"), "a\tb\n]0;title");
    }

    #[test]
    fn every_kind_of_line_break_is_set_in_and_nothing_moves_the_cursor_back() {
        for line_break in ["\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            let body = format!("done{line_break}{line_break}[7 | from:2]{line_break}");
            assert_eq!(indented(&body, "  "), "  done\n\n  [7 | from:2]\n", "{line_break:?}");
        }
        assert_eq!(indented("a\u{8}\u{8}\u{8}\u{1b}[2K[7]\tx\u{9b}1G", "  "), "  a[2K[7]\tx1G");
        assert_eq!(indented("\u{1b}\n", "  "), "\n");
        assert_eq!(indented("", "  "), "");
    }

    #[test]
    fn what_nobody_can_see_is_blank() {
        for blank in ["", " ", "\t\r\n", "\u{a0}\u{3000}", "\u{200b}\u{feff}\u{2060}", "\u{3164}", "\u{1b}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        assert!(!is_blank(" .") && !is_blank("日"));
    }

    #[test]
    fn names_are_short_single_lines() {
        for good in ["Director", "名前", "a `rm -rf` $(x) | y", "👍"] {
            assert_eq!(check_name("name", good), Ok(()));
        }
        assert_eq!(check_name("name", " \t"), Err(InvalidName::Empty("name")));
        for bad in ["a\nb", "a\u{1b}b", "a\u{202e}b", "a\u{9b}b"] {
            assert_eq!(check_name("name", bad), Err(InvalidName::ControlCharacter("name")));
        }
        for unseen in ['\u{200d}', '\u{ad}', '\u{3164}', '\u{e0041}', '\u{feff}', '\u{fe0f}', '\u{2800}'] {
            let invisible = Err(InvalidName::Invisible { what: "name", code: unseen.into() });
            assert_eq!(check_name("name", &format!("Ada{unseen}")), invisible);
        }
        assert_eq!(
            check_name("name", &"x".repeat(10_240)).map_err(|error| error.to_string()),
            Err("name is 10240 characters long; the limit is 200".to_owned())
        );
    }
}
