//! Builds the calls of the tmux client that type into a pane. Pure.
//!
//! Each condition and what it allows are one step: the server does not read what programs write before it has run all commands of
//! a call. What is said about formats was seen on tmux 3.3a.

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{EnterCondition, Front, KEY_SHOWS_WITHIN, TypingCondition};

use super::arguments::{all, from_buffer, hears, number, ours};
use super::parse::SENT;

/// The format that is 1 where a paste shows control characters as `^X` unless it is told not to (`-S`).
const SHOWS_CONTROLS: &str = "#{m/r:^(3[.]([89]|[1-9][0-9])|[4-9]|[1-9][0-9]),#{version}}";

/// The option of a pane that holds when it was given a person's keys by [`relay`], in seconds since the epoch.
const KEYED: &str = "@cafleet-keyed";

/// How many seconds a call may come after the time that it names: every call ends within 5.
const LATEST: u64 = 5;

/// Loads stdin into `buffer`, prints the state, pastes the buffer and prints [`super::parse::SENT`] if the pane hears, `front` has
/// it, and `condition` holds, and deletes the buffer in any case.
pub(super) fn paste(pane: &Pane, front: &Front, condition: &TypingCondition, now: u64, buffer: &str) -> Vec<String> {
    let command = format!("paste-buffer -d -p -r -b {buffer} -t {} ; display-message -p {SENT}", pane.id.as_str());
    from_buffer(pane, Some(front), buffer, &may_type(pane, front, condition, now), &command)
}

/// Returns the format that is 1 only while `pane` hears, `front` has it, and `condition` holds, which has only the characters
/// that the port allows.
fn may_type(pane: &Pane, front: &Front, condition: &TypingCondition, now: u64) -> String {
    let TypingCondition { cursor, present, absent, untouched: wants_untouched } = condition;
    let mut conditions = vec![hears(pane, front)];
    conditions.extend(wants_untouched.then(|| untouched(pane, now)));
    if let Some((column, row)) = cursor {
        conditions.push(format!("#{{==:#{{cursor_x}} #{{cursor_y}},{column} {row}}}"));
    }
    conditions.extend(each_shows(present));
    conditions.extend(none_shows(absent));
    all(&conditions)
}

/// Returns the format that is 1 only while no person has pressed a key in `pane` for [`KEY_SHOWS_WITHIN`] at the time `now`, in
/// seconds since the epoch: neither at a client, whose keys went to the active pane of its session's current window, nor through
/// [`relay`]. tmux counts in seconds, so that it may be one more.
fn untouched(pane: &Pane, now: u64) -> String {
    let since = now.saturating_sub(KEY_SHOWS_WITHIN.as_secs());
    let is_recent = |time: &str| format!("#{{&&:#{{e|>=:{time},{since}}},#{{e|<=:{time},{}}}}}", now + LATEST);
    // a loop takes two formats: the second one is for the current window, and for the active pane
    let at_client = format!("#{{S:#{{?{},#{{W:,#{{P:,#{{pane_id}}.}}}},}}}}", is_recent("#{session_activity}"));
    let at_client = format!("#{{m:*%{}.*,{at_client}}}", number(pane));
    format!("#{{?#{{||:{at_client},{}}},0,1}}", is_recent(&format!("#{{{KEYED}}}")))
}

/// Returns the formats that are not 0 while each of these texts shows.
fn each_shows(present: &[String]) -> impl Iterator<Item = String> {
    present.iter().map(|text| format!("#{{C/r:{}}}", pattern(text)))
}

/// Returns the format that is 1 only while none of these texts shows; none where there are none. One search for all costs a
/// sixth of a search for each.
fn none_shows(absent: &[String]) -> Option<String> {
    let texts: Vec<String> = absent.iter().map(|text| pattern(text)).collect();
    (!texts.is_empty()).then(|| format!("#{{==:#{{C/r:{}}},0}}", texts.join("|")))
}

/// Loads stdin, a carriage return, into `buffer`, prints the state, and pastes the buffer, which presses Enter, and prints
/// [`super::parse::SENT`], if the pane hears, `front` has it, and `condition` holds, which has only the characters that the port
/// allows; deletes the buffer in any case.
///
/// tmux 3.8 refuses `send-keys` while the client that was used last is read-only, whichever session it is attached to.
pub(super) fn submit(pane: &Pane, front: &Front, condition: &EnterCondition, now: u64, buffer: &str) -> Vec<String> {
    let EnterCondition { mark, cursor_below, cursor_column, present, absent, untouched: wants_untouched } = condition;
    let row = format!("#{{C/r:{}}}", pattern(mark));
    let mut conditions = vec![hears(pane, front)];
    conditions.extend(wants_untouched.then(|| untouched(pane, now)));
    conditions.push(row.clone());
    if let Some(below) = cursor_below {
        // tmux counts the rows that it finds from 1, the cursor's from 0
        conditions.push(format!("#{{==:#{{e|-:#{{cursor_y}},{row}}},{}}}", below - 1));
    }
    conditions.extend(cursor_column.map(|column| format!("#{{==:#{{cursor_x}},{column}}}")));
    conditions.extend(each_shows(present));
    conditions.extend(none_shows(absent));
    let command = format!("paste-buffer -d -r -b {buffer} -t {} ; display-message -p {SENT}", pane.id.as_str());
    from_buffer(pane, Some(front), buffer, &all(&conditions), &command)
}

