//! The demo's own tmux server.

use std::time::Duration;

use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::command::{prepare, run};
use super::error::DemoError;
use super::sandbox::Sandbox;
use crate::scripted_agent::Style;

/// Columns and rows of the window while nobody is attached: room for a Director and two members side by side.
const WINDOW: (&str, &str) = ("160", "48");

/// How long a screen may take to show something.
const SCREEN_LIMIT: Duration = Duration::from_secs(10);

/// How often a screen is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What the agent in the Director's pane shows once it can hear.
const READY_MARK: &str = "⏵⏵";

/// A running server, and the pane in which the Director lives.
#[derive(Debug)]
pub(super) struct Server {
    /// The value of `TMUX` in the Director's pane.
    pub(super) tmux: String,
    /// The value of `TMUX_PANE` there.
    pub(super) pane: String,
}

fn tmux(sandbox: &Sandbox) -> Command {
    let mut command = prepare(sandbox, "tmux".as_ref());
    command.args(["-u", "-f", "/dev/null", "-S"]).arg(sandbox.socket());
    command
}

impl Server {
    /// Starts the server with the Director's agent in its only pane.
    pub(super) async fn start(sandbox: &Sandbox) -> Result<Self, DemoError> {
        let (columns, rows) = WINDOW;
        let mut command = tmux(sandbox);
        command.args(["new-session", "-d", "-x", columns, "-y", rows, "-s", "demo", "-n", "fleet", "-P", "-F"]);
        command.arg("#{pid} #{session_id} #{pane_id}").args(["--", "env"]).arg(sandbox.agent(Style::Claude));
        command.args(["--name", "Director"]);
        let answer = run(&mut command, None).await?;
        let mut words = answer.split_whitespace();
        let (Some(pid), Some(session), Some(pane)) = (words.next(), words.next(), words.next()) else {
            return Err(DemoError::Answer { line: super::command::line(&command), answer });
        };
        let session = session.trim_start_matches('$');
        Ok(Self { tmux: format!("{},{pid},{session}", sandbox.socket().display()), pane: pane.to_owned() })
    }

    /// Gives the Director's agent a text as a person would: pasted, seen, and only then submitted.
    pub(super) async fn tell_director(&self, sandbox: &Sandbox, text: &str) -> Result<(), DemoError> {
        self.until_shown(sandbox, READY_MARK).await?;
        run(tmux(sandbox).args(["load-buffer", "-b", "demo", "-"]), Some(text)).await?;
        run(tmux(sandbox).args(["paste-buffer", "-d", "-p", "-r", "-b", "demo", "-t", &self.pane]), None).await?;
        self.until_shown(sandbox, text.lines().last().unwrap_or_default()).await?;
        run(tmux(sandbox).args(["send-keys", "-t", &self.pane, "Enter"]), None).await?;
        Ok(())
    }

    async fn until_shown(&self, sandbox: &Sandbox, mark: &str) -> Result<(), DemoError> {
        let end = Instant::now() + SCREEN_LIMIT;
        while Instant::now() < end {
            if run(tmux(sandbox).args(["capture-pane", "-p", "-t", &self.pane]), None).await?.contains(mark) {
                return Ok(());
            }
            sleep(LOOK_AGAIN).await;
        }
        Err(DemoError::Late { what: "the Director's agent did not show what it should", limit: SCREEN_LIMIT })
    }

    /// Ends the server and everything in it.
    pub(super) async fn stop(sandbox: &Sandbox) -> Result<(), DemoError> {
        run(tmux(sandbox).arg("kill-server"), None).await.map(drop)
    }
}
