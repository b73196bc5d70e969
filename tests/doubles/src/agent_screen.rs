//! What an agent's program draws around its composer, for the panes of [`FakeMultiplexer`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cafleet_domain::backend::Backend;
use cafleet_domain::screen::{Row, Screen, ScreenState, Span};

use super::FakeMultiplexer;

#[derive(Debug)]
struct State {
    backend: Backend,
    state: ScreenState,
    transcript: Vec<String>,
    last: String,
    echoes: bool,
    /// What a program that hangs still shows of the composer.
    kept: String,
    /// The program shows no sign of a turn.
    silent: bool,
    /// What each paste since the composer was empty brought, where long ones are shown as stand-ins.
    pastes: Option<Vec<String>>,
    /// How many rows of a draft there is room for.
    room: usize,
}

/// The screen of an agent, as far as [`cafleet_domain::screen::read`] looks; clones share it.
///
/// What leaves the composer goes to the transcript above it, as it does in the programs themselves.
#[derive(Debug, Clone)]
pub struct AgentScreen(Arc<Mutex<State>>);

impl AgentScreen {
    /// Draws the agent of a pane, at rest at first.
    #[must_use]
    pub fn draw(multiplexer: &FakeMultiplexer, pane: &str, backend: Backend) -> Self {
        let screen = Self(Arc::new(Mutex::new(State::new(backend))));
        let painter = screen.clone();
        multiplexer.change(pane, |pane| pane.paint(move |composer| painter.lock().paint(composer)));
        screen
    }

    /// Changes what the agent is doing. `Composing` is not for this: put a draft into the pane's composer.
    pub fn turn(&self, state: ScreenState) {
        self.lock().state = state;
    }

    /// Sets whether the program shows what it is given, as one that hangs does not.
    pub fn echo(&self, echoes: bool) {
        let mut state = self.lock();
        state.echoes = echoes;
        state.kept.clear();
    }

    /// Shows of the composer what it has shown last, as a program does that hangs from now on.
    pub fn keep_view(&self) {
        let mut state = self.lock();
        state.echoes = false;
        state.kept = state.last.clone();
    }

    /// Forgets what stood in the composer: it was cleared, and not submitted.
    pub fn forget(&self) {
        self.lock().last.clear();
    }

    /// Prints a line above the composer, which stands one row further down then.
    pub fn say(&self, line: &str) {
        self.lock().transcript.push(line.to_owned());
    }

    /// Takes the only sign of a streaming answer away, as a setting of codex does.
    pub fn silence(&self) {
        self.lock().silent = true;
    }

    /// Shows a stand-in for each paste that opencode would: of two line feeds, or of 151 characters or more.
    pub fn collapse(&self) {
        self.lock().pastes = Some(Vec::new());
    }

