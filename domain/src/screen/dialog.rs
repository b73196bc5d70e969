//! Finding what waits for a person on a screen that shows no composer, and reading the question in it.
//!
//! No list of dialogs is complete. What they have in common is that the end of the screen tells which keys answer them.

use std::ops::Range;

use super::patterns::{Dialog, Frame, Mark};
use super::{Row, Screen, in_place};
use crate::question::{Answer, Effect, Question, QuestionId, QuestionKind};
use crate::text::{from_each_column, squeezed};

/// How many rows at the end of a screen, into which narrow panes break it, tell the keys.
const KEY_ROWS: usize = 4;

/// Into how many rows narrow panes break them where each key has a column of its own.
const COLUMN_ROWS: usize = 8;

/// How much of a key is left of it at least where it is cut.
const LEAST_CUT: usize = 7;

/// Keys with what they do, as the agents tell them; white space does not count.
const KEYS: [&str; 26] = [
    "esctocancel",
    "esctoclose",
    "esctogoback",
    "esctoexit",
    "esctoreject",
    "escback",
    "esccancel",
    "escclose",
    "esc·close",
    "escdismiss",
    "escexit",
    "esctointerrupt",
    "entertoconfirm",
    "entertoselect",
    "entertosubmit",
    "entertoadd",
    "entertocontinue",
    "entertosave",
    "entersubmit",
    "enterselect",
    "enterconfirm",
    "entercontinue",
    "enterdetails",
    "enteropen",
    "enterresume",
    "entersend",
];

/// What opencode offers, from left to right; the chosen one is in a colour of its own.
const IN_A_ROW: [&[&str]; 2] = [&["Allow once", "Allow always", "Reject"], &["Confirm", "Cancel"]];

/// The characters that stand before the selected answer.
const MARKS: [char; 3] = ['❯', '›', '>'];

/// The characters at the left edge with which a transcript's entries begin.
const TRANSCRIPT: [char; 9] = ['●', '❯', '✻', '⎿', '•', '›', '■', '⚠', '◦'];

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    /// What was recognised.
    pub(super) name: String,
    /// The rows in which it stands.
    pub(super) rows: Range<usize>,
    /// What it asks, where that can be read.
    pub(super) question: Option<Question>,
}

/// Finds one of the known dialogs at the end of the screen.
pub(super) fn known(dialogs: &[Dialog], screen: &Screen) -> Option<Waiting> {
    let texts: Vec<(usize, String)> =
        screen.rows.iter().map(|row| bare(&row.text())).enumerate().filter(|(_, text)| !text.is_empty()).collect();
    let last = |Mark { begins, among }: &Mark| {
        texts.iter().rev().take(*among).find(|(_, text)| text.starts_with(begins.as_str())).map(|(row, _)| *row)
    };
    dialogs.iter().find_map(|dialog| {
        let (row, then) = (last(&dialog.row)?, last(&dialog.then)?);
        let name = dialog.name.clone();
        (row <= then).then(|| Waiting { name, rows: row..then + 1, question: question(screen, then + 1) })
    })
}

/// Finds anything whose last rows tell the keys that answer it, or that is known by its heading alone: a low pane has no
/// room for the rest. Only to be asked where there is no composer.
pub(super) fn any(frame: &Frame, screen: &Screen) -> Option<Waiting> {
    let texts: Vec<String> = screen.rows.iter().map(|row| bare(&row.text())).collect();
    let end = texts.iter().rposition(|text| !text.is_empty() && !is_rule(text))? + 1;
    let block = texts[..end].iter().rposition(String::is_empty).map_or(0, |blank| blank + 1);
    let start = block.max(end.saturating_sub(KEY_ROWS));
    let block = block.max(end.saturating_sub(COLUMN_ROWS));
    let keys = squeezed(&texts[start..end].concat()).to_lowercase();
    let tells_keys = |text: &str| KEYS.iter().any(|key| text.contains(key));
    let whole: Vec<String> = screen.rows[block..end].iter().map(Row::text).collect();
    if tells_keys(&keys) || from_each_column(&whole).any(|text| tells_keys(&text.to_lowercase())) {
        let question = question(screen, end);
        return Some(Waiting { name: "keys that answer a dialog".to_owned(), rows: start..end, question });
    }
    if let Some(found) = numbered(screen, end)
        && found.marked
        && (!texts[found.rows.clone()].contains(&String::new()) || texts[start..end].iter().any(|text| ends_cut(text)))
    {
        let question = question(screen, end);
        return Some(Waiting { name: "numbered answers".to_owned(), rows: found.rows, question });
    }
    let (name, top) = in_place::find(frame, screen)?;
    Some(Waiting { name: name.to_owned(), rows: top..end, question: question(screen, end) })
}

