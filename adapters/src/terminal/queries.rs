//! Who answers what a program asks its terminal, and what a viewer's terminal must not see.
//!
//! The model answers most queries; this is about the rest of them, and about all of them where viewers are concerned:
//! a viewer's terminal would answer a second time.

use super::guard::Token;

/// Returns the answer to a query that the model does not know: the name of the terminal (XTVERSION), terminfo entries (XTGETTCAP)
/// and settings (DECRQSS), of which there are none to tell.
pub(super) fn answer(token: Token<'_>) -> Option<Vec<u8>> {
    match token {
        Token::Csi(b"\x1b[>q" | b"\x1b[>0q") => {
            Some(format!("\u{1b}P>|cafleet({})\u{1b}\\", env!("CARGO_PKG_VERSION")).into_bytes())
        }
        Token::Framed(b'P', sequence) if sequence.starts_with(b"\x1bP+q") => Some(b"\x1bP0+r\x1b\\".to_vec()),
        Token::Framed(b'P', sequence) if sequence.starts_with(b"\x1bP$q") => Some(b"\x1bP0$r\x1b\\".to_vec()),
        _ => None,
    }
}

/// Tells whether the model may read a piece. Hyperlinks would cost it the length of their address for each cell, and a
/// clipboard (OSC 52) is none of a program's business.
pub(super) fn is_for_the_model(token: Token<'_>) -> bool {
    match token {
        Token::Framed(b']', sequence) => !["8;", "52;"].iter().any(|kind| sequence[2..].starts_with(kind.as_bytes())),
        Token::Framed(..) => false,
        _ => true,
    }
}

/// Tells whether the terminal of a viewer may read a piece: no query, no string, nothing that changes its window or
/// what its keys send beyond the modes that are restored.
pub(super) fn is_for_viewers(token: Token<'_>) -> bool {
    let Token::Csi(sequence) = token else {
        return !matches!(token, Token::Framed(..) | Token::Escape(b"\x1bZ"));
    };
    let (last, body) = match sequence.split_last() {
        Some((last, rest)) => (*last, rest.get(2..).unwrap_or_default()),
        None => return false,
    };
    let private = body.first().copied().filter(|byte| (b'<'..=b'?').contains(byte));
    let intermediate = body.last().copied().filter(|byte| (b' '..=b'/').contains(byte));
    match (private, intermediate, last) {
        (_, _, b'c' | b'n' | b't' | b'x') | (_, Some(b'$'), b'p' | b'w') => false,
        (Some(_), _, b'u' | b'q' | b'S' | b'm') => false,
        // the history above the screen is the viewer's own
        (None, None, b'J') if body.starts_with(b"3") => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_see_no_query() {
        for query in [
            "\u{1b}[c",
            "\u{1b}[>c",
            "\u{1b}[=c",
            "\u{1b}[0c",
            "\u{1b}[6n",
            "\u{1b}[?6n",
            "\u{1b}[?996n",
            "\u{1b}[20$p",
            "\u{1b}[?2026$p",
            "\u{1b}[>q",
            "\u{1b}[18t",
            "\u{1b}[?u",
            "\u{1b}[>1u",
            "\u{1b}[>4;2m",
            "\u{1b}[?2;1S",
            "\u{1b}[3J",
        ] {
            assert!(!is_for_viewers(Token::Csi(query.as_bytes())), "{query:?}");
        }
        for shown in ["\u{1b}[m", "\u{1b}[1;31m", "\u{1b}[?2004h", "\u{1b}[2 q", "\u{1b}[3S", "\u{1b}[u", "\u{1b}[!p"] {
            assert!(is_for_viewers(Token::Csi(shown.as_bytes())), "{shown:?}");
        }
        assert!(!is_for_viewers(Token::Escape(b"\x1bZ")));
        for kind in b"]PX^_" {
            assert!(!is_for_viewers(Token::Framed(*kind, b"\x1b]52;c;eA==\x07")));
        }
    }
}
