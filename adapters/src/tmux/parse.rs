//! Reads what the tmux client prints. Pure.

use std::path::PathBuf;

use cafleet_domain::id::PaneId;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::{Deaf, Front, PaneView, TaggedPane};

use super::process::Finished;
use super::{exec_file, screen};

/// What a call prints after it has typed a text or pressed Enter.
pub(super) const SENT: &str = "sent";

/// How much of the name of a mode is shown.
const LONGEST_MODE: usize = 30;

/// The oldest tmux that will do; it is the first with `-N`.
pub(super) const OLDEST: (u32, u32) = (3, 2);

/// What a guarded call says about its pane before it does anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Not there, or another one, says the server that had it.
    Gone,
    /// Another server answers.
    Other,
    /// The program has ended.
    Dead,
    /// Its program would not get the keys, or others would too.
    Deaf(Deaf),
    /// Another program is in front than the keys are meant for.
    Front,
    /// It hears.
    Ready,
}

/// Says how a client failed because there is no server (any more) at its socket; none when it did not fail, or otherwise.
///
/// A socket that may not be opened is something else: the server may well be there.
pub(super) fn no_server(finished: &Finished) -> Option<&'static str> {
    let said = finished.stderr.as_str();
    let is_unreachable = said.starts_with("no server running on ")
        || said.starts_with("error connecting to ")
            && ["(No such file or directory)", "(Connection refused)"].iter().any(|end| said.ends_with(end));
    let is_cut_off = said.starts_with("server exited") || said.starts_with("lost server");
    match finished.success {
        true => None,
        // seen between tmux 3.3a and a server of 3.8
        false if is_cut_off => Some("it cut off the client, as it does with a tmux of another version"),
        false => is_unreachable.then_some("its socket cannot be reached"),
    }
}

/// Splits the output of a guarded call into state, the fields on its first line, and the lines after it; none when
/// the output is no such thing.
pub(super) fn guarded(stdout: &str) -> Option<(State, Vec<&str>, &str)> {
    let (line, rest) = stdout.split_once('\n')?;
    let mut fields = line.split(' ');
    let state = match fields.next()? {
        "gone" => State::Gone,
        "other" => State::Other,
        "dead" => State::Dead,
        "off" => State::Deaf(Deaf::InputOff),
        "shared" => State::Deaf(Deaf::Synchronized),
        "front" => State::Front,
        "ready" => State::Ready,
        state => State::Deaf(mode(state.strip_prefix("mode:")?)),
    };
    Some((state, fields.collect(), rest))
}

/// Returns the mode that tmux calls by this name. It is shown to people: nothing of it is kept that no name of a mode has, and
/// no more than a row has room for.
fn mode(name: &str) -> Deaf {
    match name {
        "copy-mode" | "view-mode" => Deaf::CopyMode,
        name => {
            let plain = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-');
            Deaf::OtherMode(plain.take(LONGEST_MODE).collect())
        }
    }
}

/// Reads what `arguments::look` prints about a pane that is ours, but for its processes; and the pane's terminal.
pub(super) fn view(state: State, fields: &[&str], rest: &str) -> Option<(PaneView, PathBuf)> {
    let [width, height, cursor_column, cursor_row, tty] = fields else { return None };
    let height: usize = height.parse().ok()?;
    let mut lines = rest.splitn(height + 1, '\n');
    let rows: Vec<&str> = lines.by_ref().take(height).collect();
    // a terminal takes no line feed into a title
    let (title, command) = lines.next()?.split_once('\n')?;
    let command = command.trim_end_matches('\n').to_owned();
    let mut screen = screen::parse(rows);
    screen.title = title.to_owned();
    screen.width = width.parse().ok()?;
    screen.cursor_column = cursor_column.parse().ok()?;
    screen.cursor_row = cursor_row.parse().ok()?;
    let dead = state == State::Dead;
    let deaf = match state {
        State::Deaf(deaf) => Some(deaf),
        State::Gone | State::Other | State::Dead | State::Front | State::Ready => None,
    };
    let front = Front { command, ..Front::default() };
    let view = PaneView { screen, dead, deaf, front, ..PaneView::default() };
    Some((view, PathBuf::from(tty)))
}

