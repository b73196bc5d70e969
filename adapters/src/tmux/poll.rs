//! What an ordinary client is asked about panes that somebody watches, tick by tick, and what it answers. Pure.
//!
//! A client that stays attached, in control mode or not, can make tmux up to 3.5a fall: there an ordinary command of
//! anybody, such as `kill-session` behind `new-window`, writes to a client that is gone. So nobody attaches. A client that
//! only asks is not listed, changes no size and fires no hook of attaching. It is given some ticks at once on standard
//! input (`source-file -`), with a delay inside the server between them (`run-shell -d`, tmux 3.2), so that a process is
//! started twice a second and not twenty times.

use cafleet_domain::placement::Pane;

use super::arguments;
use crate::terminal::Size;

/// How many ticks one client is given. More cost the server more at once, for it reads them before the first.
pub(super) const TICKS: usize = 10;

/// Seconds between two ticks, as tmux reads them.
const DELAY: &str = "0.05";

/// How many rows that have scrolled by are fetched with a picture, while a pane is watched.
pub(super) const ABOVE: u32 = 50;

/// How many rows of the history a viewer finds when it comes.
pub(super) const FIRST_ABOVE: u32 = 500;

/// A pane that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) pane: Pane,
    /// Its picture is wanted, whether anything has moved or not, with rows of the history.
    pub(super) fresh: bool,
    /// How large it was; none when that is not known.
    pub(super) size: Option<Size>,
    /// How many rows its history had.
    pub(super) history: u32,
}

/// Returns the commands for some ticks. `mark` is a word that nobody else knows; what has not moved since `since`, in
/// seconds since the epoch, is not drawn again.
///
/// All that concerns a pane in a tick is one line: tmux drops the rest of a line on an error, such as a pane that is gone,
/// and goes on with the next one; and nothing comes in between the commands of a line, so they are of one moment.
pub(super) fn script(mark: &str, queries: &[Query], since: i64) -> String {
    let mut script = String::new();
    for tick in 0..TICKS {
        for query in queries {
            script.push_str(&line(mark, query, query.fresh && tick == 0, since));
        }
        script.push_str(&format!("display-message -p '{mark} tick'\nrun-shell -d {DELAY}\n"));
    }
    script
}

fn line(mark: &str, query: &Query, is_fresh: bool, since: i64) -> String {
    let (pane, history) = (&query.pane, query.history);
    let (id, number, ours) = (pane.id.as_str(), arguments::number(pane), arguments::ours(pane));
    // activity is told in whole seconds
    let moved = if is_fresh { "1".to_owned() } else { format!("#{{e|>=:#{{window_activity}},{}}}", since - 1) };
    // in another size everything is drawn anew, with the history, which breaks into other rows
    let same_size = query.size.map_or("1".to_owned(), |Size { columns, rows }| {
        // a pane of one column is shown as one of two
        format!("#{{==:#{{?#{{==:#{{pane_width}},1}},2,#{{pane_width}}}}x#{{pane_height}},{columns}x{rows}}}")
    });
    let not = |condition: &str| format!("#{{?{condition},0,1}}");
    let scrolled = format!("#{{!=:#{{history_size}},{history}}}");
    let when = |conditions: &[&str], command: &str| {
        let conditions: Vec<String> = conditions.iter().map(|&condition| condition.to_owned()).collect();
        format!(" ; if-shell -F -t {id} '{}' \"{command}\"", arguments::all(&conditions))
    };
    let capture = |above: u32| {
        let start = if above > 0 { format!(" -S -{above}") } else { String::new() };
        format!("capture-pane -p -e -N{start} -t {id}")
    };
    let mut line =
        format!("display-message -p -t {id} '{mark} pane {number} {ours} #{{history_size}} {}'", arguments::LOOKS);
    if is_fresh {
        line += &when(&[&ours], &capture(FIRST_ABOVE));
    } else {
        line += &when(&[&ours, &not(&same_size)], &capture(FIRST_ABOVE));
        line += &when(&[&ours, &moved, &same_size, &scrolled], &capture(ABOVE));
        line += &when(&[&ours, &moved, &same_size, &not(&scrolled)], &capture(0));
    }
    let drawn = format!("#{{||:{moved},{}}}", not(&same_size));
    line += &when(&[&ours, &drawn], &format!("display-message -p -t {id} '{mark} title #{{pane_title}}'"));
    line + "\n"
}

/// What was read of one pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// tmux's name for it.
    pub(super) id: String,
    /// It is the one that was asked about.
    pub(super) is_ours: bool,
    /// How many rows its history has.
    pub(super) history: u32,
    /// The values of [`arguments::LOOKS`].
    pub(super) looks: String,
    /// The rows of history and screen with their looks, and the title; none when nothing had moved.
    pub(super) drawn: Option<(Vec<String>, String)>,
}

