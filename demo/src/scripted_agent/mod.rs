//! The scripted agent: a terminal program that behaves on screen as a coding agent does, without a model.
//!
//! `cafleet demo` and the end-to-end tests start it in place of claude, codex and opencode, with the arguments that
//! their launchers build. It composes, queues, asks for permission and leaves as they do (see the backends
//! specification, "State" and "Typing"), and it takes part in its fleet by running the real `cafleet` commands.
//! Directives in a submitted text script it: `[[slow N]]`, `[[ask]]`, `[[sh COMMAND]]`, `[[say TEXT]]`, `[[stuck]]`.
//! They come from whoever writes to the agent, so it belongs in demos and tests only.

mod args;
mod brain;
mod child;
mod composer;
mod control;
mod dialog;
mod layout;
mod script;
mod session;
mod style;
mod terminal;
mod transcript;
mod turn;
mod view;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event as Input};

use args::{Launch, Request};
pub(crate) use brain::{READY, is_answer};
use session::{Event, Session};
pub use style::Style;
use terminal::Terminal;

/// How often the screen is drawn anew while only time passes.
const TICK: Duration = Duration::from_secs(1);

/// How the scripted agent is started.
#[derive(Debug, Clone)]
pub struct ScriptedAgentArgs {
    /// The program that it stands in for.
    pub style: Style,
    /// The arguments which that program was given, without its name.
    pub arguments: Vec<String>,
    /// The `cafleet` program that it runs.
    pub cafleet: PathBuf,
}

/// Runs the scripted agent on the terminal of this process until somebody ends it. With `--version` or `--help` it
/// only writes to standard output, as the real programs do.
///
/// # Errors
/// When the process has no terminal, or the terminal fails.
pub fn run(args: ScriptedAgentArgs) -> io::Result<()> {
    let ScriptedAgentArgs { style, arguments, cafleet } = args;
    match args::parse(style, &arguments) {
        Request::Version => writeln!(io::stdout(), "{} (scripted {style})", env!("CARGO_PKG_VERSION")),
        Request::Help => io::stdout().write_all(args::help(style).as_bytes()),
        Request::Preset(name) => writeln!(io::stdout(), "{}", args::preset(&name)),
        Request::Interactive(launch) => interact(style, launch, cafleet),
    }
}

fn interact(style: Style, launch: Launch, cafleet: PathBuf) -> io::Result<()> {
    let mut terminal = Terminal::open(style)?;
    let directory = std::env::current_dir()?.to_string_lossy().into_owned();
    let (sender, events) = mpsc::channel();
    read_terminal(sender.clone());
    let mut session = Session::new(style, launch, cafleet, directory, sender);
    while !session.is_over() {
        terminal.title(&session.title())?;
        let frame = session.view(Instant::now()).frame(terminal.size());
        terminal.paint(session.transcript(), frame)?;
        let moving = session.changes_with_time(Instant::now());
        match if moving { events.recv_timeout(TICK) } else { events.recv().map_err(Into::into) } {
            Ok(first) => {
                for event in std::iter::once(first).chain(events.try_iter()) {
                    if let Event::Input(Input::Resize(..), _) = event {
                        terminal.resized()?;
                    }
                    session.handle(event);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    session.end();
    Ok(())
}

/// Reads the terminal on a thread of its own: a paste that comes in pieces must not hold up the screen.
fn read_terminal(events: Sender<Event>) {
    thread::spawn(move || {
        loop {
            let event = match event::read() {
                Ok(input) => Event::Input(input, Instant::now()),
                Err(_) => Event::Closed,
            };
            let last = matches!(event, Event::Closed);
            if events.send(event).is_err() || last {
                return;
            }
        }
    });
}
