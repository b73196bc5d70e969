//! What may be typed into a pane, validated once.

use thiserror::Error;

use crate::id::{AgentId, FleetId};
use crate::preview;
use crate::task::Task;
use crate::text;

/// The longest guard, in columns: short enough to stand on one row of the narrowest pane.
const MAX_GUARD_COLUMNS: usize = 16;

/// How much of a text must be seen in the composer before it counts as echoed.
const MAX_HEAD_CHARS: usize = 24;

/// What stands before a shell command.
const SHELL_MARK: &str = "! ";

/// The key that goes on to the next answer of a list: Ctrl-N, for an arrow begins with an Escape.
pub const NEXT: &str = "\u{e}";

/// The key that goes back to the answer before: Ctrl-P.
pub const PREVIOUS: &str = "\u{10}";

/// The key that goes on to the next field.
pub const TAB: &str = "\t";

/// How a text gets into a composer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As one bracketed paste.
    Paste,
    /// Character by character.
    Keys,
}

/// A text that is to be submitted, with what proves that it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keystroke {
    /// What is typed.
    pub text: String,
    /// How it is typed.
    pub manner: Manner,
    /// The beginning of the text, which must stand in the composer before Enter; white space does not count.
    pub head: String,
    /// A part of the head that fits on one row and holds nothing special: the condition under which the multiplexer
    /// presses Enter.
    pub guard: String,
}

/// Why a text may not be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidKeystroke {
    /// The command is empty.
    #[error("command may not be empty.")]
    EmptyCommand,
    /// The command spans lines.
    #[error("command may not contain newlines.")]
    CommandNewline,
    /// The command holds a control character.
    #[error("command may not contain control characters.")]
    CommandControl,
    /// The command begins with nothing by which it could be found on a screen.
    #[error("command must contain a letter or a digit among its first {MAX_HEAD_CHARS} characters.")]
    CommandPunctuation,
    /// The answer is empty.
    #[error("free text may not be empty.")]
    EmptyFreeText,
    /// The answer would run as a shell command.
    #[error("free text may not start with '!' — that triggers the coding agent's shell-execution shortcut.")]
    ShellShortcut,
    /// The answer spans lines.
    #[error("free text may not contain newlines.")]
    FreeTextNewline,
    /// The answer holds a control character.
    #[error("free text may not contain control characters.")]
    FreeTextControl,
    /// The answer begins with nothing by which it could be found on a screen.
    #[error("free text must contain a letter or a digit among its first {MAX_HEAD_CHARS} characters.")]
    FreeTextPunctuation,
}