    /// Leaves room for so many rows of a draft, as a low pane does; only its end is seen then.
    pub fn make_room(&self, rows: usize) {
        self.lock().room = rows;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(backend: Backend) -> Self {
        Self {
            backend,
            state: ScreenState::AtRest,
            transcript: Vec::new(),
            last: String::new(),
            echoes: true,
            kept: String::new(),
            silent: false,
            pastes: None,
            room: usize::MAX,
        }
    }

    /// Returns what is shown of a composer: what came since the last look counts as one paste.
    fn collapsed(&mut self, composer: &str) -> String {
        let Some(pastes) = &mut self.pastes else { return composer.to_owned() };
        match composer.strip_prefix(&pastes.concat()) {
            Some("") => {}
            Some(paste) => pastes.push(paste.to_owned()),
            None => *pastes = vec![composer.to_owned()],
        }
        let shown = pastes.iter().map(|paste| match paste.matches('\n').count() {
            feeds if feeds >= 2 || paste.chars().count() > 150 => {
                // a row of its own, for nothing wraps here
                format!("\n[Pasted ~{feeds} lines] ")
            }
            _ => paste.clone(),
        });
        shown.collect()
    }

    fn paint(&mut self, composer: &str) -> Screen {
        if composer.is_empty() && !self.last.is_empty() {
            let submitted = std::mem::take(&mut self.last);
            self.transcript.push(submitted);
        }
        composer.clone_into(&mut self.last);
        let draft = if self.echoes { self.collapsed(composer) } else { self.kept.clone() };
        let mut rows: Vec<String> =
            self.transcript.iter().flat_map(|text| text.lines()).map(|line| format!("> {line}")).collect();
        rows.push(String::new());
        let working = self.state == ScreenState::Working;
        let title = if working && !self.silent && self.backend == Backend::CODEX { "⠋ project" } else { "project" };
        let mut lines: Vec<&str> = draft.split('\n').collect();
        let hidden = lines.len().saturating_sub(self.room);
        lines.drain(..hidden);
        let first = match self.state {
            ScreenState::Asking => {
                rows.extend(dialog(self.backend).iter().map(|row| (*row).to_owned()));
                rows.len() - 2
            }
            ScreenState::Unknown => {
                rows.push("a screen of no known form".to_owned());
                rows.extend(lines.iter().map(|line| (*line).to_owned()));
                rows.len() - lines.len()
            }
            _ => self.frame(&mut rows, &lines, hidden, working),
        };
        let left = if self.backend == Backend::OPENCODE { 5 } else { 2 };
        let (cursor_row, cursor_column) = match self.state {
            ScreenState::Asking => (first, 2),
            _ => (first + lines.len() - 1, left + lines.last().map_or(0, |line| line.chars().count())),
        };
        let rows = rows.into_iter().map(row).collect();
        Screen { rows, width: 80, cursor_column, cursor_row, title: title.to_owned() }
    }

    /// Draws the composer and returns its first row.
    fn frame(&self, rows: &mut Vec<String>, lines: &[&str], hidden: usize, working: bool) -> usize {
        let hint = if working { "esc to interrupt" } else { "" };
        let prompted = |prompt: &str, others: &str| -> Vec<String> {
            let prompts = std::iter::once(prompt).chain(std::iter::repeat(others));
            prompts.zip(lines).map(|(prompt, line)| format!("{prompt}{line}")).collect()
        };
        match self.backend {
            Backend::CLAUDE => {
                let more = if hidden > 0 { format!("─── ↑ {hidden} more ") } else { String::new() };
                rows.push(more + &"─".repeat(40));
                let first = rows.len();
                rows.extend(prompted(if hidden > 0 { "  " } else { "❯ " }, "  "));
                rows.push("─".repeat(80));
                rows.push(format!("  ⏵⏵ don't ask on · {hint}"));
                first
            }
            Backend::CODEX => {
                if !working {
                    rows.extend([ENDED.to_owned(), String::new()]);
                }
                let first = rows.len();
                rows.extend(prompted("› ", "  "));
                if lines == [""] && hidden == 0 {
                    rows[first].push_str(PLACEHOLDER);
                }
                if hidden > 0 {
                    rows[first].push_str("   ↑");
                }
                rows.extend([String::new(), "  gpt-5 · ~/project".to_owned()]);
                first
            }
            _ => {
                if !working {
                    rows.extend(["  ▣  Build · Model · 1s".to_owned(), String::new()]);
                }
                rows.push("  ┃".to_owned());
                let first = rows.len();
                rows.extend(prompted("  ┃  ", "  ┃  "));
                rows.extend(["  ┃".to_owned(), "  ┃  Build  Model".to_owned(), format!("  ╹{}", "▀".repeat(70))]);
                rows.push(format!("  {}  ctrl+p commands", hint.replace("to ", "")));
                first
            }
        }
    }
}

/// What codex shows in an empty composer.
const PLACEHOLDER: &str = "Ask Codex to do anything";

/// How codex tells that a turn is over.
const ENDED: &str = "  Worked for 1s • 10:00";

/// Returns a row; an arrow at its end is dim, and so are a placeholder and the end of a turn, as codex draws them.
fn row(text: String) -> Row {
    let plain = Span { text, ..Span::default() };
    let dim = ["↑", PLACEHOLDER, ENDED].into_iter().find_map(|dim| Some((plain.text.strip_suffix(dim)?, dim)));
    match dim {
        Some((rest, dim)) => {
            let dim = Span { text: dim.to_owned(), dim: true, ..Span::default() };
            Row { spans: vec![Span { text: rest.to_owned(), ..Span::default() }, dim] }
        }
        None => Row { spans: vec![plain] },
    }
}

/// Returns the end of a screen on which the agent asks for a permission.
fn dialog(backend: Backend) -> &'static [&'static str] {
    match backend {
        Backend::CLAUDE => &["Do you want to proceed?", "❯ 1. Yes", "  2. No", "", "Esc to cancel · Tab to amend"],
        Backend::CODEX => &["Would you like to run it?", "› 1. Yes, proceed", "  2. No", "", "Press enter to confirm"],
        _ => &["  ┃  △ Permission required", "  ┃  edit a file", "  ┃", "  ┃  Allow once   Reject"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cafleet_domain::program::Programs;
    use cafleet_domain::screen::{composer_holds_only, read};

    #[test]
    fn every_backend_is_read_as_it_is_drawn() {
        use ScreenState::{Asking, AtRest, Composing, Unknown, Working};
        for backend in Backend::BUILT_IN {
            let mut drawn = State::new(backend);
            for state in [AtRest, Working, Asking, Unknown] {
                drawn.state = state;
                assert_eq!(
                    read(&Programs::built_in().of(backend).patterns, &drawn.paint("")).state,
                    state,
                    "{backend}"
                );
            }
            drawn.state = AtRest;
            let screen = drawn.paint("[cafleet msg 1 from 2]\nhello");
            let reading = read(&Programs::built_in().of(backend).patterns, &screen);
            assert_eq!(reading.state, Composing, "{backend}");
            assert!(composer_holds_only(&reading, "[cafleet msg 1 from 2]\nhello"), "{backend}: {reading:?}");
            assert_eq!(read(&Programs::built_in().of(backend).patterns, &drawn.paint("")).state, AtRest, "{backend}");
            assert_eq!(drawn.transcript, ["[cafleet msg 1 from 2]\nhello"], "{backend}");
            drawn.room = 1;
            let screen = drawn.paint("[cafleet msg 1 from 2]\na text that is long enough");
            let reading = read(&Programs::built_in().of(backend).patterns, &screen);
            // opencode is never so low
            assert_eq!(reading.scrolled, backend != Backend::OPENCODE, "{reading:?}");
        }
    }
}