/// Returns the extended regular expression for a text, as `#{C/r:…}` searches each visible row for it (`window_pane_search` in
/// tmux). Blanks at the end of the text may also be the end of the row: tmux cuts those before it compares.
fn pattern(text: &str) -> String {
    let mut pattern = text.trim_end_matches(' ').replace('.', "[.]");
    if text.ends_with(' ') {
        pattern.push_str("( |$)");
    }
    pattern
}

/// As [`paste`], but types the buffer.
pub(super) fn type_keys(
    pane: &Pane,
    front: &Front,
    condition: &TypingCondition,
    now: u64,
    buffer: &str,
) -> Vec<String> {
    let command = format!("{} ; display-message -p {SENT}", keys(pane, buffer));
    from_buffer(pane, Some(front), buffer, &may_type(pane, front, condition, now), &command)
}

/// Loads stdin, what a person types, into `buffer`, prints the state, and types the buffer: also into a shell, but not into a mode of
/// tmux, which would take it for its own. The pane keeps that this was at `now`.
pub(super) fn relay(pane: &Pane, now: u64, buffer: &str) -> Vec<String> {
    let condition = all(&[ours(pane), "#{?pane_in_mode,0,1}".to_owned()]);
    let keep = format!("set-option -p -t {} {KEYED} {now}", pane.id.as_str());
    from_buffer(pane, None, buffer, &condition, &format!("{keep} ; {}", keys(pane, buffer)))
}

/// Returns the command that gives the program the bytes of `buffer` as keys do, and deletes it.
///
/// Not by `send-keys`: see [`submit`]; and `-l` would drop a `;` at the end and take a leading `-` for an option.
fn keys(pane: &Pane, buffer: &str) -> String {
    let id = pane.id.as_str();
    let paste = |option| format!("paste-buffer -d -r {option}-b {buffer} -t {id}");
    format!("if-shell -F -t {id} '{SHOWS_CONTROLS}' '{}' '{}'", paste("-S "), paste(""))
}

#[cfg(test)]
mod tests {
    use super::super::arguments::has;
    use super::super::arguments::tests::{front, pane};
    use super::*;

    fn enter(mark: &str) -> Vec<String> {
        submit(&pane(), &front(), &EnterCondition::shows(mark), 50, "b")
    }

    #[test]
    fn whatever_is_typed_is_under_a_condition_on_the_program_in_front() {
        for call in [
            type_keys(&pane(), &front(), &TypingCondition::default(), 50, "b"),
            paste(&pane(), &front(), &TypingCondition::default(), 50, "b"),
            enter("m"),
        ] {
            let at = call.iter().position(|word| word == "if-shell").unwrap();
            assert!(call[at + 4].contains("#{m:claude,#{pane_current_command}}"), "{}", call[at + 4]);
        }
        assert_eq!(
            has(&Front { command: "a#{pid},}*[b".to_owned(), ..front() }),
            "#{m:a**pid*****b,#{pane_current_command}}"
        );
    }

    #[test]
    fn a_text_is_typed_only_where_the_cursor_is_and_what_stands_below_the_composer_shows() {
        let condition = TypingCondition {
            cursor: Some((2, 30)),
            present: vec!["for shortcuts".to_owned()],
            absent: vec!["Esc to cancel".to_owned()],
            ..TypingCondition::default()
        };
        for call in [paste(&pane(), &front(), &condition, 50, "b"), type_keys(&pane(), &front(), &condition, 50, "b")] {
            let condition = call.iter().rev().nth(2).unwrap();
            assert!(condition.contains("#{==:#{cursor_x} #{cursor_y},2 30}"), "{condition}");
            assert!(condition.ends_with("#{&&:#{C/r:for shortcuts},#{==:#{C/r:Esc to cancel},0}}}}"), "{condition}");
        }
    }

    #[test]
    fn a_condition_on_the_cursor_and_on_what_is_absent_is_added_where_it_is_asked_for() {
        let absent = vec!["Esc to cancel".to_owned(), "Allow once".to_owned()];
        let condition = EnterCondition {
            mark: "k7Qp".to_owned(),
            cursor_below: Some(2),
            cursor_column: Some(9),
            present: Vec::new(),
            absent,
            untouched: false,
        };
        let call = submit(&pane(), &front(), &condition, 50, "b");
        let condition = call.iter().rev().nth(2).unwrap();
        assert!(condition.contains("#{==:#{e|-:#{cursor_y},#{C/r:k7Qp}},1}"), "{condition}");
        assert!(condition.contains("#{==:#{cursor_x},9}"), "{condition}");
        assert!(condition.contains("#{==:#{C/r:Esc to cancel|Allow once},0}}"), "{condition}");
    }

    #[test]
    fn a_marker_is_searched_literally_and_its_last_blank_may_be_the_end_of_the_row() {
        let condition = |marker| enter(marker).iter().rev().nth(2).cloned().unwrap();
        assert!(condition("a.b/c! -d").ends_with(",#{C/r:a[.]b/c! -d}}"));
        assert!(condition("msg 12 from ").ends_with(",#{C/r:msg 12 from( |$)}}"));
    }
}
