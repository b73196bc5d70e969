//! A multiplexer that exists only in memory, told by the test what its panes show.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use cafleet_domain::death::DeathProof;
use cafleet_domain::id::PaneId;
use cafleet_domain::placement::{MultiplexerKind, Pane, ServerId};
use cafleet_domain::ports::{
    Deaf, EnterCondition, Front, Look, MultiplexerError, PaneHost, PaneIo, PaneView, SpawnRequest, StartRequest,
    TaggedPane, TypingCondition,
};
use cafleet_domain::process::{Foreground, Process, ProcessId};
use cafleet_domain::screen::{Row, Screen, Span};

use super::conditions;

/// Draws the screen of a pane from what stands in its composer.
type Painter = Arc<dyn Fn(&str) -> Screen + Send + Sync>;

/// One pane and all that has happened to it.
#[derive(Clone)]
pub struct FakePane {
    /// What proves that it is this one.
    pub pane: Pane,
    /// What it was opened with; empty for panes that the test did not open.
    pub argv: Vec<String>,
    /// The mark that it was spawned with; none on panes that the fake did not spawn.
    pub tag: Option<String>,
    /// What was pasted or typed and not submitted yet.
    pub composer: String,
    /// What Enter has submitted, in order.
    pub submitted: Vec<String>,
    /// Everything that the program has read, in order; Enter is a carriage return.
    pub received: String,
    /// Name of the program in front.
    pub command: String,
    /// Whether the program has ended and only its last screen is left.
    pub dead: bool,
    /// Why it does not hear.
    pub deaf: Option<Deaf>,
    /// Whether Enter is ignored, as a program does that still reads a paste.
    pub ignores_enter: bool,
    /// At how many conditions a person has just pressed a key.
    pub touched: u32,
    painter: Painter,
}

impl fmt::Debug for FakePane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakePane").field("pane", &self.pane).field("composer", &self.composer).finish_non_exhaustive()
    }
}

impl FakePane {
    fn new(pane: Pane, argv: Vec<String>, tag: Option<String>) -> Self {
        let command = argv.first().and_then(|path| path.rsplit('/').next()).unwrap_or("sh").to_owned();
        Self {
            pane,
            argv,
            tag,
            composer: String::new(),
            submitted: Vec::new(),
            received: String::new(),
            command,
            dead: false,
            deaf: None,
            ignores_enter: false,
            touched: 0,
            painter: Arc::new(screen_of),
        }
    }

    /// Replaces what the pane shows; the closure is given what stands in the composer.
    pub fn paint(&mut self, painter: impl Fn(&str) -> Screen + Send + Sync + 'static) {
        self.painter = Arc::new(painter);
    }

    /// Tells whether a person has just pressed a key, where that counts.
    fn is_touched(&mut self, counts: bool) -> bool {
        let is_touched = counts && self.touched > 0;
        self.touched -= u32::from(is_touched);
        is_touched
    }

    fn screen(&self) -> Screen {
        (self.painter)(&self.composer)
    }

    fn front(&self) -> Front {
        Front { group: self.pane.pid, command: self.command.clone() }
    }

    /// The program in front is the pane's own process.
    fn foreground(&self) -> Foreground {
        let program = format!("/bin/{}", self.command);
        Foreground::Known(vec![Process {
            id: ProcessId { pid: self.pane.pid, started: 1 },
            parent: self.pane.server.pid,
            in_front: true,
            reads_terminal: true,
            program: program.clone(),
            arguments: vec![program],
        }])
    }

    fn hears(&self, front: &Front) -> Result<(), MultiplexerError> {
        let deaf = [
            (self.dead, "the program has ended"),
            (self.deaf.is_some(), "it does not hear"),
            (self.front() != *front, "another program is in front"),
        ];
        match deaf.iter().find(|(is_so, _)| *is_so) {
            Some((_, why)) => Err(MultiplexerError::Failed(format!("pane {}: {why}", self.pane.id))),
            None => Ok(()),
        }
    }
}

#[derive(Debug)]
struct State {
    server: ServerId,
    running: bool,
    inside: bool,
    seat: Option<String>,
    panes: Vec<FakePane>,
    next: u32,
    missing_programs: Vec<String>,
    faults: VecDeque<MultiplexerError>,
    rebalanced: u32,
}

/// A multiplexer in memory; clones share their state.
///
/// A text that is pasted or typed goes to the pane's composer, which the screen shows at once unless the test paints it
/// otherwise; Enter moves it to what was submitted.
#[derive(Debug, Clone)]
pub struct FakeMultiplexer(Arc<Mutex<State>>);

