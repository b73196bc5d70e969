//! Turns what `capture-pane -e` prints into rows and looks. Pure.
//!
//! tmux writes only SGR sequences (ECMA-48, 8.3.117), SO and SI around characters of the DEC line-drawing set, and, from
//! 3.4 on, hyperlinks (OSC 8). A look lasts until it is changed, also over the end of a row.

use cafleet_domain::screen::{Row, Screen, Span};

/// The DEC special graphics from `` ` `` to `~`, as Unicode.
const LINE_DRAWING: &str = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";

/// The look of the next character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Look {
    dim: bool,
    reverse: bool,
    foreground: Option<String>,
    line_drawing: bool,
}

/// Reads rows of `capture-pane -e` from top to bottom; width, cursor and title are left at their defaults.
pub fn parse<'a>(rows: impl IntoIterator<Item = &'a str>) -> Screen {
    let mut look = Look::default();
    let rows = rows.into_iter().map(|row| parse_row(row, &mut look)).collect();
    Screen { rows, ..Screen::default() }
}

/// Reads one row, and changes `look` as the row does.
fn parse_row(text: &str, look: &mut Look) -> Row {
    let mut row = Row::default();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (escape, after) = split_escape(rest);
        if escape.is_empty() {
            rest = &rest[character.len_utf8()..];
            match character {
                '\u{0e}' => look.line_drawing = true,
                '\u{0f}' => look.line_drawing = false,
                other if other.is_control() => {}
                other => push(&mut row, look, if look.line_drawing { drawn(other) } else { other }),
            }
        } else {
            if let Some(parameters) = sgr(escape) {
                apply(look, parameters);
            }
            rest = after;
        }
    }
    row
}

/// Splits an escape sequence off the start of `text`; an empty one when there is none.
fn split_escape(text: &str) -> (&str, &str) {
    let Some(body) = text.strip_prefix('\u{1b}') else { return ("", text) };
    let length = match body.chars().next() {
        Some('[') => body[1..].find(|c| ('\u{40}'..='\u{7e}').contains(&c)).map(|at| at + 2),
        Some(']') => {
            let bell = body.find('\u{7}').map(|at| at + 1);
            let terminator = body.find("\u{1b}\\").map(|at| at + 2);
            bell.into_iter().chain(terminator).min()
        }
        Some(other) => Some(other.len_utf8()),
        None => Some(0),
    };
    // a sequence without an end takes the rest of the row
    text.split_at(1 + length.unwrap_or(body.len()))
}

/// Returns the parameters of an SGR sequence; none for any other.
fn sgr(escape: &str) -> Option<&str> {
    escape.strip_prefix("\u{1b}[")?.strip_suffix('m')
}

/// Changes a look by the parameters of one SGR sequence.
fn apply(look: &mut Look, parameters: &str) {
    let mut parts = parameters.split(';');
    while let Some(part) = parts.next() {
        // what follows a colon refines the parameter (`4:3` is a curly underline)
        let (code, refined) = part.split_once(':').map_or((part, ""), |(code, rest)| (code, rest));
        match code.parse::<u16>().unwrap_or(0) {
            0 => *look = Look { line_drawing: look.line_drawing, ..Look::default() },
            2 => look.dim = true,
            22 => look.dim = false,
            7 => look.reverse = true,
            27 => look.reverse = false,
            30..=37 | 90..=97 => look.foreground = Some(code.to_owned()),
            38 => look.foreground = colour(refined, &mut parts),
            48 | 58 => drop(colour(refined, &mut parts)),
            39 => look.foreground = None,
            _ => {}
        }
    }
}

/// Reads the rest of an extended colour (`5;n`, `2;r;g;b`, or the same with colons) and returns it as one of the foreground.
fn colour<'a>(refined: &str, parts: &mut impl Iterator<Item = &'a str>) -> Option<String> {
    let values: Vec<&str> = if refined.is_empty() {
        let kind = parts.next()?;
        let count = if kind == "2" { 3 } else { 1 };
        std::iter::once(kind).chain(parts.take(count)).collect()
    } else {
        refined.split(':').filter(|value| !value.is_empty()).collect()
    };
    Some(format!("38;{}", values.join(";")))
}

/// Appends a character to the last run of the row, or begins a new one where the look differs.
fn push(row: &mut Row, look: &Look, character: char) {
    match row.spans.last_mut() {
        Some(span) if (span.dim, span.reverse, &span.foreground) == (look.dim, look.reverse, &look.foreground) => {
            span.text.push(character);
        }
        _ => row.spans.push(Span {
            text: character.to_string(),
            dim: look.dim,
            reverse: look.reverse,
            foreground: look.foreground.clone(),
        }),
    }
}

/// Returns the character of the line-drawing set that stands at `character`.
fn drawn(character: char) -> char {
    (character as usize).checked_sub('`' as usize).and_then(|at| LINE_DRAWING.chars().nth(at)).unwrap_or(character)
}

/// Returns the last `count` rows of a capture without trailing blank rows, as characters alone.
pub(super) fn tail_plain(captured: &str, count: usize) -> String {
    let rows = parse(captured.lines()).rows;
    let rows: Vec<String> = rows.iter().map(|row| row.text().trim_end().to_owned()).collect();
    let end = rows.iter().rposition(|row| !row.is_empty()).map_or(0, |at| at + 1);
    rows[end.saturating_sub(count)..end].join("\n")
}