/// What a line of the answer completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// What is known of a pane.
    Pane(Seen),
    /// A tick is over.
    Tick,
}

/// Reads the answer line by line.
#[derive(Debug)]
pub(super) struct Reader {
    mark: String,
    current: Option<Seen>,
    rows: Vec<String>,
}

impl Reader {
    pub(super) fn new(mark: &str) -> Self {
        Self { mark: format!("{mark} "), current: None, rows: Vec::new() }
    }

    /// Takes a line; returns what it completes.
    pub(super) fn take(&mut self, line: &str) -> Vec<Step> {
        let Some(marked) = line.strip_prefix(&self.mark) else {
            self.rows.push(line.to_owned());
            return Vec::new();
        };
        if let Some(title) = marked.strip_prefix("title ") {
            let rows = std::mem::take(&mut self.rows);
            let seen = self.current.take().map(|seen| Seen { drawn: Some((rows, title.to_owned())), ..seen });
            return seen.map(Step::Pane).into_iter().collect();
        }
        self.rows.clear();
        let mut steps: Vec<Step> = self.current.take().map(Step::Pane).into_iter().collect();
        if marked == "tick" {
            steps.push(Step::Tick);
        } else {
            self.current = marked.strip_prefix("pane ").and_then(seen);
        }
        steps
    }
}

fn seen(text: &str) -> Option<Seen> {
    let mut words = text.splitn(4, ' ');
    let (number, is_ours, history, looks) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let history = history.parse().ok()?;
    Some(Seen { id: format!("%{number}"), is_ours: is_ours == "1", history, looks: looks.to_owned(), drawn: None })
}

#[cfg(test)]
mod tests {
    use cafleet_domain::id::PaneId;
    use cafleet_domain::placement::{MultiplexerKind, ServerId};

    use super::*;

    fn query(id: &str, fresh: bool) -> Query {
        let server = ServerId { socket: "/s".to_owned(), pid: 10, started: 20, namespace: None };
        let (session, window) = ("main".to_owned(), "@1".to_owned());
        let multiplexer = MultiplexerKind::Tmux;
        let size = (!fresh).then_some(Size { columns: 80, rows: 24 });
        let pane = Pane { multiplexer, server, session, window, id: PaneId::new(id), pid: 30 };
        Query { pane, fresh, size, history: 7 }
    }

    #[test]
    fn each_pane_is_one_line_and_only_its_first_picture_is_unconditional() {
        let script = script("mark", &[query("%1", true), query("%2", false)], 1_000);
        let lines: Vec<&str> = script.lines().collect();
        assert_eq!(lines.len(), TICKS * 4);
        assert_eq!(lines[2..4], ["display-message -p 'mark tick'", "run-shell -d 0.05"]);
        assert!(lines[0].contains("-S -500 -t %1") && !lines[0].contains("window_activity"), "{}", lines[0]);
        assert!(lines[1].contains("#{e|>=:#{window_activity},999}") && lines[1].contains("-S -50 -t %2"));
        assert!(
            lines[1].contains("#{?#{==:#{?#{==:#{pane_width},1},2,#{pane_width}}x#{pane_height},80x24},0,1}")
                && lines[1].contains("-S -500 -t %2")
        );
        assert!(lines[4].contains("window_activity"), "the second tick");
        assert!(!script.contains("attach") && !script.contains("-C"), "nobody attaches");
    }

    #[test]
    fn an_answer_is_read_whatever_a_pane_shows() {
        let mut reader = Reader::new("mark");
        let lines = [
            "mark pane 1 1 7 0 80 2 more",
            "mark",
            "mar",
            "mark title a title",
            "mark pane 2 1 0 0 80 2 more",
            "mark pane 3 0 0 0 1 1 x",
            "mark tick",
        ];
        let steps: Vec<Step> = lines.iter().flat_map(|line| reader.take(line)).collect();
        let seen = |id: &str, is_ours, history, looks: &str, drawn| {
            Step::Pane(Seen { id: id.to_owned(), is_ours, history, looks: looks.to_owned(), drawn })
        };
        let rows = ["mark", "mar"].map(str::to_owned).to_vec();
        assert_eq!(
            steps,
            [
                seen("%1", true, 7, "0 80 2 more", Some((rows, "a title".to_owned()))),
                seen("%2", true, 0, "0 80 2 more", None),
                seen("%3", false, 0, "0 1 1 x", None),
                Step::Tick,
            ]
        );
    }
}