impl FakeMultiplexer {
    /// Returns one whose caller runs in its pane `%0`, with a `claude` in front.
    #[must_use]
    pub fn inside() -> Self {
        let fake = Self(Arc::new(Mutex::new(State {
            server: ServerId { socket: "/fake/socket".to_owned(), pid: 100, started: 1_700_000_000, namespace: None },
            running: true,
            inside: true,
            seat: None,
            panes: Vec::new(),
            next: 0,
            missing_programs: Vec::new(),
            faults: VecDeque::new(),
            rebalanced: 0,
        })));
        fake.lock().open(vec!["/bin/claude".to_owned()], None);
        fake
    }

    /// Returns one whose caller runs outside.
    #[must_use]
    pub fn outside() -> Self {
        let fake = Self::inside();
        fake.lock().inside = false;
        fake
    }

    /// Returns a copy of a pane's state; none when it is not there.
    #[must_use]
    pub fn pane(&self, id: &str) -> Option<FakePane> {
        self.lock().panes.iter().find(|pane| pane.pane.id.as_str() == id).cloned()
    }

    /// Changes a pane.
    ///
    /// # Panics
    /// When it is not there.
    pub fn change(&self, id: &str, change: impl FnOnce(&mut FakePane)) {
        let mut state = self.lock();
        change(state.panes.iter_mut().find(|pane| pane.pane.id.as_str() == id).expect("the pane is there"));
    }

    /// Lets the caller run in another pane than the first.
    pub fn step_into(&self, id: &str) {
        self.lock().seat = Some(id.to_owned());
    }

    /// Makes the next call fail; several wait their turn.
    pub fn fail_next(&self, error: MultiplexerError) {
        self.lock().faults.push_back(error);
    }

    /// Makes spawns of a program fail.
    pub fn lose_program(&self, path: &str) {
        self.lock().missing_programs.push(path.to_owned());
    }

    /// Closes a pane, as its program's end does.
    pub fn close(&self, id: &str) {
        self.lock().panes.retain(|pane| pane.pane.id.as_str() != id);
    }

    /// Ends the server with all its panes.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.running = false;
        state.panes.clear();
    }

    /// Ends the server and starts another one in which each name belongs to a stranger's shell.
    pub fn restart(&self) {
        let mut state = self.lock();
        let count = state.panes.len();
        state.panes.clear();
        (state.running, state.next, state.server.pid) = (true, 0, state.server.pid + 1);
        for _ in 0..count {
            state.open(Vec::new(), None);
        }
    }

    /// Returns how often a window was laid out again.
    #[must_use]
    pub fn rebalanced(&self) -> u32 {
        self.lock().rebalanced
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the lock")
    }

    /// Takes the next fault, or hands out the state.
    fn enter(&self) -> Result<MutexGuard<'_, State>, MultiplexerError> {
        let mut state = self.lock();
        match state.faults.pop_front() {
            Some(fault) => Err(fault),
            None => Ok(state),
        }
    }
}

impl State {
    fn open(&mut self, argv: Vec<String>, tag: Option<String>) -> Pane {
        let pane = Pane {
            multiplexer: MultiplexerKind::Tmux,
            server: self.server.clone(),
            session: "main".to_owned(),
            window: "@0".to_owned(),
            id: PaneId::new(format!("%{}", self.next)),
            pid: self.server.pid * 1000 + self.next,
        };
        self.next += 1;
        self.panes.push(FakePane::new(pane.clone(), argv, tag));
        pane
    }

    fn open_program(&mut self, argv: &[String], tag: &str) -> Result<Pane, MultiplexerError> {
        let program = argv.first().map_or("", String::as_str);
        if !program.starts_with('/') || self.missing_programs.iter().any(|missing| missing == program) {
            return Err(MultiplexerError::Failed(format!("'{program}' is not the absolute path of a program")));
        }
        Ok(self.open(argv.to_vec(), Some(tag.to_owned())))
    }

    fn find(&mut self, pane: &Pane) -> Result<&mut FakePane, MultiplexerError> {
        let same = |known: &Pane| (&known.server, &known.id, known.pid) == (&pane.server, &pane.id, pane.pid);
        let found = self.panes.iter_mut().find(|known| same(&known.pane));
        found.ok_or_else(|| MultiplexerError::Gone(pane.id.clone()))
    }
}

#[async_trait]
impl PaneHost for FakeMultiplexer {
    fn kind(&self) -> MultiplexerKind {
        MultiplexerKind::Tmux
    }

    async fn version(&self) -> Result<String, MultiplexerError> {
        self.enter().map(|_| "3.3a".to_owned())
    }

