//! How wide the terminal of the page draws each character: as wide as the model of the server does.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

use super::REGENERATE;

/// What uses the ranges. The numbers are the page's terminal's: two bits of width, and one for a character that joins the last.
const CODE: &str = r#"
/** How many columns the server's model gives a character. */
export function charWidth(codepoint: number): 0 | 1 | 2 {
  return among(ZERO, codepoint) ? 0 : among(TWO, codepoint) ? 2 : 1;
}

function among(ranges: number[], codepoint: number): boolean {
  let [low, high] = [0, ranges.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (codepoint < (ranges[middle * 2] ?? 0)) high = middle;
    else if (codepoint > (ranges[middle * 2 + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}

/** Makes a terminal give each character as many columns as the server's model does. */
export function likeTheServer(terminal: Terminal): void {
  terminal.unicode.register({
    version: "cafleet",
    wcwidth: charWidth,
    charProperties(codepoint, preceding) {
      const before = (preceding >> 1) & 3;
      const width = charWidth(codepoint);
      const joins = width === 0 && before > 0;
      return ((joins ? before : width) << 1) | (joins ? 1 : 0);
    },
  });
  terminal.unicode.activeVersion = "cafleet";
}
"#;

/// Returns the module of the page.
pub(super) fn page() -> String {
    let mut text = format!(
        "// Generated from the crate unicode-width by `{REGENERATE}`; changes made by hand are lost.\n\
         import type {{ Terminal }} from \"@xterm/xterm\";\n"
    );
    for (name, width) in [("ZERO", 0), ("TWO", 2)] {
        let _never_fails = write!(
            text,
            "\n/** Firsts and lasts of the ranges of characters of width {width}. */\nconst {name}: number[] = ["
        );
        for (number, (first, last)) in ranges(width).into_iter().enumerate() {
            text.push_str(if number % 8 == 0 { "\n  " } else { " " });
            let _never_fails = write!(text, "{first:#x}, {last:#x},");
        }
        text.push_str("\n];\n");
    }
    text + CODE
}

/// Returns the first and the last of each range of characters of a width.
fn ranges(width: usize) -> Vec<(u32, u32)> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for character in ('\u{a0}'..=char::MAX).filter(|character| character.width() == Some(width)) {
        let code = u32::from(character);
        match found.last_mut() {
            Some((_, last)) if *last + 1 == code => *last = code,
            _ => found.push((code, code)),
        }
    }
    found
}
