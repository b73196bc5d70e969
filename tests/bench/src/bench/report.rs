//! Tables, and the page that they stand on.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use crate::{Outcome, machine};

/// A table in Markdown.
pub(crate) struct Table {
    columns: usize,
    lines: Vec<String>,
    notes: Vec<String>,
}

impl Table {
    /// Makes a table with these columns.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let rule = vec!["---"; columns.len()].join(" | ");
        let lines = vec![format!("| {} |", columns.join(" | ")), format!("| {rule} |")];
        Self { columns: columns.len(), lines, notes: Vec::new() }
    }

    /// Adds a row; cells that it lacks stay empty.
    pub(crate) fn row(&mut self, mut cells: Vec<String>) {
        cells.resize(self.columns, String::new());
        self.lines.push(format!("| {} |", cells.join(" | ")));
    }

    /// Adds a sentence below the table.
    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

/// Puts a table between the markers of its section and says on what and when it was measured; prints it, too.
pub(crate) fn publish(page: &Path, section: &str, table: &Table) -> Outcome<()> {
    let text =
        format!("\n{}\n\n{}\n\nMeasured {}.\n", table.lines.join("\n"), table.notes.join(" "), machine::description()?);
    announce(section, &text);
    let page_text = match fs::read_to_string(page) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(format!("{} is missing", page.display()).into());
        }
        read => read?,
    };
    let replaced = replace(&page_text, section, &text)
        .ok_or_else(|| format!("{} has no <!-- bench:{section} --> and <!-- /bench:{section} -->", page.display()))?;
    Ok(fs::write(page, replaced)?)
}

#[expect(clippy::print_stdout, reason = "a program for developers, which has no printer")]
fn announce(section: &str, text: &str) {
    println!("## {section}\n{text}");
}

fn replace(page: &str, section: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(&format!("<!-- bench:{section} -->\n"))?;
    let (_, after) = rest.split_once(&format!("<!-- /bench:{section} -->"))?;
    Some(format!("{before}<!-- bench:{section} -->\n{text}\n<!-- /bench:{section} -->{after}"))
}

/// Writes a duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1e3)
}

/// Writes how many times longer the first is.
pub(crate) fn ratio(ours: Duration, floor: Duration) -> String {
    format!("**{:.2}**", ours.as_secs_f64() / floor.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_section_of_the_page_is_replaced() {
        let page = "a\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nb\n<!-- bench:y -->\nkept\n<!-- /bench:y -->\n";
        let after = "a\n<!-- bench:x -->\nnew\n<!-- /bench:x -->\nb\n<!-- bench:y -->\nkept\n<!-- /bench:y -->\n";
        assert_eq!(replace(page, "x", "new").as_deref(), Some(after));
        assert_eq!(replace(page, "z", "new"), None);
    }
}
