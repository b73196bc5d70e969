//! `cafleet demo`: a whole fleet in a minute, with nothing to install and nothing of the user's touched.
//!
//! The agents are scripted (see [`scripted_agent`]); all else is real. The demo runs the same commands that a
//! Director would run, as child processes, against a tmux server (or embedded terminals), a database and a home in a private directory,
//! and tells what they say. There is no other path through the program than that of a user's fleet.

mod background;
mod command;
mod conversation;
mod error;
mod sandbox;
pub mod scripted_agent;
mod server;
mod signals;
mod story;

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;

pub use error::DemoError;
use sandbox::Sandbox;
use signals::Signals;
use story::Story;

/// Where the demo's agents live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Terminals {
    /// In panes of tmux.
    Tmux,
    /// In embedded terminals.
    Embedded,
}

/// How a demo is run.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The `cafleet` program to show, as an absolute path.
    pub cafleet: PathBuf,
    /// Where programs are found, as in PATH. Without tmux among them, the agents live in embedded terminals.
    pub search_path: OsString,
    /// Opens the page in the person's browser.
    pub opens_browser: bool,
    /// Ends after the story instead of waiting for a signal.
    pub exit: bool,
}

/// Runs the demo and tells it to `out`: until the story ends when [`DemoOptions::exit`] is set, else until SIGINT,
/// SIGTERM or SIGHUP. Whatever happens, it ends all that it started, removes its directory, and says so.
///
/// # Errors
/// When a command fails, the agents do not answer in time, or `out` cannot be written; the first of
/// these, after cleaning up.
pub async fn run(options: &DemoOptions, out: &mut dyn Write) -> Result<(), DemoError> {
    let terminals = match is_installed("tmux", &options.search_path) {
        true => Terminals::Tmux,
        false => Terminals::Embedded,
    };
    let mut signals = Signals::listen()?;
    let sandbox = Sandbox::create(&options.cafleet, &options.search_path)?;
    let directory = sandbox.path().display().to_string();
    let mut story = Story::new(&sandbox, &mut *out, terminals, options.opens_browser);
    let outcome = match story.set_the_stage().await {
        Ok(()) => tokio::select! {
            outcome = tell(&mut story, options.exit) => outcome,
            () = signals.next() => Ok(()),
        },
        failed => failed,
    };
    let cleaned = story.clean_up().await;
    drop(story);
    sandbox.remove().await?;
    outcome.and(cleaned)?;
    let owner = match terminals {
        Terminals::Tmux => "tmux server",
        Terminals::Embedded => "terminals",
    };
    writeln!(out, "Nothing is left: members, monitor, {owner} and {directory} are gone.")?;
    Ok(())
}

async fn tell(story: &mut Story<'_>, exit: bool) -> Result<(), DemoError> {
    story.tell().await?;
    if exit { Ok(()) } else { story.go_on().await }
}

fn is_installed(program: &str, search_path: &OsStr) -> bool {
    std::env::split_paths(search_path).any(|folder| folder.join(program).is_file())
}
