//! Prints what programs may write, and what the model then shows and viewers are told: one JSON object for each terminal.
//!
//! `terminal_cases <seed> <terminals>`; the test of the page's terminal reads it. Each terminal gets twenty pieces of output, most of them
//! sequences, some broken.

use std::io::{self, Write};

use cafleet_adapters::terminal::Mirror;
use serde_json::{Value, json};

const PIECES: usize = 20;

/// Characters of every kind of width, and some that terminals disagree about.
const CHARACTERS: [&str; 24] = [
    "a",
    "Z",
    " ",
    "~",
    "é",
    "日",
    "本",
    "ｱ",
    "─",
    "│",
    "╭",
    "👍",
    "👍🏽",
    "👩‍👩‍👧",
    "❤️",
    "🇯🇵",
    "e\u{301}",
    "\u{200d}",
    "🫠",
    "⚠",
    "½",
    "Ω",
    "한",
    "\u{ad}",
];

/// Sequences with a number or two in place of `#`.
const SEQUENCES: [&str; 58] = [
    "[#m",
    "[#;#m",
    "[3#m",
    "[4#m",
    "[38;5;#m",
    "[48;5;#m",
    "[38;2;#;#;#m",
    "[7m",
    "[2m",
    "[m",
    "[#;#H",
    "[#A",
    "[#B",
    "[#C",
    "[#D",
    "[#G",
    "[#d",
    "[#J",
    "[J",
    "[2J",
    "[3J",
    "[#K",
    "[K",
    "[1K",
    "[#@",
    "[#P",
    "[#L",
    "[#M",
    "[#S",
    "[#T",
    "[#X",
    "[#b",
    "[#;#r",
    "[r",
    "[?6h",
    "[?6l",
    "[?7h",
    "[?7l",
    "[4h",
    "[4l",
    "[20h",
    "[?25l",
    "[?1049h",
    "[?1049l",
    "[?1000h",
    "[?2004h",
    "[?2026h",
    "[?2026l",
    "7",
    "8",
    "D",
    "M",
    "E",
    "H",
    "@8",
    "c",
    "(0",
    "(B",
];

/// Sequences that reach beyond the screen.
const BEYOND: [&[u8]; 24] = [
    b"\x05",
    b"\x07",
    b"\x0e",
    b"\x0f",
    b"\x1b[c",
    b"\x1b[6n",
    b"\x1b[2h",
    b"\x1b[?5h",
    b"\x1b[12l",
    b"\x1b[1;1;1;9;9;1*y",
    b"\x1b]0;title\x07",
    b"\x1b]52;c;eA==\x07",
    b"\x1b]8;;http://x\x1b\\",
    b"\x1bP$qm\x1b\\",
    b"\x1b_x\x1b\\",
    "\u{9b}31m".as_bytes(),
    "\u{9d}0;title\u{9c}".as_bytes(),
    "\u{90}x\u{9c}".as_bytes(),
    "\u{85}".as_bytes(),
    b"\x9b31m",
    b"\xff",
    b"\xe6\x97",
    b"\xf0\x9f",
    b"\xc0\xaf",
];

/// Chooses, the same for the same seed.
struct Dice(fastrand::Rng);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0.usize(..sides)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }

    fn number(&mut self) -> String {
        match self.roll(12) {
            0 => String::new(),
            1 => "0".to_owned(),
            2 => self.roll(1_000).to_string(),
            3 => "99999999".to_owned(),
            _ => self.roll(30).to_string(),
        }
    }

    fn piece(&mut self) -> Vec<u8> {
        match self.roll(10) {
            0..=3 => (0..=self.roll(30)).map(|_| self.pick(&CHARACTERS)).collect::<String>().into_bytes(),
            4..=7 => {
                let mut sequence = "\u{1b}".to_owned();
                for sign in self.pick(&SEQUENCES).chars() {
                    match sign {
                        '@' if sequence.len() == 1 => sequence.push('#'),
                        '#' => sequence.push_str(&self.number()),
                        other => sequence.push(other),
                    }
                }
                sequence.into_bytes()
            }
            8 => self.pick(&BEYOND).to_vec(),
            _ => match self.roll(4) {
                0 => (0..self.roll(12)).map(|_| u8::try_from(self.roll(256)).unwrap_or_default()).collect(),
                1 => [b"\x1b[".to_vec(), (0..self.roll(5)).map(|_| self.pick(b"0123;?>=!$ pqhl")).collect()].concat(),
                2 => b"\r\n".repeat(1 + self.roll(40)),
                _ => self.pick(&[&b"\t"[..], b"\x08", b"\r", b"\n", b"\x0b", b"\x1b", b"\x18"]).to_vec(),
            },
        }
    }
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1).filter_map(|word| word.parse::<u64>().ok());
    let (seed, count) = (arguments.next().unwrap_or(1), arguments.next().unwrap_or(500));
    let mut dice = Dice(fastrand::Rng::with_seed(seed));
    let mut out = io::stdout().lock();
    for _ in 0..count {
        writeln!(out, "{}", terminal(&mut dice))?;
    }
    Ok(())
}

/// Writes to one terminal.
fn terminal(dice: &mut Dice) -> Value {
    let (columns, rows) =
        (u16::try_from(2 + dice.roll(60)).unwrap_or(2), u16::try_from(1 + dice.roll(20)).unwrap_or(1));
    let mut mirror = Mirror::new(columns, rows, b"");
    let mut told = mirror.whole().screen;
    let mut steps = Vec::new();
    for _ in 0..PIECES {
        let piece = dice.piece();
        mirror.feed(&piece);
        told.extend(mirror.changes());
        let screen = mirror.screen();
        let spans: Vec<Vec<Value>> = screen
            .rows
            .iter()
            .map(|row| {
                row.spans.iter().map(|span| json!([span.text, span.dim, span.reverse, span.foreground])).collect()
            })
            .collect();
        steps.push(json!({
            "output": piece.escape_ascii().to_string(),
            "told": String::from_utf8_lossy(&std::mem::take(&mut told)),
            "rows": spans,
            "cursor": [screen.cursor_row, screen.cursor_column],
        }));
    }
    json!({ "columns": columns, "rows": rows, "steps": steps })
}
