//! What every multiplexer says about a pane: what may be opened, and what may be typed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cafleet_domain::keystroke;
use cafleet_domain::ports::{EnterCondition, TypingCondition};

/// The longest argument that Linux takes, with the NUL that ends it (MAX_ARG_STRLEN, execve(2)).
const LONGEST_ARGUMENT: usize = 128 * 1024;

/// The longest argument vector of the port.
const LONGEST_ARGV: usize = 2 * 1024 * 1024;

/// How many rows of a failed program's last screen go into the error.
pub(crate) const REASON_ROWS: u32 = 6;

/// Tells whether a condition can be one of `PaneIo::submit_if_shown`.
///
/// # Errors
/// When one of its texts holds what could be a pattern, or nothing.
pub(crate) fn check_condition(condition: &EnterCondition) -> Result<(), String> {
    check_marks([&condition.mark].into_iter().chain(&condition.present).chain(&condition.absent))
}

/// Tells whether a condition can be one of `PaneIo::paste`.
///
/// # Errors
/// As [`check_condition`].
pub(crate) fn check_typing(condition: &TypingCondition) -> Result<(), String> {
    check_marks(condition.present.iter().chain(&condition.absent))
}

fn check_marks<'a>(mut marks: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let allowed = |c: char| c.is_alphanumeric() || " /!-.".contains(c);
    let is_bad = |text: &&String| text.trim().is_empty() || !text.chars().all(allowed);
    match marks.find(is_bad) {
        Some(bad) => Err(format!("'{}' cannot be a mark", bad.escape_debug())),
        None => Ok(()),
    }
}

/// Fails for a text that `PaneIo::type_keys` must not type.
///
/// # Errors
/// When it holds a control character and is not one of the keys that go from field to field.
pub(crate) fn check_keys(text: &str) -> Result<(), String> {
    let is_key = [keystroke::NEXT, keystroke::PREVIOUS, keystroke::TAB].contains(&text);
    if !is_key && text.chars().any(char::is_control) {
        return Err("a text that is typed may hold no control character".to_owned());
    }
    Ok(())
}

/// Returns the last rows of a screen that are not blank, on one line.
pub(crate) fn last_words(screen: &str) -> String {
    let rows: Vec<&str> = screen.lines().map(str::trim).filter(|row| !row.is_empty()).collect();
    rows[rows.len().saturating_sub(REASON_ROWS as usize)..].join(" / ")
}

/// Checks everything about a request that can be known before.
pub(crate) fn check(argv: &[String], directory: &Path, tag: &str) -> Result<(), String> {
    let Some(program) = argv.first() else { return Err("there is no program to start".to_owned()) };
    if let Some(word) = argv.iter().find(|word| word.len() >= LONGEST_ARGUMENT) {
        let length = word.len();
        return Err(format!("an argument of {length} bytes is too long; the system takes {}", LONGEST_ARGUMENT - 1));
    }
    if argv.iter().map(|word| word.len() + 1).sum::<usize>() > LONGEST_ARGV {
        return Err("the arguments are longer than 2 MiB".to_owned());
    }
    if argv.iter().any(|word| word.contains('\0')) {
        return Err("an argument holds a NUL character".to_owned());
    }
    if tag.is_empty() || !tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(format!("'{}' is not a tag of letters, digits and '-'", tag));
    }
    if !directory.is_absolute() || !directory.is_dir() {
        return Err(format!("'{}' is not the absolute path of a directory", directory.display()));
    }
    if is_program(Path::new(program)) {
        Ok(())
    } else {
        Err(format!("'{program}' is not the absolute path of a program"))
    }
}

/// Tells whether a path is that of a program, absolute.
pub(crate) fn is_program(path: &Path) -> bool {
    let executable = fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0);
    path.is_absolute() && executable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_fit_on_one_line() {
        assert_eq!(last_words("  a \n\n b\n"), "a / b");
        assert_eq!(last_words("1\n2\n3\n4\n5\n6\n7\n"), "2 / 3 / 4 / 5 / 6 / 7");
    }
}