/// Tells whether a row that tells a key is cut at its end, as a narrow pane does.
fn ends_cut(text: &str) -> bool {
    let text = squeezed(text).to_lowercase();
    let keys = text.trim_end_matches('…');
    KEYS.iter().any(|key| (LEAST_CUT..key.len()).any(|length| key.get(..length).is_some_and(|cut| keys.ends_with(cut))))
}

/// Reads the question whose answers end before row `end`; none where they cannot be read.
pub(super) fn question(screen: &Screen, end: usize) -> Option<Question> {
    let found = numbered(screen, end).or_else(|| in_a_row(screen, end)).or_else(|| marked(screen, end))?;
    let top = top(screen, found.rows.start);
    let body = (top..found.rows.start).map(|row| bare(&screen.rows[row].text())).collect::<Vec<_>>();
    let title = title(&body);
    let body = body.iter().filter(|text| !is_rule(text)).map(String::as_str).collect::<Vec<_>>().join("\n");
    let body = body.trim().to_owned();
    let labels = found.options.iter().map(|option| option.label.as_str());
    Some(Question {
        id: QuestionId::of([body.as_str()].into_iter().chain(labels)),
        kind: kind(&title, &body, &found.options),
        title,
        body,
        selected: found.selected,
        numbered: found.numbered,
        options: found.options,
    })
}

/// Answers that were found.
struct Found {
    rows: Range<usize>,
    options: Vec<Answer>,
    selected: Option<u8>,
    numbered: bool,
    /// A mark stands before one of them.
    marked: bool,
}

/// A row that begins with a number.
struct Numbered {
    row: usize,
    n: u8,
    column: usize,
    marked: bool,
    text: String,
}

/// Reads answers that have numbers, one below the other.
fn numbered(screen: &Screen, end: usize) -> Option<Found> {
    let mut found: Vec<Numbered> = Vec::new();
    for row in (0..end.min(screen.rows.len())).rev() {
        let Some(answer) = number(&screen.rows[row], row) else { continue };
        match found.last() {
            None => found.push(answer),
            Some(below) if answer.n + 1 == below.n && answer.column == below.column => found.push(answer),
            Some(below) if below.n == 1 => break,
            Some(_) => {}
        }
    }
    found.reverse();
    if found.first()?.n != 1 {
        return None;
    }
    let selected = found.iter().find(|answer| answer.marked).map(|answer| answer.n);
    let marked = selected.is_some();
    let selected = selected
        .or_else(|| alone(&found.iter().map(|answer| label_colour(&screen.rows[answer.row])).collect::<Vec<_>>()));
    let ends = found.iter().skip(1).map(|next| next.row).chain([end]);
    let mut options: Vec<Answer> =
        found.iter().zip(ends).map(|(answer, end)| option(answer.n, &label(screen, answer, end))).collect();
    // claude shows what was typed in place of the words that ask for it
    if let [.., text, last] = options.as_mut_slice()
        && last.label == "Chat about this"
    {
        let written = !text.label.starts_with("Type something");
        *text = Answer { written, ..option(text.n, "Type something") };
    }
    Some(Found { rows: found[0].row..end, options, selected, numbered: true, marked })
}