/// Reads one line of `arguments::PANE_FIELDS`, with 0 as the process of a pane whose program has ended; none when a field is missing, as those of a pane that is not there.
pub(super) fn pane(socket: &str, line: &str) -> Option<Pane> {
    let mut fields = line.splitn(6, ' ');
    let pid = fields.next()?.parse().ok()?;
    let started = fields.next()?.parse().ok()?;
    let id = fields.next().filter(|id| is_pane_id(id))?;
    // a pane without a program has no process, from tmux 3.8 on
    let pane_pid = Some(fields.next()?).filter(|pid| !pid.is_empty()).map_or(Ok(0), str::parse).ok()?;
    let window = fields.next()?.to_owned();
    let session = fields.next()?.to_owned();
    let server = ServerId { socket: socket.to_owned(), pid, started, namespace: None };
    let multiplexer = MultiplexerKind::Tmux;
    Some(Pane { multiplexer, server, session, window, id: PaneId::new(id), pid: pane_pid })
}

/// Reads one line of `arguments::list`. tmux lets no tab into a session's name.
pub(super) fn tagged_pane(socket: &str, line: &str) -> Option<TaggedPane> {
    let (fields, start_command) = line.split_once('\t')?;
    Some(TaggedPane { pane: pane(socket, fields)?, tag: exec_file::tag_in(start_command).map(str::to_owned) })
}

