//! Directives in a submitted text, by which a test or a person tells the agent what to do.

use std::time::Duration;

/// The longest that one directive may take.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// One thing that a turn does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// `[[slow SECONDS]]`: works for a while.
    Slow(Duration),
    /// `[[ask]]`: opens a permission dialog and waits for the answer.
    Ask,
    /// `[[sh COMMAND]]`: runs a shell command and shows its output.
    Shell(String),
    /// `[[say TEXT]]`: says something.
    Say(String),
    /// `[[stuck]]`: from now on `/exit` asks back, as it does while background processes run.
    Stuck,
}

/// Returns the directives of `text` in their order. A text that begins with `!` is one shell command, as in the real
/// programs. What only looks like a directive is none.
pub(super) fn read(text: &str) -> Vec<Step> {
    if let Some(command) = text.strip_prefix('!') {
        return vec![Step::Shell(command.trim().to_owned())];
    }
    text.split("[[").skip(1).filter_map(|part| directive(part.split_once("]]")?.0)).collect()
}

fn directive(text: &str) -> Option<Step> {
    let (word, argument) = text.split_once(' ').unwrap_or((text, ""));
    let argument = argument.trim();
    match (word, argument) {
        ("ask", "") => Some(Step::Ask),
        ("stuck", "") => Some(Step::Stuck),
        ("slow", seconds) => {
            let duration = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
            Some(Step::Slow(duration.min(LONGEST)))
        }
        ("sh", command) if !command.is_empty() => Some(Step::Shell(command.to_owned())),
        ("say", text) if !text.is_empty() => Some(Step::Say(text.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_directives_in_order() {
        let text = "please [[say one [two] three]] then [[slow 0.5]]\n[[ask]][[sh echo \"$HOME\" | wc]] and [[stuck]]";
        assert_eq!(
            read(text),
            [
                Step::Say("one [two] three".to_owned()),
                Step::Slow(Duration::from_millis(500)),
                Step::Ask,
                Step::Shell("echo \"$HOME\" | wc".to_owned()),
                Step::Stuck,
            ]
        );
    }

    #[test]
    fn what_only_looks_like_a_directive_is_text() {
        for text in
            ["[[", "[[ask", "[[slow]]", "[[slow -1]]", "[[slow NaN]]", "[[sh ]]", "[[wat]]", "[ask]", "[[ask me]]"]
        {
            assert_eq!(read(text), [], "{text:?}");
        }
    }

    #[test]
    fn an_exclamation_mark_runs_a_command() {
        assert_eq!(read("! echo [[say x]]"), [Step::Shell("echo [[say x]]".to_owned())]);
    }
}
