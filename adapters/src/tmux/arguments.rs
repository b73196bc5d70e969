//! Builds the argument vectors of the tmux client. Pure.
//!
//! Whatever concerns one pane is one call that first prints the pane's state and then, inside the server and with
//! nothing in between, does the action only if the state allows it (`if-shell -F`). Formats are those of tmux(1),
//! "FORMATS"; what is said about their behaviour was seen on tmux 3.3a.

use cafleet_domain::placement::{Pane, ServerId};

use crate::pane_rules::SHELLS;

/// How many bytes one `send-keys -H` types; each takes three bytes of the command.
const KEYS_PER_COMMAND: usize = 3_000;

/// The fields that [`super::parse::pane`] reads. The session's name comes last: it may hold blanks, but neither a line
/// break nor a colon.
pub(super) const PANE_FIELDS: &str = "#{pid} #{start_time} #{pane_id} #{pane_pid} #{window_id} #{session_name}";

/// Returns the arguments that every call starts with: speak UTF-8 whatever the locale (else tmux replaces each
/// character beyond ASCII by `_`), never start a server, and talk to the one at `socket`.
pub(super) fn client(socket: &str) -> Vec<String> {
    ["-N", "-u", "-S", socket].map(str::to_owned).to_vec()
}

/// Returns `words` as further arguments.
pub(super) fn with<'a>(mut arguments: Vec<String>, words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    arguments.extend(words.into_iter().map(str::to_owned));
    arguments
}

/// Returns the format that is 1 only while server run, pane name and pane process are those of `pane`.
///
/// The name is compared without its `%`, which `display-message` would take for a conversion of strftime.
pub(super) fn ours(pane: &Pane) -> String {
    let number = pane.id.as_str().trim_start_matches('%');
    let pid = pane.pid;
    all(&[same_run(pane), format!("#{{m:?{number},#{{pane_id}}}}"), format!("#{{==:#{{pane_pid}},{pid}}}")])
}

/// Returns the format that is 1 only in the server run of `pane`.
fn same_run(pane: &Pane) -> String {
    let ServerId { pid, started, .. } = &pane.server;
    all(&[format!("#{{==:#{{pid}},{pid}}}"), format!("#{{==:#{{start_time}},{started}}}")])
}

/// Returns the format that names the state of `pane`, as [`super::parse::State`] reads it.
fn state(pane: &Pane) -> String {
    let shells = format!("#{{m/r:^-?({})$,#{{pane_current_command}}}}", SHELLS.join("|"));
    let deaf = "#{||:#{pane_in_mode},#{||:#{pane_input_off},#{pane_synchronized}}}";
    let absent = format!("#{{?{},gone,other}}", same_run(pane));
    format!("#{{?{},#{{?pane_dead,dead,#{{?{deaf},mode,#{{?{shells},shell,ready}}}}}},{absent}}}", ours(pane))
}

/// Returns the format that is 1 only while `pane` is ours, and hears.
fn hears(pane: &Pane) -> String {
    format!("#{{==:{},ready}}", state(pane))
}

/// Joins formats by "and"; tmux's `&&` takes two.
fn all(conditions: &[String]) -> String {
    match conditions {
        [] => "1".to_owned(),
        [last] => last.clone(),
        [first, rest @ ..] => format!("#{{&&:{first},{}}}", all(rest)),
    }
}

/// Returns the arguments that print the state of `pane` and then run `command` if `condition` holds. `before` are
/// arguments of a command that runs first, whatever the state.
fn guarded(pane: &Pane, before: &[&str], fields: &str, condition: &str, command: &str) -> Vec<String> {
    let id = pane.id.as_str();
    let mut arguments = with(client(&pane.server.socket), before.iter().copied());
    if !before.is_empty() {
        arguments.push(";".to_owned());
    }
    let shown = format!("{}{fields}", state(pane));
    with(arguments, ["display-message", "-p", "-t", id, &shown, ";", "if-shell", "-F", "-t", id, condition, command])
}

/// Prints [`PANE_FIELDS`] of the pane that `id` names in the server at `socket`.
pub(super) fn identify(socket: &str, id: &str) -> Vec<String> {
    with(client(socket), ["display-message", "-p", "-t", id, PANE_FIELDS])
}