/// Returns the same rows with their escape sequences: the look that the rows before left on comes first, and a look
/// that is still on at the end is switched off.
pub(super) fn tail_styled(captured: &str, count: usize) -> String {
    let rows: Vec<&str> = captured.lines().collect();
    let blank = |row: &Row| row.text().trim_end().is_empty();
    let end = parse(rows.iter().copied()).rows.iter().rposition(|row| !blank(row)).map_or(0, |at| at + 1);
    let (before, shown) = rows[..end].split_at(end.saturating_sub(count));
    let carried = lasting(&before.join("\n"));
    let shown = format!("{carried}{}", shown.join("\n"));
    let reset = if lasting(&shown).is_empty() { "" } else { "\u{1b}[0m\u{f}" };
    format!("{shown}{reset}")
}

/// Returns the sequences of `text` whose effect lasts beyond it.
fn lasting(text: &str) -> String {
    let (mut looks, mut shifted, mut rest) = (String::new(), false, text);
    while let Some(character) = rest.chars().next() {
        let (escape, after) = split_escape(rest);
        match sgr(escape) {
            Some("" | "0") => looks.clear(),
            Some(parameters) => {
                if parameters.starts_with("0;") {
                    looks.clear();
                }
                looks.push_str(escape);
            }
            None if character == '\u{0e}' => shifted = true,
            None if character == '\u{0f}' => shifted = false,
            None => {}
        }
        rest = if escape.is_empty() { &rest[character.len_utf8()..] } else { after };
    }
    if shifted {
        looks.push('\u{0e}');
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> Span {
        Span { text: text.to_owned(), ..Span::default() }
    }

    #[test]
    fn looks_become_spans() {
        let rows = parse(["a\u{1b}[2mdim\u{1b}[0;7;31mrev\u{1b}[27;39mplain\u{1b}[1mbold"]).rows;
        let expected = [
            span("a"),
            Span { dim: true, ..span("dim") },
            Span { reverse: true, foreground: Some("31".to_owned()), ..span("rev") },
            span("plainbold"),
        ];
        assert_eq!(rows[0].spans, expected);
    }

    #[test]
    fn colours_are_read_in_every_notation_and_do_not_leak_into_attributes() {
        let foreground = |text: &str| parse([text]).rows[0].spans[0].clone();
        for (text, expected) in [
            ("\u{1b}[38;5;244mx", Some("38;5;244")),
            ("\u{1b}[38;2;128;7;2mx", Some("38;2;128;7;2")),
            ("\u{1b}[38:5:244mx", Some("38;5;244")),
            ("\u{1b}[38:2::128:7:2mx", Some("38;2;128;7;2")),
            ("\u{1b}[48;5;7mx", None),
            ("\u{1b}[48;2;7;2;31mx", None),
            ("\u{1b}[58;5;2mx", None),
            ("\u{1b}[97mx", Some("97")),
            ("\u{1b}[4:2mx", None),
        ] {
            let span = foreground(text);
            assert_eq!((span.foreground.as_deref(), span.dim, span.reverse), (expected, false, false), "{text:?}");
        }
    }

    #[test]
    fn a_look_lasts_over_the_end_of_a_row() {
        let rows = parse(["\u{1b}[2mone", "two\u{1b}[22m three"]).rows;
        assert_eq!(rows[1].spans, [Span { dim: true, ..span("two") }, span(" three")]);
    }

    #[test]
    fn line_drawing_becomes_unicode() {
        assert_eq!(parse(["\u{e}lqqk\u{f} lqk"]).rows[0].text(), "┌──┐ lqk");
        assert_eq!(LINE_DRAWING.chars().count(), '~' as usize - '`' as usize + 1);
    }

    #[test]
    fn other_sequences_vanish_and_a_broken_one_hides_nothing_before_it() {
        assert_eq!(parse(["\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{7} \u{1b}[3Kend"]).rows[0].text(), "link end");
        assert_eq!(parse(["text\u{1b}[38;5"]).rows[0].text(), "text");
        assert_eq!(parse(["text\u{1b}"]).rows[0].text(), "text");
        assert_eq!(parse(["日本\u{1b}日x"]).rows[0].text(), "日本x");
    }

    #[test]
    fn a_tail_ends_at_the_last_row_with_a_character() {
        let captured = "one\n\ntwo  \n\u{1b}[2m   \n\n";
        assert_eq!(tail_plain(captured, 2), "\ntwo");
        assert_eq!(tail_plain(captured, 100), "one\n\ntwo");
        assert_eq!(tail_plain(captured, 0), "");
        assert_eq!(tail_plain("\n\n", 5), "");
        assert_eq!(tail_styled(captured, 100), "one\n\ntwo  ");
        assert_eq!(tail_styled("\n\n", 5), "");
    }

    #[test]
    fn a_styled_tail_starts_with_the_look_that_lasts_and_ends_without_one() {
        assert_eq!(tail_styled("\u{1b}[31m\u{1b}[0;2mone\ntwo", 1), "\u{1b}[0;2mtwo\u{1b}[0m\u{f}");
        assert_eq!(tail_styled("\u{1b}[31mone\u{1b}[0m\ntwo", 1), "two");
    }
}
