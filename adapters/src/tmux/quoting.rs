//! Words for the parser of tmux commands. Pure.

/// Quotes a word for tmux's command parser, whatever it holds.
///
/// Between single quotes everything stands for itself but a line feed, after which the parser drops blanks and
/// comments; so line feeds, and the quote itself, go between double quotes.
pub(super) fn quote(word: &str) -> String {
    let mut quoted = String::with_capacity(word.len() + 2);
    quoted.push('\'');
    for character in word.chars() {
        match character {
            '\'' => quoted.push_str("'\"'\"'"),
            '\n' => quoted.push_str("'\"\\n\"'"),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_keeps_what_the_parser_would_read() {
        assert_eq!(quote("a b;$x#{y}\\"), "'a b;$x#{y}\\'");
        assert_eq!(quote("it's"), "'it'\"'\"'s'");
        assert_eq!(quote("a\n # b"), "'a'\"\\n\"' # b'");
        assert_eq!(quote(""), "''");
    }
}