/// Prints state, looks, visible rows and foreground program, as [`super::parse::view`] reads them. The program comes last because
/// only it may hold line breaks.
pub(super) fn look(pane: &Pane) -> Vec<String> {
    let id = pane.id.as_str();
    let fields = " #{pane_width} #{pane_height} #{cursor_x} #{cursor_y}";
    let shown = |field: &str| format!("display-message -p -t {id} '#{{{field}}}'");
    let command = format!("capture-pane -p -e -t {id} ; {} ; {}", shown("pane_title"), shown("pane_current_command"));
    guarded(pane, &[], fields, &ours(pane), &command)
}

/// Prints the state and the last `lines` rows of the history with everything visible.
pub(super) fn capture(pane: &Pane, lines: u32) -> Vec<String> {
    // tmux reads the number as a C int
    let start = lines.min(i32::MAX.unsigned_abs());
    guarded(pane, &[], "", &ours(pane), &format!("capture-pane -p -e -S -{start} -t {}", pane.id.as_str()))
}

/// Prints the state and does nothing.
pub(super) fn state_only(pane: &Pane) -> Vec<String> {
    state_with(pane, "")
}

/// Prints the state and further fields behind it.
fn state_with(pane: &Pane, fields: &str) -> Vec<String> {
    let shown = format!("{}{fields}", state(pane));
    with(client(&pane.server.socket), ["display-message", "-p", "-t", pane.id.as_str(), &shown])
}

/// Loads stdin into `buffer`, prints the state, pastes the buffer if the pane hears, and deletes it in any case.
pub(super) fn paste(pane: &Pane, buffer: &str) -> Vec<String> {
    let command = format!("paste-buffer -d -p -r -b {buffer} -t {}", pane.id.as_str());
    let mut arguments = guarded(pane, &["load-buffer", "-b", buffer, "-"], "", &hears(pane), &command);
    arguments.push(format!("delete-buffer -b {buffer}"));
    arguments
}

/// Deletes `buffer`.
pub(super) fn delete_buffer(pane: &Pane, buffer: &str) -> Vec<String> {
    with(client(&pane.server.socket), ["delete-buffer", "-b", buffer])
}

/// Prints the state, and presses Enter and prints [`super::parse::SENT`] if the pane hears and shows `marker`, which holds only
/// the characters that the port allows.
///
/// `#{C/r:…}` searches each visible row with an extended regular expression (`window_pane_search` in tmux). Blanks at
/// the end of the marker may also be the end of the row: tmux cuts those before it compares.
pub(super) fn submit(pane: &Pane, marker: &str) -> Vec<String> {
    let mut pattern = marker.trim_end_matches(' ').replace('.', "[.]");
    if pattern.len() < marker.len() && marker.ends_with(' ') {
        pattern.push_str("( |$)");
    }
    let condition = all(&[hears(pane), format!("#{{C/r:{pattern}}}")]);
    let command = format!("send-keys -t {} Enter ; display-message -p {}", pane.id.as_str(), super::parse::SENT);
    guarded(pane, &[], "", &condition, &command)
}

/// Types `text` if the pane hears, as one or more calls, each of which prints the state.
pub(super) fn type_keys(pane: &Pane, text: &str) -> Vec<Vec<String>> {
    typed(pane, text.as_bytes(), &hears(pane))
}

/// Types what a person types, as one or more calls, each of which prints the state: also into a shell, but not into a mode
/// of tmux, which would take it for its own.
pub(super) fn relay(pane: &Pane, bytes: &[u8]) -> Vec<Vec<String>> {
    typed(pane, bytes, &all(&[ours(pane), "#{?pane_in_mode,0,1}".to_owned()]))
}

/// Types bytes if `condition` holds, as one or more calls, each of which prints the state.
///
/// The bytes go as numbers (`-H`), which tmux hands on one by one: `-l` would drop a `;` at the end and take a leading `-` for an
/// option.
fn typed(pane: &Pane, bytes: &[u8], condition: &str) -> Vec<Vec<String>> {
    let calls = bytes.chunks(KEYS_PER_COMMAND).map(|bytes| {
        let keys: String = bytes.iter().map(|byte| format!(" {byte:02x}")).collect();
        guarded(pane, &[], "", condition, &format!("send-keys -t {} -H{keys}", pane.id.as_str()))
    });
    calls.collect()
}

