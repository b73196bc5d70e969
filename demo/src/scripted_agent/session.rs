//! The state of a running agent, and what events do to it.

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::style::Style;
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::args::Launch;
use super::brain::Identity;
use super::composer::Composer;
use super::control::Control;
use super::dialog::{Dialog, Topic};
use super::transcript::Entry;
use super::turn::{self, Report, Task};
use super::view::View;

/// A second Ctrl-C this soon leaves.
const LEAVE_WINDOW: Duration = Duration::from_secs(2);

/// What happens to an agent.
#[derive(Debug)]
pub(super) enum Event {
    /// The terminal sent something, at this moment.
    Input(Input, Instant),
    /// The turn of this number reports.
    Turn(u64, Report),
    /// The terminal is gone.
    Closed,
}

/// A turn that runs.
struct Running {
    number: u64,
    since: Instant,
    control: Sender<Control>,
    thread: JoinHandle<()>,
}

/// A running agent.
pub(super) struct Session {
    style: Style,
    model: String,
    directory: String,
    cafleet: PathBuf,
    events: Sender<Event>,
    transcript: Vec<Entry>,
    composer: Composer,
    dialog: Option<Dialog>,
    turn: Option<Running>,
    turns: u64,
    queue: Vec<String>,
    identity: Identity,
    stuck: bool,
    interrupted_at: Option<Instant>,
    over: bool,
}

impl Session {
    /// Starts an agent; reports of its turns go to `events`.
    pub(super) fn new(
        style: Style,
        launch: Launch,
        cafleet: PathBuf,
        directory: String,
        events: Sender<Event>,
    ) -> Self {
        let name = launch.name.unwrap_or_else(|| style.to_string());
        let mut session = Self {
            style,
            model: launch.model.unwrap_or_else(|| "scripted".to_owned()),
            directory,
            cafleet,
            events,
            transcript: vec![Entry::Noted(format!("{name}: a scripted agent in place of {style}"))],
            composer: Composer::new(style),
            dialog: None,
            turn: None,
            turns: 0,
            queue: Vec::new(),
            identity: Identity::default(),
            stuck: false,
            interrupted_at: None,
            over: false,
        };
        if let Some(prompt) = launch.prompt {
            session.start_turn(prompt, true);
        }
        session
    }

    /// Tells whether the program is to end.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Tells whether the screen changes with time alone at the moment `now`.
    pub(super) fn changes_with_time(&self, now: Instant) -> bool {
        self.turn.is_some() || self.is_leaving(now)
    }

    /// Tells whether a Ctrl-C at the moment `now` would be the second one.
    fn is_leaving(&self, now: Instant) -> bool {
        self.interrupted_at.is_some_and(|at| now.saturating_duration_since(at) < LEAVE_WINDOW)
    }

    /// Ends what still runs, so that no child outlives the agent.
    pub(super) fn end(&mut self) {
        if let Some(Running { control, thread, .. }) = self.turn.take() {
            drop(control);
            // a turn that panicked has ended too
            drop(thread.join());
        }
    }

    /// Returns what has happened so far.
    pub(super) fn transcript(&self) -> &[Entry] {
        &self.transcript
    }

