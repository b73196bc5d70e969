//! A made-up coding agent: it writes what it is told into `heard.txt` of its folder. `?` in an empty composer shows a view of its
//! own, which any key closes.

use std::fs::OpenOptions;
use std::io::{self, Write};

use cafleet_fourth_agent::{FOOTER, WAITING};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyModifiers, read};
use crossterm::execute;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode, size};

/// What it shows and holds.
#[derive(Default)]
struct Parrot {
    transcript: Vec<String>,
    draft: String,
    has_view: bool,
}

fn main() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnableBracketedPaste)?;
    let outcome = Parrot::default().live();
    execute!(io::stdout(), DisableBracketedPaste)?;
    disable_raw_mode()?;
    outcome
}

impl Parrot {
    fn live(mut self) -> io::Result<()> {
        for prompt in std::env::args().skip(1) {
            self.hear(&prompt)?;
        }
        loop {
            self.draw()?;
            match read()? {
                Event::Paste(text) => self.draft += &text.replace('\r', "\n"),
                Event::Key(key) if self.has_view && key.is_press() => self.has_view = false,
                Event::Key(key) if key.is_press() => match key.code {
                    KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(()),
                    KeyCode::Char('?') if self.draft.is_empty() => self.has_view = true,
                    KeyCode::Char(character) => self.draft.push(character),
                    KeyCode::Enter => self.submit()?,
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn submit(&mut self) -> io::Result<()> {
        let draft = std::mem::take(&mut self.draft);
        if draft.is_empty() { Ok(()) } else { self.hear(&draft) }
    }

    fn hear(&mut self, text: &str) -> io::Result<()> {
        let mut heard = OpenOptions::new().create(true).append(true).open("heard.txt")?;
        writeln!(heard, "{text}")?;
        self.transcript.extend(text.lines().map(|line| format!("you said {line}")));
        Ok(())
    }

    fn draw(&self) -> io::Result<()> {
        let rule = "─".repeat(usize::from(size()?.0));
        let mut rows: Vec<String> = Vec::new();
        if self.has_view {
            rows.extend(["a view of parrot's own", "❯ 1. Yes", "  2. No", "", "Enter to confirm"].map(str::to_owned));
        } else {
            rows.extend(self.transcript.iter().rev().take(4).rev().cloned());
            rows.extend([WAITING.to_owned(), rule.clone()]);
            let lines = self.draft.split('\n').enumerate();
            rows.extend(lines.map(|(at, line)| format!("{} {line}", if at == 0 { ">" } else { " " })));
            rows.extend([rule, format!("  {FOOTER}")]);
        }
        let below = if self.has_view { 0 } else { 2 };
        let column = self.draft.lines().last().unwrap_or_default().chars().count() + 3;
        let picture = format!("\x1b[2J\x1b[H{}\x1b[{}A\x1b[{column}G", rows.join("\r\n"), below.max(1));
        let mut out = io::stdout().lock();
        out.write_all(picture.as_bytes())?;
        out.flush()
    }
}