impl Keystroke {
    /// Announces tasks, one preview after the other as one text; known by the first, and by the `mark` that each header
    /// carries.
    #[must_use]
    pub fn previews<'a>(tasks: impl IntoIterator<Item = &'a Task>, max_text_len: usize, mark: &str) -> Self {
        let mut tasks = tasks.into_iter().peekable();
        let head = tasks.peek().map(|task| preview::head(task)).unwrap_or_default();
        let texts: Vec<String> = tasks.map(|task| preview::preview(task, max_text_len, mark)).collect();
        let text = without_completions(texts.join("\n"));
        Self { text, manner: Manner::Paste, head, guard: mark.to_owned() }
    }

    /// Returns the previews with the mark that stands in a composer, where another process has begun to type them.
    #[must_use]
    pub fn as_it_stands(&self, draft: &str) -> Self {
        let is_preview = self.head.starts_with('[') && self.text.starts_with(&self.head);
        match preview::mark_in(draft) {
            Some(mark) if mark.is_empty() && is_preview => {
                let text = self.text.replace(&format!(" {}]", self.guard), "]");
                Self { text, guard: self.head.trim_matches(['[', ' ']).to_owned(), ..self.clone() }
            }
            Some(mark) if mark != self.guard && is_preview => self.marked(&mark),
            _ => self.clone(),
        }
    }

    /// Returns the previews with another mark.
    #[must_use]
    pub fn marked(&self, mark: &str) -> Self {
        Self { text: self.text.replace(&self.guard, mark), guard: mark.to_owned(), ..self.clone() }
    }

    /// Makes the agent look into its inbox.
    #[must_use]
    pub fn poll(fleet: FleetId, agent: AgentId) -> Self {
        Self::line(format!("cafleet --fleet-id {fleet} message poll --agent-id {agent}"))
    }

    /// Wakes an agent: the poll command, and for a member what to do after it.
    #[must_use]
    pub fn wake(fleet: FleetId, agent: AgentId, is_director: bool) -> Self {
        let poll = Self::poll(fleet, agent);
        let text = match is_director {
            true => poll.text,
            false => poll.text + " — then resume your work if something was still running.",
        };
        Self { text, ..poll }
    }

    /// Makes the agent's program run a shell command.
    ///
    /// # Errors
    /// When the command is empty after trimming, spans lines, holds a control character, or begins with neither letters nor
    /// digits.
    pub fn shell(command: &str) -> Result<Self, InvalidKeystroke> {
        let command = command.trim();
        if command.is_empty() {
            return Err(InvalidKeystroke::EmptyCommand);
        }
        if command.contains(['\n', '\r']) {
            return Err(InvalidKeystroke::CommandNewline);
        }
        if text::printable(command) != command {
            return Err(InvalidKeystroke::CommandControl);
        }
        let text = without_completions(format!("{SHELL_MARK}{command}"));
        // The composer shows the mark as its mode, not in the text.
        let keys = Self { text, ..Self::line(command.to_owned()) };
        if keys.guard.is_empty() { Err(InvalidKeystroke::CommandPunctuation) } else { Ok(keys) }
    }

    /// Answers an agent's question in words.
    ///
    /// # Errors
    /// When the text is empty, starts with `!`, spans lines, holds a control character, or begins with neither letters nor
    /// digits.
    pub fn free_text(answer: &str) -> Result<Self, InvalidKeystroke> {
        if answer.trim().is_empty() {
            return Err(InvalidKeystroke::EmptyFreeText);
        }
        if answer.starts_with('!') {
            return Err(InvalidKeystroke::ShellShortcut);
        }
        if answer.contains(['\n', '\r']) {
            return Err(InvalidKeystroke::FreeTextNewline);
        }
        if text::printable(answer) != answer {
            return Err(InvalidKeystroke::FreeTextControl);
        }
        let keys = Self::line(answer.to_owned());
        if keys.guard.is_empty() { Err(InvalidKeystroke::FreeTextPunctuation) } else { Ok(keys) }
    }

    /// Makes the agent's program leave. Typed as keys, because opencode ignores it when it is pasted.
    #[must_use]
    pub fn exit() -> Self {
        Self { manner: Manner::Keys, ..Self::line("/exit".to_owned()) }
    }

    /// Returns the command, when the text is one for the shell.
    #[must_use]
    pub fn command(&self) -> Option<&str> {
        self.text.strip_prefix(SHELL_MARK)
    }

    /// Splits a text of several lines into its first line and the rest, which begins with the line feed.
    #[must_use]
    pub fn split(&self) -> (Self, &str) {
        let (first, rest) = self.text.split_at(self.text.find('\n').unwrap_or(self.text.len()));
        (Self { text: first.to_owned(), ..self.clone() }, rest)
    }

    fn line(text: String) -> Self {
        let head = text.chars().take(MAX_HEAD_CHARS).collect();
        Self { head, guard: guard(&text), text, manner: Manner::Paste }
    }
}

/// Adds a blank to a text that ends in a mention (`@name`, `$name`): agents complete it while the cursor is behind it, and
/// Enter takes the completion in place of what was written.
fn without_completions(mut text: String) -> String {
    let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    if last.starts_with(['@', '$']) {
        text.push(' ');
    }
    text
}

/// Returns the first run of plain characters among the first of `text` that is the longest there; of other letters and
/// digits, which are taken for two columns wide, where there are no plain ones.
fn guard(text: &str) -> String {
    let head: String = text.chars().take(MAX_HEAD_CHARS).collect();
    guard_within(&head, MAX_GUARD_COLUMNS)
}

/// Returns the guard for a text of which this row shows; empty where nothing in it can be one.
#[must_use]
pub fn row_guard(row: &str) -> String {
    guard_within(row, usize::MAX)
}

/// Returns a guard for a text of which no more than a part may show on a row; empty where nothing in it can be one.
#[must_use]
pub fn short_guard(text: &str) -> String {
    guard_within(text, MAX_GUARD_COLUMNS)
}

fn guard_within(text: &str, columns: usize) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '/' | '-' | '.');
    let found = longest_run(text, plain, columns);
    if found.is_empty() { longest_run(text, char::is_alphanumeric, columns / 2) } else { found }
}

