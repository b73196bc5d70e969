//! The two lines that are typed into a recipient's pane.

use crate::task::Task;
use crate::text;

/// Returns the preview of a task: a header line that names task, sender and time, and the body on one line, cut to
/// `max_text_len` Unicode scalar values. The two lines are one submission; neither holds a control character.
#[must_use]
pub fn preview(task: &Task, max_text_len: usize) -> String {
    let body = text::truncate(&text::one_line(&task.text), max_text_len);
    format!("{}{}]\n{body}", head(task), task.created_at)
}

/// Returns the beginning of the preview, up to the sender. No other task has the same.
#[must_use]
pub fn head(task: &Task) -> String {
    format!("[{} {} ", marker(task), task.from)
}

/// Returns the part of the head by which the multiplexer finds the preview on a screen.
///
/// It fits on one row of a narrow pane and holds nothing but letters, digits and blanks, so it can stand in any
/// pattern. The word behind the number keeps task 1 from being taken for task 12.
#[must_use]
pub fn marker(task: &Task) -> String {
    format!("cafleet msg {} from", task.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::examples::waiting;

    fn task(text: &str) -> Task {
        waiting(12, text)
    }

    #[test]
    fn has_two_lines_whatever_the_body_holds() {
        assert_eq!(preview(&task("hello"), 200), "[cafleet msg 12 from 3 2026-04-15T10:00:00.123456+00:00]\nhello");
        let hostile = "a\r\nb\rc\nd\u{1b}[201~\u{9b}31m\0\u{202e}e";
        let shown = preview(&task(hostile), 200);
        assert_eq!(shown.lines().nth(1), Some("a⏎b⏎c⏎d[201~31me"));
        assert_eq!(shown.chars().filter(|c| c.is_control()).count(), 1, "only the line feed between the lines");
    }

    #[test]
    fn cuts_the_body_and_says_so() {
        assert!(preview(&task(&"日".repeat(300)), 200).ends_with(&format!("\n{}…", "日".repeat(200))));
    }

    #[test]
    fn starts_with_its_head_which_holds_its_marker() {
        assert!(preview(&task("x"), 5).starts_with(&head(&task("x"))));
        assert_eq!(
            (head(&task("x")).as_str(), marker(&task("x")).as_str()),
            ("[cafleet msg 12 from 3 ", "cafleet msg 12 from")
        );
    }
}
