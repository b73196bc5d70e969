//! The one place that writes to standard output and standard error.

use std::io::{self, IsTerminal, Write};

use cafleet_domain::text::{is_control, printable};
use serde_json::{Value, json};

use crate::error::CommandError;
use crate::exit_code::ExitStatus;
use crate::view::View;

/// Writes data to standard output and diagnostics to standard error, as text or as JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    json: bool,
}

impl Printer {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints a view, as `--json` or its absence asks for.
    pub(crate) fn show(self, view: &dyn View) -> Result<(), CommandError> {
        if self.json { self.json(&view.json()) } else { self.text(&view.text()) }
    }

    /// Tells whether programs read what is shown.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints text and ends its line. On a terminal, control characters that it would obey are left out.
    pub(crate) fn text(self, text: &str) -> Result<(), CommandError> {
        let mut out = io::stdout().lock();
        let line_feed = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let written = if out.is_terminal() {
            write!(out, "{}{line_feed}", printable(text))
        } else {
            write!(out, "{text}{line_feed}")
        };
        broken_pipe_is_fine(written.and_then(|()| out.flush()))
    }

    /// Prints text as it is, escape sequences included.
    pub(crate) fn raw(self, bytes: &[u8]) -> Result<(), CommandError> {
        let mut out = io::stdout().lock();
        broken_pipe_is_fine(out.write_all(bytes).and_then(|()| out.flush()))
    }

    /// Returns standard output, for what is told over time.
    pub(crate) fn stream(self) -> impl Write {
        io::stdout()
    }

    /// Returns `true` if a person reads standard output, as text.
    pub(crate) fn shows_text_to_a_person(self) -> bool {
        !self.json && self.is_read_by_a_person()
    }

    /// Tells whether a person reads standard output.
    pub(crate) fn is_read_by_a_person(self) -> bool {
        io::stdout().is_terminal()
    }

    fn json(self, value: &Value) -> Result<(), CommandError> {
        self.raw(format!("{}\n", json_line(value)).as_bytes())
    }

    /// Prints a remark that is no data.
    pub(crate) fn note(self, text: &str) {
        let _nobody_to_tell = writeln!(io::stderr().lock(), "{}", printable(text).trim_end());
    }

    /// Prints why a command failed and returns how the process ends.
    pub(crate) fn error(self, error: &CommandError) -> ExitStatus {
        if self.json {
            let value = json!({"error": {"code": error.code, "message": error.message}});
            let _nobody_to_tell = writeln!(io::stderr().lock(), "{}", json_line(&value));
        } else {
            self.note(&format!("Error: {}", error.message.replace('\n', " ")));
        }
        if let Some(details) = &error.details {
            self.note(details);
        }
        error.status
    }
}

/// Returns JSON on one line in which a terminal finds nothing to obey: a control character stands as `\u…`, which only
/// texts can hold.
fn json_line(value: &Value) -> String {
    let line = value.to_string();
    let mut escaped = String::with_capacity(line.len());
    for c in line.chars() {
        if is_control(c) {
            // none of them is above U+FFFF
            escaped += &format!("\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// A reader that has seen enough is no failure; a full disk is.
fn broken_pipe_is_fine(written: io::Result<()>) -> Result<(), CommandError> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::failure("output", format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_nothing_that_a_terminal_obeys_and_says_the_same() {
        let text = "a\u{9b}31m\u{7f}\u{202e}\u{2066}\u{200f}\u{2028}\u{1b}\\ 日本語 👩\u{200d}👧\"";
        let value = json!({ text: [text] });
        let line = json_line(&value);
        assert!(!line.chars().any(is_control), "{line:?}");
        assert!(line.contains("日本語 👩\u{200d}👧") && line.contains(r"\u009b31m\u007f\u202e\u2066"), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).expect("valid JSON"), value);
    }
}
