//! The two lines that are typed into a recipient's pane.

use crate::task::Task;
use crate::text;

/// Returns the preview of a task: a header line that names task, sender and time, and the body on one line, as
/// every terminal draws it, cut to `max_text_len` Unicode scalar values. The two lines are one submission; neither holds a control character. The `mark`
/// behind the time is for the multiplexer: no message can hold it, so where it stands the preview does.
#[must_use]
pub fn preview(task: &Task, max_text_len: usize, mark: &str) -> String {
    let body = text::truncate(&text::drawn_alike(&text::one_line(&task.text)), max_text_len);
    format!("{}{} {mark}]\n{body}", head(task), task.created_at)
}

/// Returns the mark of the first preview in what a composer holds, empty for one of a version that made none; none when it
/// holds no header.
#[must_use]
pub fn mark_in(draft: &str) -> Option<String> {
    let draft = text::squeezed(draft);
    let (_, header) = draft.split_once("[cafleetmsg")?;
    let (header, _) = header.split_once(']')?;
    let (_, mark) = header.rsplit_once(TIME_END)?;
    mark.bytes().all(|byte| byte.is_ascii_alphanumeric()).then(|| mark.to_owned())
}

/// Returns `true` if what a composer holds begins with the header of a preview, which no person writes.
#[must_use]
pub fn opens(draft: &str) -> bool {
    text::squeezed(draft).starts_with("[cafleetmsg") && mark_in(draft).is_some_and(|mark| mark.len() == MARK_LENGTH)
}

/// Returns a text without the marks of the previews in it.
#[must_use]
pub fn unmarked(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(TIME_END) {
        kept.push_str(before);
        kept.push_str(TIME_END);
        let marked = after.trim_start();
        let is_mark = |mark: &str| mark.len() == MARK_LENGTH && mark.bytes().all(|byte| byte.is_ascii_alphanumeric());
        rest = match marked.split_once(']') {
            Some((mark, _)) if is_mark(mark) => &marked[MARK_LENGTH..],
            _ => after,
        };
    }
    kept + rest
}

/// As [`unmarked`], of a text without white space whose beginning is out of view: it may begin within a mark.
#[must_use]
pub fn unmarked_end(text: &str) -> String {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    let is_cut = text.len() - rest.len() <= MARK_LENGTH && rest.starts_with(']');
    unmarked(if is_cut { rest } else { text })
}

/// How many characters a mark has.
pub const MARK_LENGTH: usize = 6;

/// How every time ends.
const TIME_END: &str = "+00:00";

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
        let header = "[cafleet msg 12 from 3 2026-04-15T10:00:00.123456+00:00 k7qp2x]";
        assert_eq!(preview(&task("hello"), 200, "k7qp2x"), format!("{header}\nhello"));
        let hostile = "a\r\nb\rc\nd\u{1b}[201~\u{9b}31m\0\u{202e}e";
        let shown = preview(&task(hostile), 200, "k7qp2x");
        assert_eq!(shown.lines().nth(1), Some("a⏎b⏎c⏎d[201~31me"));
        assert_eq!(shown.chars().filter(|c| c.is_control()).count(), 1, "only the line feed between the lines");
    }

    #[test]
    fn cuts_the_body_and_says_so() {
        assert!(preview(&task(&"日".repeat(300)), 200, "k7qp2x").ends_with(&format!("\n{}…", "日".repeat(200))));
    }

    #[test]
    fn the_mark_of_a_preview_is_found_wherever_the_composer_breaks_the_line() {
        let mark = |draft| mark_in(draft);
        assert_eq!(
            mark("[cafleet msg 12 from 3\n2026-04-15T10:00:00.123456+00:00 k7q\np2x]\nhi").as_deref(),
            Some("k7qp2x")
        );
        assert_eq!(mark("[cafleet msg 12 from 3 2026-04-15T10:00:00.123456+00:00]\nhi").as_deref(), Some(""));
        for none in ["hello", "[cafleet msg 12 from 3 2026", "[cafleet msg 1 from 2 now]"] {
            assert_eq!(mark(none), None, "{none}");
        }
        let two =
            format!("{}\n{}", preview(&task("a"), 9, "k7qp2x"), preview(&task("at 12:00+00:00 sharp]"), 99, "mmmmmm"));
        let header = "[cafleet msg 12 from 3 2026-04-15T10:00:00.123456+00:00]";
        assert_eq!(unmarked(&two).replace(" ]", "]"), format!("{header}\na\n{header}\nat 12:00+00:00 sharp]"));
        assert_eq!(unmarked(&text::squeezed(&two)), text::squeezed(&unmarked(&two)));
        for cut in ["k7qp2x]body", "2x]body", "]body"] {
            assert_eq!(unmarked_end(cut), "]body", "{cut}");
        }
        for whole in ["toolong]body", "body", "a-b]body"] {
            assert_eq!(unmarked_end(whole), whole);
        }
    }

    #[test]
    fn starts_with_its_head_which_holds_its_marker() {
        assert!(preview(&task("x"), 5, "k7qp2x").starts_with(&head(&task("x"))));
        assert_eq!(
            (head(&task("x")).as_str(), marker(&task("x")).as_str()),
            ("[cafleet msg 12 from 3 ", "cafleet msg 12 from")
        );
    }
}