    /// Returns what stands below the transcript at the moment `now`.
    pub(super) fn view(&self, now: Instant) -> View<'_> {
        View {
            style: self.style,
            model: &self.model,
            directory: &self.directory,
            draft: self.composer.draft(),
            shell: self.composer.is_shell(),
            working: self.turn.as_ref().map(|turn| now.saturating_duration_since(turn.since)),
            queued: &self.queue,
            dialog: self.dialog.as_ref(),
            hint: self.is_leaving(now).then_some("Press Ctrl-C again to exit"),
        }
    }

    /// Returns the window title: codex tells its state there.
    pub(super) fn title(&self) -> String {
        let directory = self.directory.rsplit('/').next().unwrap_or_default();
        match (self.style, &self.dialog, &self.turn) {
            (Style::Codex, Some(_), _) => format!("[ . ] Action Required | {directory}"),
            (Style::Codex, None, Some(_)) => format!("⠋ {directory}"),
            (Style::Codex, None, None) => directory.to_owned(),
            (style, _, _) => style.to_string(),
        }
    }

    /// Takes one event.
    pub(super) fn handle(&mut self, event: Event) {
        match event {
            Event::Input(Input::Key(key), at) if key.kind != KeyEventKind::Release => self.key(key, at),
            Event::Input(Input::Paste(text), _) => match &mut self.dialog {
                Some(dialog) => dialog.paste(&text),
                None => self.composer.paste(&text),
            },
            Event::Input(..) => {}
            Event::Turn(number, report) => {
                if self.turn.as_ref().is_some_and(|turn| turn.number == number) {
                    self.report(report);
                }
            }
            Event::Closed => self.over = true,
        }
    }

    fn key(&mut self, key: KeyEvent, at: Instant) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => return self.interrupt(at),
            KeyCode::Char('u') if control && self.dialog.is_none() => return self.composer.clear(),
            KeyCode::Char('j') if control && self.dialog.is_none() => return self.composer.break_line(),
            KeyCode::Char(_) if control => return,
            _ => {}
        }
        if let Some(dialog) = &mut self.dialog {
            let topic = dialog.topic;
            if let Some(answer) = dialog.key(key.code) {
                self.answered(topic, answer);
            }
            return;
        }
        match key.code {
            KeyCode::Char(character) => self.composer.type_char(character, at),
            KeyCode::Backspace => self.composer.backspace(),
            KeyCode::Enter if key.modifiers.is_empty() => {
                if let Some(text) = self.composer.enter(at) {
                    self.submit(text);
                }
            }
            KeyCode::Enter => self.composer.break_line(),
            KeyCode::Esc => self.stop_turn("interrupted"),
            _ => {}
        }
    }

    /// Takes a Ctrl-C: the first clears the draft, the second leaves.
    fn interrupt(&mut self, at: Instant) {
        self.over |= self.is_leaving(at);
        self.interrupted_at = Some(at);
        self.composer.clear();
    }

    fn submit(&mut self, text: String) {
        if text.trim() == "/exit" {
            if self.stuck {
                self.dialog = Some(Dialog::exit());
            } else {
                self.over = true;
            }
        } else if self.turn.is_none() {
            self.start_turn(text, false);
        } else if self.style == Style::Codex {
            self.stop_turn("interrupted by a new message");
            self.start_turn(text, false);
        } else {
            self.queue.push(text);
        }
    }

    fn start_turn(&mut self, text: String, first: bool) {
        self.identity.learn(&text);
        self.transcript.push(Entry::Submitted(text.trim_end().to_owned()));
        self.turns += 1;
        let number = self.turns;
        let events = self.events.clone();
        let task = Task { text, first, identity: self.identity, cafleet: self.cafleet.clone() };
        let (control, thread) = turn::start(task, move |report| events.send(Event::Turn(number, report)).is_ok());
        self.turn = Some(Running { number, since: Instant::now(), control, thread });
    }

    fn stop_turn(&mut self, reason: &str) {
        if self.turn.take().is_some_and(|turn| turn.control.send(Control::Stop).is_ok()) {
            self.transcript.push(Entry::Noted(reason.to_owned()));
        }
        self.start_queued();
    }

    fn start_queued(&mut self) {
        if self.turn.is_none() && !self.queue.is_empty() {
            let text = self.queue.remove(0);
            self.start_turn(text, false);
        }
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::Say(text) => self.transcript.push(Entry::Said(text)),
            Report::Tool { call, output } => self.transcript.push(Entry::Ran { call, output }),
            Report::Ask => self.dialog = Some(Dialog::permission(self.style)),
            Report::Stuck => self.stuck = true,
            Report::Finished => {
                self.turn = None;
                self.start_queued();
            }
        }
    }

    fn answered(&mut self, topic: Topic, answer: String) {
        self.dialog = None;
        self.transcript.push(Entry::Noted(format!("dialog answered: {answer}")));
        match (topic, &self.turn) {
            (Topic::Exit, _) => self.over = answer == "1",
            (Topic::Permission, Some(turn)) => {
                // a turn that has ended meanwhile needs no answer
                drop(turn.control.send(Control::Answer(answer)));
            }
            (Topic::Permission, None) => {}
        }
    }
}
