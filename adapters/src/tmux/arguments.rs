//! Builds the argument vectors of the tmux client. Pure.
//!
//! Whatever concerns one pane is one call that first prints the pane's state and then, inside the server and with
//! nothing in between, does the action only if the state allows it (`if-shell -F`). Formats are those of tmux(1),
//! "FORMATS"; what is said about their behaviour was seen on tmux 3.3a.

use cafleet_domain::placement::{Pane, ServerId};
use cafleet_domain::ports::Front;

use super::quoting::quote;

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

/// Returns the format that is 1 only while server run, pane name and pane process are those of `pane`, or its program has ended:
/// from tmux 3.8 on it has no process then, and earlier the one that it had.
pub(super) fn ours(pane: &Pane) -> String {
    let (number, pid) = (number(pane), pane.pid);
    let process = format!("#{{||:#{{==:#{{pane_pid}},{pid}}},#{{&&:#{{pane_dead}},#{{==:#{{pane_pid}},}}}}}}");
    all(&[same_run(pane), format!("#{{m:?{number},#{{pane_id}}}}"), process])
}

/// Returns a pane's name without its `%`, which `display-message` takes for a conversion of strftime: `%10 ` comes out behind
/// blanks.
pub(super) fn number(pane: &Pane) -> &str {
    pane.id.as_str().trim_start_matches('%')
}

/// Returns the format that is 1 only in the server run of `pane`.
fn same_run(pane: &Pane) -> String {
    let ServerId { pid, started, .. } = &pane.server;
    all(&[format!("#{{==:#{{pid}},{pid}}}"), format!("#{{==:#{{start_time}},{started}}}")])
}

/// Returns the format that names the state of `pane`, as [`super::parse::State`] reads it; with `front` also whether that
/// program has it still.
fn state(pane: &Pane, front: Option<&Front>) -> String {
    let ready = front.map_or("ready".to_owned(), |front| format!("#{{?{},ready,front}}", has(front)));
    let hears = format!("#{{?pane_input_off,off,#{{?pane_synchronized,shared,{ready}}}}}");
    let absent = format!("#{{?{},gone,other}}", same_run(pane));
    format!("#{{?{},#{{?pane_dead,dead,#{{?pane_in_mode,mode:#{{pane_mode}},{hears}}}}},{absent}}}", ours(pane))
}

/// Returns the format that is 1 only while `pane` is ours, hears, and `front` has it.
pub(super) fn hears(pane: &Pane, front: &Front) -> String {
    format!("#{{==:{},ready}}", state(pane, Some(front)))
}

/// Returns the format that is 1 only while the program in front is called as `front`. What could be a pattern stands for all.
pub(super) fn has(front: &Front) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || " ._/+@:=-".contains(c);
    let pattern: String = front.command.chars().map(|c| if plain(c) { c } else { '*' }).collect();
    format!("#{{m:{pattern},#{{pane_current_command}}}}")
}

/// Joins formats by "and"; tmux's `&&` takes two.
pub(super) fn all(conditions: &[String]) -> String {
    match conditions {
        [] => "1".to_owned(),
        [last] => last.clone(),
        [first, rest @ ..] => format!("#{{&&:{first},{}}}", all(rest)),
    }
}

/// Returns the arguments that print the state of `pane` with further fields, and then run `command` if `condition` holds.
fn guarded(pane: &Pane, fields: &str, condition: &str, command: &str) -> Vec<String> {
    with(state_with(pane, fields), only_if(pane, condition, command))
}

/// Returns the arguments that load stdin into `buffer`, print the state of `pane`, with `front` also whether that program has it
/// still, and run `command`, which deletes the buffer, if `condition` holds; else they delete it.
pub(super) fn from_buffer(
    pane: &Pane,
    front: Option<&Front>,
    buffer: &str,
    condition: &str,
    command: &str,
) -> Vec<String> {
    let load = with(client(&pane.server.socket), ["load-buffer", "-b", buffer, "-", ";"]);
    let shown = with(load, ["display-message", "-p", "-t", pane.id.as_str(), &state(pane, front)]);
    let mut arguments = with(shown, only_if(pane, condition, command));
    arguments.push(format!("delete-buffer -b {buffer}"));
    arguments
}

/// Returns the further arguments by which `command` runs if `condition` holds; one more is what runs if it does not.
fn only_if<'a>(pane: &'a Pane, condition: &'a str, command: &'a str) -> [&'a str; 7] {
    [";", "if-shell", "-F", "-t", pane.id.as_str(), condition, command]
}

/// Prints [`PANE_FIELDS`] of the pane that `id` names in the server at `socket`.
pub(super) fn identify(socket: &str, id: &str) -> Vec<String> {
    with(client(socket), ["display-message", "-p", "-t", id, PANE_FIELDS])
}

/// Prints state, looks, visible rows and foreground program, as [`super::parse::view`] reads them. The program comes last because
/// only it may hold line breaks.
pub(super) fn look(pane: &Pane) -> Vec<String> {
    let id = pane.id.as_str();
    let fields = " #{pane_width} #{pane_height} #{cursor_x} #{cursor_y} #{pane_tty}";
    let shown = |field: &str| format!("display-message -p -t {id} '#{{{field}}}'");
    let command = format!("capture-pane -p -e -t {id} ; {} ; {}", shown("pane_title"), shown("pane_current_command"));
    guarded(pane, fields, &ours(pane), &command)
}

/// Prints the state and the last `lines` rows of the history with everything visible.
pub(super) fn capture(pane: &Pane, lines: u32) -> Vec<String> {
    // tmux reads the number as a C int
    let start = lines.min(i32::MAX.unsigned_abs());
    guarded(pane, "", &ours(pane), &format!("capture-pane -p -e -S -{start} -t {}", pane.id.as_str()))
}

