//! What a program asks its terminal beyond what the model answers, and what the model must not read.
//!
//! Viewers are asked nothing: they are told of the model alone.

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