/// Makes an answer of what its row says.
fn option(n: u8, label: &str) -> Answer {
    let boxed = [("[ ]", false), ("[✔]", true), ("[x]", true)];
    let checked = boxed.into_iter().find(|(mark, _)| label.starts_with(mark)).map(|(_, checked)| checked);
    let label = if checked.is_some() { label[label.find(']').map_or(0, |end| end + 1)..].trim() } else { label };
    let takes_text =
        ["Type ", "Tell it", "Tell Claude", "None of the above"].iter().any(|begins| label.starts_with(begins));
    Answer { n, label: label.to_owned(), effect: Effect::of(label), takes_text, written: false, checked }
}

/// Reads the number at the start of a row.
fn number(row: &Row, at: usize) -> Option<Numbered> {
    let text = row.text();
    let rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '┃' || MARKS.contains(&c));
    let before = &text[..text.len() - rest.len()];
    let (digits, label) = rest.split_once(". ")?;
    let n = digits.parse().ok().filter(|_| digits.len() < 3)?;
    Some(Numbered {
        row: at,
        n,
        column: before.chars().count(),
        marked: before.contains(MARKS),
        text: label.trim().to_owned(),
    })
}

/// Returns the words of an answer, without its description and its key.
fn label(screen: &Screen, answer: &Numbered, end: usize) -> String {
    let indent = answer.column + answer.n.to_string().len() + 2;
    // a description stands in a column of its own
    let mut label = answer.text.split("  ").next().unwrap_or_default().to_owned();
    let mut last = indent + answer.text.chars().count();
    for row in &screen.rows[answer.row + 1..end] {
        let text = row.text();
        let text = text.trim_end();
        let words = text.trim_start_matches([' ', '┃']);
        let first = words.split(' ').next().unwrap_or_default();
        // or on rows of its own, though its first word had room in the row before
        let has_room = last + 1 + first.chars().count() + 4 <= screen.width;
        if words.is_empty() || is_rule(words) || text.chars().count() - words.chars().count() != indent || has_room {
            break;
        }
        label = format!("{label} {words}");
        last = text.chars().count();
    }
    match label.rsplit_once(" (") {
        Some((label, key)) if key.len() < 5 && key.ends_with(')') => label.to_owned(),
        _ => label,
    }
}

/// Reads the answers that opencode puts side by side.
fn in_a_row(screen: &Screen, end: usize) -> Option<Found> {
    IN_A_ROW.iter().find_map(|labels| {
        let row = screen.rows[..end].iter().rposition(|row| colours(row, labels).is_some())?;
        let selected = alone(&colours(&screen.rows[row], labels)?);
        let options = (1..).zip(*labels).map(|(n, label)| option(n, label)).collect();
        Some(Found { rows: row..row + 1, options, selected, numbered: false, marked: false })
    })
}

/// Reads answers without numbers, one of which has a mark before it, in rows without a gap.
fn marked(screen: &Screen, end: usize) -> Option<Found> {
    let texts: Vec<String> = screen.rows[..end].iter().map(Row::text).collect();
    let mark = texts.iter().rposition(|text| text.trim_start().starts_with('❯'))?;
    let indent = |text: &str| text.chars().take_while(|c| c.is_whitespace() || *c == '❯').count();
    let is_one = |row: usize| {
        !texts[row].trim().is_empty() && indent(&texts[row]) == indent(&texts[mark]) && !is_rule(&texts[row])
    };
    let first = (0..mark).rev().take_while(|&row| is_one(row)).last().unwrap_or(mark);
    let last = (mark + 1..end).take_while(|&row| is_one(row)).last().unwrap_or(mark);
    let options: Vec<Answer> =
        (1..).zip(first..=last).map(|(n, row)| option(n, texts[row].trim_matches(['❯', ' ', '\u{a0}']))).collect();
    let selected = u8::try_from(mark - first + 1).ok();
    (options.len() > 1).then_some(Found { rows: first..last + 1, options, selected, numbered: false, marked: true })
}

