//! Reads Markdown as far as the checks of the documentation need it: fences, links and inline code.

/// A line of a fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FencedLine {
    /// Its number in the file, from 1; of a continued line, the first.
    pub number: usize,
    /// What it says; lines that end with `\` are joined with the next.
    pub text: String,
}

/// Returns the lines of all fenced blocks.
#[must_use]
pub fn fenced_lines(page: &str) -> Vec<FencedLine> {
    let mut lines: Vec<FencedLine> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for (index, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            (inside, continued) = (!inside, false);
            continue;
        }
        if !inside {
            continue;
        }
        let (text, goes_on) = line.strip_suffix('\\').map_or((line, false), |text| (text, true));
        match lines.last_mut() {
            Some(last) if continued => last.text.push_str(text),
            _ => lines.push(FencedLine { number: index + 1, text: text.to_owned() }),
        }
        continued = goes_on;
    }
    lines
}

/// Returns the page without its fenced blocks, line by line.
#[must_use]
pub fn prose(page: &str) -> String {
    let mut inside = false;
    let outside = page.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        inside ^= is_fence;
        !inside && !is_fence
    });
    outside.collect::<Vec<_>>().join("\n")
}

/// Returns the pieces of inline code of a page.
#[must_use]
pub fn inline_code(page: &str) -> Vec<String> {
    prose(page)
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// Returns the targets of the links of a page, `[…](target)`.
#[must_use]
pub fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

/// Returns the anchors of a page: one for each heading, as mdBook and GitHub make them.
#[must_use]
pub fn anchors(page: &str) -> Vec<String> {
    let prose = prose(page);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let words = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let anchor = |text: String| {
        let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    words.map(anchor).collect()
}

/// Splits a shell line into words as a shell does, up to the first operator or comment.
///
/// # Errors
/// When a quote is not closed.
pub fn shell_words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '#' if word.is_none() => break,
            '|' | ';' | '&' => break,
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        None => return Err(format!("a quote is not closed in: {line}")),
                        Some(end) if end == c => break,
                        Some('\\') if c == '"' => word.extend(characters.next()),
                        Some(inner) => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(characters.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str =
        "# A `b` c!\n\nSee [x](y.md#z) and `cafleet db\ninit`.\n\n```sh\n$ cafleet a \\\n  --b\nout\n```\n[l](m)\n";

    #[test]
    fn fences_are_told_from_prose() {
        let lines = fenced_lines(PAGE);
        let texts: Vec<(usize, &str)> = lines.iter().map(|line| (line.number, line.text.as_str())).collect();
        assert_eq!(texts, [(7, "$ cafleet a   --b"), (9, "out")]);
        assert!(!prose(PAGE).contains("out"));
        assert_eq!(links(PAGE), ["y.md#z", "m"]);
        assert_eq!(inline_code(PAGE), ["b", "cafleet db init"]);
        assert_eq!(anchors(PAGE), ["a-b-c"]);
    }

    #[test]
    fn words_are_split_as_by_a_shell() {
        let words = shell_words(r#"cafleet --text 'it'\''s "x"' "a \" b" '' c\ d # e"#).expect("closed quotes");
        assert_eq!(words, ["cafleet", "--text", "it's \"x\"", "a \" b", "", "c d"]);
        assert_eq!(shell_words("a 'b|c' | d").expect("closed quotes"), ["a", "b|c"]);
        assert!(shell_words("a 'b").is_err());
    }
}