/// Tells whether a text is tmux's name for a pane, and so can stand in a command without quotes.
pub(super) fn is_pane_id(text: &str) -> bool {
    text.strip_prefix('%').is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What decides whether a window takes one more pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Room {
    /// Whether a pane beside the main one would still have 40 columns and 10 rows.
    pub(super) fits: bool,
    /// tmux's id of the session.
    pub(super) session: String,
}

/// Reads what `arguments::room` prints.
///
/// The layout main-vertical gives `main-pane-width` columns (or that share) to the first pane and stacks the others at
/// its right, with one line between neighbours.
pub(super) fn room(fields: &[&str]) -> Option<Room> {
    let [width, height, panes, zoomed, session, main] = fields else { return None };
    let (width, height, panes): (u32, u32, u32) = (width.parse().ok()?, height.parse().ok()?, panes.parse().ok()?);
    let main = match main.strip_suffix('%') {
        Some(share) => width * share.parse::<u32>().ok()? / 100,
        None => main.parse().ok()?,
    };
    let stacked = panes.max(1);
    let columns = width.saturating_sub(main + 1);
    let rows = height.saturating_sub(stacked - 1) / stacked;
    Some(Room { fits: *zoomed == "0" && columns >= 40 && rows >= 10, session: (*session).to_owned() })
}

/// Reads the version out of `tmux -V`; none when it carries no number that can be compared (`tmux openbsd-7.4`, `tmux master`).
pub(super) fn version(text: &str) -> Option<(u32, u32)> {
    let name = text.trim().strip_prefix("tmux ")?;
    let name = name.strip_prefix("next-").unwrap_or(name);
    let (major, minor) = name.split_once('.')?;
    let digits = minor.bytes().take_while(u8::is_ascii_digit).count();
    Some((major.parse().ok()?, minor[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_where_they_carry_a_number() {
        assert_eq!(version("tmux 3.3a\n"), Some((3, 3)));
        assert_eq!(version("tmux next-3.5"), Some((3, 5)));
        assert_eq!(version("tmux 2.9a"), Some((2, 9)));
        assert_eq!(version("tmux 3.10"), Some((3, 10)));
        for text in ["tmux openbsd-7.4", "tmux master", "", "screen 4.0", "tmux 3"] {
            assert_eq!(version(text), None, "{text}");
        }
    }

    #[test]
    fn a_pane_line_may_name_any_session() {
        let pane = pane("/s", "1 2 %3 4 @5 my = session %9").unwrap();
        assert_eq!((pane.session.as_str(), pane.id.as_str(), pane.pid), ("my = session %9", "%3", 4));
        for line in ["", "1 2   @5 x", "1 2 3 4 @5 x", "1 2 %3;kill-server 4 @5 x", "x 2 %3 4 @5 x", "1 2 %3 4 @5"] {
            assert_eq!(super::pane("/s", line), None, "{line}");
        }
    }

    #[test]
    fn a_refused_connection_is_no_server_but_a_forbidden_one_is_a_failure() {
        let ended =
            |success: bool, stderr: &str| Finished { success, stdout: String::new(), stderr: stderr.to_owned() };
        let said = |stderr: &str| no_server(&ended(false, stderr)).is_some();
        assert!(said("no server running on /tmp/tmux-0/default"));
        assert!(said("error connecting to /tmp/x (No such file or directory)"));
        assert!(said("error connecting to /tmp/x (Connection refused)"));
        assert!(said("server exited unexpectedly"));
        assert!(said("lost server"));
        assert!(!said("error connecting to /tmp/x (Permission denied)"));
        assert!(!said("error connecting to /tmp/x (Operation not permitted)"));
        assert!(!said("can't find pane: %1"));
        assert_eq!(no_server(&ended(true, "no server running on /tmp/x")), None);
    }

    #[test]
    fn a_view_takes_the_rows_by_number_and_the_rest_as_the_program() {
        let (state, fields, rest) =
            guarded("ready 10 2 3 1 /dev/pts/3\nrow \u{1b}[2mone\n\n⠋ a title\nnode\nwith break\n").unwrap();
        let (view, tty) = view(state, &fields, rest).unwrap();
        assert_eq!(view.screen.rows.iter().map(|row| row.text()).collect::<Vec<_>>(), ["row one", ""]);
        assert_eq!((view.screen.width, view.screen.cursor_column, view.screen.cursor_row), (10, 3, 1));
        assert_eq!(view.screen.title, "⠋ a title");
        assert_eq!((view.front.command.as_str(), tty), ("node\nwith break", PathBuf::from("/dev/pts/3")));
        assert_eq!((view.dead, view.deaf), (false, None));
    }

    #[test]
    fn a_mode_is_told_by_its_name_and_only_reading_back_is_copy_mode() {
        let deaf = |name: &str| guarded(&format!("mode:{name} 1\n")).map(|(state, ..)| state);
        let other = |name: &str| Some(State::Deaf(Deaf::OtherMode(name.to_owned())));
        for name in ["copy-mode", "view-mode"] {
            assert_eq!(deaf(name), Some(State::Deaf(Deaf::CopyMode)), "{name}");
        }
        for name in ["clock-mode", "tree-mode", "buffer-mode", "client-mode", "options-mode"] {
            assert_eq!(deaf(name), other(name));
        }
        assert_eq!(deaf("a\u{1b}[31m\u{202e}é;'b-mode"), other("a31mb-mode"));
        assert_eq!(deaf(&"m".repeat(200)), other(&"m".repeat(30)));
    }

    #[test]
    fn a_cut_or_strange_answer_is_none() {
        for text in ["", "ready", "what 1 2\n", "mode 1\n", "\n"] {
            assert_eq!(guarded(text), None, "{text:?}");
        }
        assert_eq!(view(State::Ready, &["10", "2", "3", "1", "/dev/pts/3"], "row\n"), None);
        assert_eq!(view(State::Ready, &["10", "2", "3", "1"], "a\nb\nc\n"), None);
    }

    #[test]
    fn a_window_takes_panes_down_to_forty_by_ten() {
        let fits = |line: &str| room(&line.split(' ').collect::<Vec<_>>()).unwrap().fits;
        assert!(fits("160 48 1 0 $0 80"));
        assert!(fits("160 48 4 0 $0 80"), "45 rows for four panes");
        assert!(!fits("160 48 5 0 $0 80"), "44 rows for five panes");
        assert!(fits("121 24 1 0 $0 80"));
        assert!(!fits("120 24 1 0 $0 80"), "39 columns are left");
        assert!(fits("100 24 1 0 $0 50%"));
        assert!(!fits("160 48 1 1 $0 80"), "somebody looks at one pane alone");
        assert_eq!(room(&["160", "48"]), None);
    }
}
