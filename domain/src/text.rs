//! What people and agents write, made safe to show: one line, no control characters, cut at a character.

use thiserror::Error;

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
/// When it is empty, too long, or holds a control character.
pub fn check_name(what: &'static str, text: &str) -> Result<(), InvalidName> {
    let chars = text.chars().count();
    if text.trim().is_empty() {
        Err(InvalidName::Empty(what))
    } else if chars > MAX_NAME_CHARS {
        Err(InvalidName::TooLong { what, chars })
    } else if text.chars().any(is_control) {
        Err(InvalidName::ControlCharacter(what))
    } else {
        Ok(())
    }
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
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(RETURN_SYMBOL),
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

/// Returns a text without white space: agents break and indent lines where they like.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Tells whether a character is C0, DEL, C1, a line separator, or changes the direction of writing.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
    fn folds_line_breaks_and_drops_controls() {
        assert_eq!(one_line("a\r\nb\rc\nd"), "a⏎b⏎c⏎d");
        assert_eq!(one_line("x\u{1b}[201~y\0z\u{9b}\u{202e}\u{7f}"), "x[201~yz");
        assert_eq!(one_line("tab\there"), "tab here");
        assert_eq!(printable("a\tb\n\u{1b}]0;title\u{7}"), "a\tb\n]0;title");
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
        assert_eq!(
            check_name("name", &"x".repeat(10_240)).map_err(|error| error.to_string()),
            Err("name is 10240 characters long; the limit is 200".to_owned())
        );
    }
}