    async fn caller(&self) -> Result<Option<Pane>, MultiplexerError> {
        let state = self.enter()?;
        let mut panes = state.panes.iter();
        let caller = match &state.seat {
            Some(seat) => panes.find(|pane| pane.pane.id.as_str() == seat),
            None => panes.next(),
        };
        match caller {
            _ if !state.inside => Ok(None),
            Some(first) if state.running => Ok(Some(first.pane.clone())),
            _ => Err(MultiplexerError::Failed("the server does not answer".to_owned())),
        }
    }

    async fn spawn(&self, request: &SpawnRequest) -> Result<Pane, MultiplexerError> {
        let mut state = self.enter()?;
        state.find(&request.beside)?;
        state.open_program(&request.argv, &request.tag)
    }

    async fn start(&self, request: &StartRequest) -> Result<Pane, MultiplexerError> {
        self.enter()?.open_program(&request.argv, &request.tag)
    }

    async fn kill(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        let mut state = self.enter()?;
        let id = state.find(pane)?.pane.id.clone();
        state.panes.retain(|known| known.pane.id != id);
        Ok(())
    }

    async fn list(&self, pane: &Pane) -> Result<Vec<TaggedPane>, MultiplexerError> {
        let state = self.enter()?;
        let known = state.panes.iter().filter(|known| known.pane.server == pane.server);
        Ok(known.map(|known| TaggedPane { pane: known.pane.clone(), tag: known.tag.clone() }).collect())
    }

    async fn rebalance(&self, pane: &Pane) -> Result<(), MultiplexerError> {
        let mut state = self.enter()?;
        state.find(pane)?;
        state.rebalanced += 1;
        Ok(())
    }
}

#[async_trait]
impl PaneIo for FakeMultiplexer {
    async fn look(&self, pane: &Pane) -> Result<Look, MultiplexerError> {
        let mut state = self.enter()?;
        let Ok(found) = state.find(pane) else { return Ok(Look::Gone(DeathProof::NoSuchPane)) };
        Ok(Look::Seen(PaneView {
            screen: found.screen(),
            dead: found.dead,
            deaf: found.deaf.clone(),
            front: found.front(),
            foreground: found.foreground(),
        }))
    }

    async fn capture(&self, pane: &Pane, lines: u32, _ansi: bool) -> Result<String, MultiplexerError> {
        let mut state = self.enter()?;
        let rows: Vec<String> = state.find(pane)?.screen().rows.iter().map(Row::text).collect();
        let end = rows.iter().rposition(|row| !row.trim().is_empty()).map_or(0, |at| at + 1);
        Ok(rows[end.saturating_sub(lines as usize)..end].join("\n"))
    }

    async fn paste(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError> {
        let mut state = self.enter()?;
        conditions::check(condition.present.iter().chain(&condition.absent))?;
        let found = state.find(pane)?;
        found.hears(front)?;
        if !conditions::admits(&found.screen(), condition) || found.is_touched(condition.untouched) {
            return Ok(false);
        }
        found.composer.push_str(text);
        found.received.push_str(text);
        Ok(true)
    }

    async fn submit_if_shown(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &EnterCondition,
    ) -> Result<bool, MultiplexerError> {
        let mut state = self.enter()?;
        conditions::check(condition.present.iter().chain(&condition.absent).chain([&condition.mark]))?;
        let found = state.find(pane)?;
        let holds = conditions::meets(&found.screen(), condition) && !found.is_touched(condition.untouched);
        if !holds || found.hears(front).is_err() {
            return Ok(false);
        }
        found.received.push('\r');
        if !found.ignores_enter {
            let submitted = std::mem::take(&mut found.composer);
            found.submitted.push(submitted);
        }
        Ok(true)
    }

    async fn type_keys(
        &self,
        pane: &Pane,
        front: &Front,
        condition: &TypingCondition,
        text: &str,
    ) -> Result<bool, MultiplexerError> {
        if text.chars().any(char::is_control) {
            return Err(MultiplexerError::Failed("a text that is typed may hold no control character".to_owned()));
        }
        self.paste(pane, front, condition, text).await
    }
}

/// Returns a screen of 80 columns that shows `text` and the cursor behind it.
#[must_use]
pub fn screen_of(text: &str) -> Screen {
    let rows: Vec<Row> =
        text.split('\n').map(|line| Row { spans: vec![Span { text: line.to_owned(), ..Span::default() }] }).collect();
    let cursor_column = rows.last().map_or(0, |row| row.text().chars().count());
    Screen { cursor_row: rows.len().saturating_sub(1), rows, width: 80, cursor_column, ..Screen::default() }
}