/// Returns where a dialog begins whose answers begin at row `answers`: below a rule, a row of the transcript, or the end
/// of another box.
fn top(screen: &Screen, answers: usize) -> usize {
    let in_box = screen.rows[answers].text().trim_start().starts_with('┃');
    let is_above = |row: &Row| {
        let text = row.text();
        if in_box {
            return !text.trim_start().starts_with('┃');
        }
        let begins = text.chars().next().is_some_and(|c| TRANSCRIPT.contains(&c));
        let ended = row.spans.iter().any(|span| span.dim && span.text.trim_start().starts_with("Worked for"));
        begins || ended || (is_rule(&text) && !text.trim_start().starts_with('╌'))
    };
    screen.rows[..answers].iter().rposition(is_above).map_or(0, |row| row + 1)
}

/// Returns what is asked: the last paragraph that ends with a question mark, else the question in the last that has one,
/// else the last.
fn title(body: &[String]) -> String {
    let paragraphs: Vec<String> = body
        .split(|text| text.is_empty() || is_rule(text))
        .map(|rows| {
            rows.iter().filter(|row| !row.starts_with("Question ")).map(String::as_str).collect::<Vec<_>>().join(" ")
        })
        .filter(|text| !text.is_empty())
        .collect();
    let ends = paragraphs.iter().rev().find(|text| text.ends_with('?')).cloned();
    let holds = || paragraphs.iter().rev().find_map(|text| Some(text.split_once("? ")?.0.to_owned() + "?"));
    ends.or_else(holds).or_else(|| paragraphs.last().cloned()).unwrap_or_default()
}

fn kind(title: &str, body: &str, options: &[Answer]) -> QuestionKind {
    let title = title.to_lowercase();
    let labels = || options.iter().map(|option| option.label.to_lowercase());
    if labels().any(|label| label.contains("limit to reset")) || title.contains("usage limit") {
        QuestionKind::Limit
    } else if title.contains("trust") || labels().any(|label| label.contains("trust")) {
        QuestionKind::Trust
    } else if title.contains(" plan")
        || labels().any(|label| label.contains("keep planning") || label.contains("this plan"))
    {
        QuestionKind::Plan
    } else if ["do you want to", "would you like to", "permission required"].iter().any(|words| title.contains(words))
        || body.contains("Permission required")
        || options.iter().any(|option| option.label == "Confirm")
    {
        QuestionKind::Permission
    } else {
        QuestionKind::Choice
    }
}

/// Returns the number of the colour that is there once while all others are alike.
fn alone(colours: &[Option<String>]) -> Option<u8> {
    let once = |index: &usize| colours.iter().filter(|colour| **colour == colours[*index]).count() == 1;
    let mut found = (0..colours.len()).filter(once);
    let index = found.next().filter(|_| found.next().is_none())?;
    u8::try_from(index + 1).ok()
}

/// Returns the colours of labels that all stand in a row, one after the other.
fn colours(row: &Row, labels: &[&str]) -> Option<Vec<Option<String>>> {
    let text = row.text();
    let mut from = 0;
    let colour = |label: &&str| {
        let at = from + text[from..].find(label)?;
        from = at + label.len();
        colour_at(row, at)
    };
    labels.iter().map(colour).collect()
}

/// Returns the colour of the character that begins at a byte of a row.
fn colour_at(row: &Row, at: usize) -> Option<Option<String>> {
    let mut end = 0;
    row.spans.iter().find_map(|span| {
        end += span.text.len();
        (at < end).then(|| span.foreground.clone())
    })
}

/// Returns the colour of the last word of an answer.
fn label_colour(row: &Row) -> Option<String> {
    row.spans.iter().rev().find(|span| !span.text.trim().is_empty())?.foreground.clone()
}

/// Returns a row without indentation and bar.
fn bare(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || c == '┃').to_owned()
}

/// Tells whether a row is a line across the pane, which may have a name in it.
fn is_rule(text: &str) -> bool {
    let text = text.trim();
    text.chars().next().is_some_and(|c| matches!(c, '─' | '╌' | '▔' | '━'))
        && text.chars().filter(|c| !c.is_alphanumeric()).count() > 3
}