/// Prints the state and tmux's id of the session.
pub(super) fn session_of(pane: &Pane) -> Vec<String> {
    state_with(pane, " #{session_id}")
}

/// How many answers [`picture`] is given: rows, looks, title.
pub(super) const PICTURE_ANSWERS: usize = 3;

/// The looks that [`super::parse::picture`] reads, behind whether the pane is ours.
const LOOKS: &str = "#{pane_dead} #{pane_width} #{pane_height} #{cursor_x} #{cursor_y} #{scroll_region_upper} \
     #{scroll_region_lower} #{alternate_on} #{cursor_flag} #{keypad_cursor_flag} #{keypad_flag} #{insert_flag} \
     #{origin_flag} #{wrap_flag} #{mouse_standard_flag} #{mouse_button_flag} #{mouse_all_flag} #{mouse_sgr_flag}";

/// Returns the commands, for a client in control mode, that tell everything that is shown, all of one moment.
pub(super) fn picture(pane: &Pane) -> String {
    let (id, ours) = (pane.id.as_str(), ours(pane));
    format!(
        "capture-pane -p -e -N -t {id} ; display-message -p -t {id} '{ours} {LOOKS}' ; display-message -p -t {id} '#{{pane_title}}'"
    )
}

/// Prints the state and closes the pane.
pub(super) fn kill(pane: &Pane) -> Vec<String> {
    guarded(pane, &[], "", &ours(pane), &format!("kill-pane -t {}", pane.id.as_str()))
}

/// Prints what [`super::parse::tagged_pane`] reads of every pane of the server.
pub(super) fn list(socket: &str) -> Vec<String> {
    with(client(socket), ["list-panes", "-a", "-F", &format!("{PANE_FIELDS}\t#{{pane_start_command}}")])
}

/// Prints the state and lays the window out again, unless somebody looks at one of its panes alone (zoom), which this
/// would end.
pub(super) fn rebalance(pane: &Pane) -> Vec<String> {
    let condition = all(&[ours(pane), "#{?window_zoomed_flag,0,1}".to_owned()]);
    guarded(pane, &[], "", &condition, &format!("select-layout -t {} main-vertical", pane.id.as_str()))
}

/// Prints the state and what [`super::parse::room`] reads about the window of `pane`.
pub(super) fn room(pane: &Pane) -> Vec<String> {
    let fields =
        " #{window_width} #{window_height} #{window_panes} #{window_zoomed_flag} #{session_id} #{main-pane-width}";
    state_with(pane, fields)
}

/// Where a new pane opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// In the window of the pane beside.
    Split,
    /// In a new window of the session that tmux calls by this id (`$3`).
    Window(&'a str),
}

/// Returns the command that opens a pane with `argv` and prints its [`PANE_FIELDS`].
///
/// tmux runs more than one argument without a shell. There is no `-c`: tmux would expand formats in the directory's
/// name, so the client runs in the directory instead, where tmux opens the pane then. `-f` puts the new pane
/// behind the others, so that the first one stays the first.
pub(super) fn open(beside: &Pane, place: Place<'_>, argv: &[&str]) -> String {
    let id = beside.id.as_str();
    let program: String = argv.iter().map(|word| format!(" {}", quote(word))).collect();
    match place {
        Place::Split => format!(
            "split-window -d -h -f -P -F '{PANE_FIELDS}' -t {id}{program} ; select-layout -t {id} main-vertical"
        ),
        Place::Window(session) => format!("new-window -d -P -F '{PANE_FIELDS}' -t '{session}:'{program}"),
    }
}

/// Prints the state of `beside` and runs `command`, made by [`open`].
pub(super) fn spawn(beside: &Pane, command: &str) -> Vec<String> {
    guarded(beside, &[], "", &ours(beside), command)
}