fn longest_run(text: &str, belongs: impl Fn(char) -> bool, limit: usize) -> String {
    let runs = text.split(|c| !belongs(c)).map(str::trim);
    let longest = runs.fold("", |best, run| if run.len() > best.len() { run } else { best });
    longest.chars().take(limit).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::examples::waiting;

    #[test]
    fn a_command_is_trimmed_and_marked_for_the_shell() {
        let keys = Keystroke::shell("  ls -la 'my dir'  ").expect("a good command");
        assert_eq!((keys.text.as_str(), keys.guard.as_str()), ("! ls -la 'my dir'", "ls -la"));
        assert_eq!((keys.command(), Keystroke::exit().command()), (Some("ls -la 'my dir'"), None));
        assert_eq!(Keystroke::shell(" \t "), Err(InvalidKeystroke::EmptyCommand));
        assert_eq!(Keystroke::shell("a\nb"), Err(InvalidKeystroke::CommandNewline));
        assert_eq!(Keystroke::shell("a\u{1b}b"), Err(InvalidKeystroke::CommandControl));
        assert_eq!(Keystroke::shell("$?"), Err(InvalidKeystroke::CommandPunctuation));
    }

    #[test]
    fn an_answer_is_one_line_that_no_shell_runs() {
        assert_eq!(Keystroke::free_text("! rm"), Err(InvalidKeystroke::ShellShortcut));
        assert_eq!(Keystroke::free_text("a\r\nb"), Err(InvalidKeystroke::FreeTextNewline));
        assert_eq!(Keystroke::free_text("  "), Err(InvalidKeystroke::EmptyFreeText));
        assert_eq!(Keystroke::free_text("a\u{7}"), Err(InvalidKeystroke::FreeTextControl));
        assert_eq!(Keystroke::free_text("???"), Err(InvalidKeystroke::FreeTextPunctuation));
        assert_eq!(Keystroke::free_text("yes, do").map(|keys| keys.text), Ok("yes, do".to_owned()));
    }

    #[test]
    fn a_text_that_ends_in_a_mention_is_closed_by_a_blank() {
        let previewed = |body: &str| Keystroke::previews([&waiting(1, body)], 200, "k7qp2x").text;
        for body in ["see @notes.md", "@", "set $name"] {
            assert!(previewed(body).ends_with(&format!("{body} ")), "{body}");
        }
        for body in ["see @notes.md now", "ada@home", "done", "@it is"] {
            assert!(previewed(body).ends_with(body), "{body}");
        }
        assert_eq!(Keystroke::shell("cat @x").map(|keys| keys.text), Ok("! cat @x ".to_owned()));
    }

    #[test]
    fn previews_that_another_process_has_begun_are_known_by_its_mark() {
        let mine = Keystroke::previews([&waiting(1, "a"), &waiting(2, "b")], 200, "mmmmmm");
        let theirs = Keystroke::previews([&waiting(1, "a"), &waiting(2, "b")], 200, "tttttt");
        assert_eq!(mine.as_it_stands(&theirs.text), theirs);
        assert_eq!(mine.as_it_stands(&mine.text), mine);
        assert_eq!(mine.as_it_stands("a draft"), mine);
        let old = theirs.text.replace(" tttttt", "");
        let known = mine.as_it_stands(&old);
        assert_eq!((known.text.as_str(), known.guard.as_str()), (old.as_str(), "cafleet msg 1 from 3"));
        let command = Keystroke::exit();
        assert_eq!(command.as_it_stands(&theirs.text), command);
    }

    #[test]
    fn the_first_line_comes_apart_from_the_rest() {
        let keys = |text: &str| Keystroke { text: text.to_owned(), ..Keystroke::exit() };
        let two = keys("head\nbody");
        assert_eq!((two.split().0.text.as_str(), two.split().1), ("head", "\nbody"));
        assert_eq!(keys("alone").split(), (keys("alone"), ""));
    }

    #[test]
    fn a_row_is_known_by_all_of_its_longest_plain_part() {
        assert_eq!(row_guard("2026-04-15T10:00:00.123456+00:00]"), "2026-04-15T10");
        assert_eq!(row_guard("  a body that is as long as it gets; a"), "a body that is as long as it gets");
        assert_eq!(row_guard("「日本語で答えてください」"), "日本語で答えてください");
        assert_eq!(row_guard("]"), "");
    }

    #[test]
    fn the_guard_is_short_and_plain_whatever_the_text() {
        assert_eq!(guard("cafleet --fleet-id 1 message poll --agent-id 4"), "cafleet --fleet-");
        assert_eq!(guard("$(id) #{pane_id},}*?["), "pane");
        assert_eq!(guard("「はい」"), "はい");
        assert_eq!(guard("日本語で答えてください"), "日本語で答えてく");
        assert_eq!(guard("👍 (…)"), "");
    }
}