/// Prints the state and does nothing.
pub(super) fn state_only(pane: &Pane) -> Vec<String> {
    state_with(pane, "")
}

/// Prints the state and further fields behind it.
fn state_with(pane: &Pane, fields: &str) -> Vec<String> {
    let shown = format!("{}{fields}", state(pane, None));
    with(client(&pane.server.socket), ["display-message", "-p", "-t", pane.id.as_str(), &shown])
}

/// Deletes `buffer`.
pub(super) fn delete_buffer(pane: &Pane, buffer: &str) -> Vec<String> {
    with(client(&pane.server.socket), ["delete-buffer", "-b", buffer])
}

/// Prints the state, and makes the client in which this process runs show the pane.
pub(super) fn show(pane: &Pane) -> Vec<String> {
    guarded(pane, "", &ours(pane), &format!("switch-client -t {}", pane.id.as_str()))
}

/// How a pane is drawn, as [`super::shown::Looks`] reads it.
pub(super) const LOOKS: &str = "#{pane_dead} #{pane_width} #{pane_height} #{cursor_x} #{cursor_y} #{scroll_region_upper} \
     #{scroll_region_lower} #{alternate_on} #{cursor_flag} #{keypad_cursor_flag} #{keypad_flag} #{insert_flag} \
     #{origin_flag} #{wrap_flag} #{mouse_standard_flag} #{mouse_button_flag} #{mouse_all_flag} #{mouse_sgr_flag}";

/// Prints the state and closes the pane.
pub(super) fn kill(pane: &Pane) -> Vec<String> {
    guarded(pane, "", &ours(pane), &format!("kill-pane -t {}", pane.id.as_str()))
}

/// Prints what [`super::parse::tagged_pane`] reads of every pane of the server.
pub(super) fn list(socket: &str) -> Vec<String> {
    with(client(socket), ["list-panes", "-a", "-F", &format!("{PANE_FIELDS}\t#{{pane_start_command}}")])
}

/// Prints the state and lays the window out again, unless somebody looks at one of its panes alone (zoom), which this
/// would end.
pub(super) fn rebalance(pane: &Pane) -> Vec<String> {
    let condition = all(&[ours(pane), "#{?window_zoomed_flag,0,1}".to_owned()]);
    guarded(pane, "", &condition, &format!("select-layout -t {} main-vertical", pane.id.as_str()))
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

/// Prints how new windows get their size.
pub(super) fn window_size(socket: &str) -> Vec<String> {
    with(client(socket), ["show-options", "-gwv", "window-size"])
}

/// Prints the state and moves the pane to a window of its own, behind the others.
pub(super) fn break_off(pane: &Pane) -> Vec<String> {
    guarded(pane, "", &ours(pane), &format!("break-pane -d -s {}", pane.id.as_str()))
}

/// Prints the state of `beside` and runs `command`, made by [`open`].
pub(super) fn spawn(beside: &Pane, command: &str) -> Vec<String> {
    guarded(beside, "", &ours(beside), command)
}

/// Prints the state of a new pane, and keeps its last screen should its program end (`keep`), or no longer.
pub(super) fn keep_screen(pane: &Pane, keep: bool) -> Vec<String> {
    let id = pane.id.as_str();
    let command = match keep {
        true => format!("set-option -p -t {id} remain-on-exit on"),
        false => format!("set-option -p -u -t {id} remain-on-exit"),
    };
    guarded(pane, "", &ours(pane), &command)
}

#[cfg(test)]
pub(super) mod tests {
    use cafleet_domain::id::PaneId;
    use cafleet_domain::placement::MultiplexerKind;
    use cafleet_domain::ports::{EnterCondition, TypingCondition};

    use super::super::typing::{paste, relay, submit, type_keys};
    use super::*;

    pub(in crate::tmux) fn pane() -> Pane {
        Pane {
            multiplexer: MultiplexerKind::Tmux,
            server: ServerId { socket: "/s".to_owned(), pid: 10, started: 20, namespace: None },
            session: "main".to_owned(),
            window: "@1".to_owned(),
            id: PaneId::new("%7"),
            pid: 30,
        }
    }

    pub(in crate::tmux) fn front() -> Front {
        Front { group: 40, command: "claude".to_owned() }
    }

    /// Returns the calls that type.
    fn typing() -> [Vec<String>; 3] {
        let nothing = TypingCondition::default();
        [
            type_keys(&pane(), &front(), &nothing, 50, "b"),
            paste(&pane(), &front(), &nothing, 50, "b"),
            submit(&pane(), &front(), &EnterCondition::shows("m"), 50, "b"),
        ]
    }

    #[test]
    fn every_call_names_the_socket_and_starts_no_server() {
        for call in [look(&pane()), capture(&pane(), 5), kill(&pane())].into_iter().chain(typing()) {
            assert_eq!(call[..4], ["-N", "-u", "-S", "/s"]);
        }
    }

    #[test]
    fn every_action_is_under_a_condition_on_server_pane_and_process() {
        let mut calls =
            vec![relay(&pane(), 50, "b"), look(&pane()), capture(&pane(), 5), kill(&pane()), rebalance(&pane())];
        calls.extend(typing());
        calls.extend([spawn(&pane(), "c"), keep_screen(&pane(), true)]);
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
        let calls = [&typing()[..], &[look(&pane()), kill(&pane())]].concat();
        assert!(!calls.concat().join(" ").contains("Escape"));
    }
}