/// Prints the state of a new pane, and keeps its last screen should its program end (`keep`), or no longer.
pub(super) fn keep_screen(pane: &Pane, keep: bool) -> Vec<String> {
    let id = pane.id.as_str();
    let command = match keep {
        true => format!("set-option -p -t {id} remain-on-exit on"),
        false => format!("set-option -p -u -t {id} remain-on-exit"),
    };
    guarded(pane, &[], "", &ours(pane), &command)
}

/// Quotes a word for tmux's command parser, whatever it holds.
///
/// Between single quotes everything stands for itself but a line feed, after which the parser drops blanks and
/// comments; so line feeds, and the quote itself, go between double quotes.
fn quote(word: &str) -> String {
    let mut quoted = String::with_capacity(word.len() + 2);
    quoted.push('\'');
    for character in word.chars() {
        match character {
            '\'' => quoted.push_str("'\"'\"'"),
            '\n' => quoted.push_str("'\"\\n\"'"),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use cafleet_domain::id::PaneId;
    use cafleet_domain::placement::MultiplexerKind;

    use super::*;

    fn pane() -> Pane {
        Pane {
            multiplexer: MultiplexerKind::Tmux,
            server: ServerId { socket: "/s".to_owned(), pid: 10, started: 20, namespace: None },
            session: "main".to_owned(),
            window: "@1".to_owned(),
            id: PaneId::new("%7"),
            pid: 30,
        }
    }

    #[test]
    fn every_call_names_the_socket_and_starts_no_server() {
        let calls = [look(&pane()), capture(&pane(), 5), paste(&pane(), "b"), submit(&pane(), "m"), kill(&pane())];
        for call in calls {
            assert_eq!(call[..4], ["-N", "-u", "-S", "/s"]);
        }
    }

    #[test]
    fn every_action_is_under_a_condition_on_server_pane_and_process() {
        let mut calls = type_keys(&pane(), "x");
        calls.extend([look(&pane()), capture(&pane(), 5), paste(&pane(), "b"), submit(&pane(), "m"), kill(&pane())]);
        calls.extend([rebalance(&pane()), spawn(&pane(), "c"), keep_screen(&pane(), true)]);
        for call in calls {
            let at = call.iter().position(|word| word == "if-shell").unwrap();
            assert_eq!(call[at + 1..at + 4], ["-F", "-t", "%7"]);
            for part in ["#{==:#{pid},10}", "#{==:#{start_time},20}", "#{m:?7,#{pane_id}}", "#{==:#{pane_pid},30}"] {
                assert!(call[at + 4].contains(part), "{part} in {}", call[at + 4]);
            }
        }
    }

    #[test]
    fn no_call_ever_presses_escape() {
        let mut calls = type_keys(&pane(), "x");
        calls.extend([look(&pane()), paste(&pane(), "b"), submit(&pane(), "m"), kill(&pane())]);
        assert!(!calls.concat().join(" ").contains("Escape"));
    }

    #[test]
    fn a_marker_is_searched_literally_and_its_last_blank_may_be_the_end_of_the_row() {
        let condition = |marker| submit(&pane(), marker).iter().rev().nth(1).cloned().unwrap();
        assert!(condition("a.b/c! -d").ends_with(",#{C/r:a[.]b/c! -d}}"));
        assert!(condition("msg 12 from ").ends_with(",#{C/r:msg 12 from( |$)}}"));
    }

    #[test]
    fn keys_are_numbers_in_calls_of_bounded_length() {
        let calls = type_keys(&pane(), &"é;".repeat(3_000));
        assert_eq!(calls.len(), 3);
        assert!(calls[0].last().unwrap().starts_with("send-keys -t %7 -H c3 a9 3b c3 "));
        assert!(calls.iter().flatten().map(String::len).sum::<usize>() < 3 * 14_000);
        assert!(type_keys(&pane(), "").is_empty());
    }

    #[test]
    fn quoting_keeps_what_the_parser_would_read() {
        assert_eq!(quote("a b;$x#{y}\\"), "'a b;$x#{y}\\'");
        assert_eq!(quote("it's"), "'it'\"'\"'s'");
        assert_eq!(quote("a\n # b"), "'a'\"\\n\"' # b'");
        assert_eq!(quote(""), "''");
    }
}
