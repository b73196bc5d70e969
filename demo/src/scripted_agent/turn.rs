//! A turn: what happens between a submission and the next rest, on a thread of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cafleet_domain::id::{AgentId, FleetId};

use super::brain::{self, Identity, Message, Outgoing};
use super::child::{self, Output};
use super::control::{Control, Stopped};
use super::script::{self, Step};

/// How much of a submission a plain answer repeats, in Unicode scalar values.
const ECHOED_CHARS: usize = 60;

/// What a turn tells the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Report {
    /// The agent says this.
    Say(String),
    /// A tool ran, with this outcome.
    Tool {
        /// What ran.
        call: String,
        /// What came out.
        output: String,
    },
    /// A permission is needed.
    Ask,
    /// `/exit` asks back from now on.
    Stuck,
    /// The turn is over.
    Finished,
}

/// What a turn starts with.
#[derive(Debug)]
pub(super) struct Task {
    /// The submitted text.
    pub(super) text: String,
    /// It is the prompt that the agent was started with.
    pub(super) first: bool,
    /// What the agent knows about itself.
    pub(super) identity: Identity,
    /// The `cafleet` program.
    pub(super) cafleet: PathBuf,
}

/// Starts a turn. Every report goes to `report`, which returns false when nobody listens any more; the last one is
/// `Finished`, unless the turn is stopped. Dropping the returned sender stops it too; the thread then ends soon.
pub(super) fn start(task: Task, report: impl Fn(Report) -> bool + Send + 'static) -> (Sender<Control>, JoinHandle<()>) {
    let (control, orders) = mpsc::channel();
    let thread = thread::spawn(move || {
        let worker = Worker { task: &task, orders, report };
        if worker.run().is_ok() {
            (worker.report)(Report::Finished);
        }
    });
    (control, thread)
}

struct Worker<'a, R> {
    task: &'a Task,
    orders: Receiver<Control>,
    report: R,
}

impl<R: Fn(Report) -> bool> Worker<'_, R> {
    fn run(&self) -> Result<(), Stopped> {
        let steps = script::read(&self.task.text);
        for step in &steps {
            self.step(step)?;
        }
        let reported = self.task.first && self.report_ready()?;
        let called = brain::calls_to_inbox(&self.task.text);
        if called {
            self.read_inbox()?;
        }
        if steps.is_empty() && !reported && !called {
            let head: String = self.task.text.chars().take(ECHOED_CHARS).collect();
            self.say(format!("Understood: {}", cafleet_domain::text::one_line(&head)))?;
        }
        Ok(())
    }

    fn step(&self, step: &Step) -> Result<(), Stopped> {
        match step {
            Step::Slow(duration) => self.work(*duration),
            Step::Ask => {
                self.tell(Report::Ask)?;
                self.answer().map(drop)
            }
            Step::Shell(command) => {
                let output = child::run(Command::new("sh").args(["-c", command]), &self.orders)?;
                self.tell(Report::Tool { call: command.clone(), output: shown(&output) })
            }
            Step::Say(text) => self.say(text.clone()),
            Step::Stuck => self.tell(Report::Stuck),
        }
    }

    /// Tells the Director that the agent is there; returns whether it knows whom to tell.
    fn report_ready(&self) -> Result<bool, Stopped> {
        let Identity { fleet: Some(fleet), agent: Some(me), director: Some(director) } = self.task.identity else {
            return Ok(false);
        };
        if director == me {
            return Ok(false);
        }
        self.send(fleet, me, &Outgoing { to: director, text: brain::READY.to_owned() })?;
        Ok(true)
    }

    /// Reads all that waits, acknowledges it, and answers.
    fn read_inbox(&self) -> Result<(), Stopped> {
        let Identity { fleet: Some(fleet), agent: Some(me), .. } = self.task.identity else {
            return self.say("I was not told my fleet id and my agent id yet.".to_owned());
        };
        let (call, output) = self.cafleet(fleet, me, &["--json", "message", "poll"], &[])?;
        let messages = match brain::read_inbox(&output.stdout) {
            Ok(messages) if output.success => messages,
            _ => return self.tell(Report::Tool { call, output: shown(&output) }),
        };
        self.tell(Report::Tool { call, output: format!("{} waiting", messages.len()) })?;
        for message in &messages {
            self.take(fleet, me, message)?;
        }
        Ok(())
    }

    fn take(&self, fleet: FleetId, me: AgentId, message: &Message) -> Result<(), Stopped> {
        self.say(format!("Message {} from {}: {}", message.id, message.from, message.text))?;
        let task = message.id.to_string();
        let (call, output) = self.cafleet(fleet, me, &["message", "ack"], &["--task-id", &task, "--quiet"])?;
        self.tell(Report::Tool { call, output: shown(&output) })?;
        if output.success {
            for outgoing in brain::react(message, me) {
                self.send(fleet, me, &outgoing)?;
            }
        }
        Ok(())
    }

    fn send(&self, fleet: FleetId, me: AgentId, message: &Outgoing) -> Result<(), Stopped> {
        let to = message.to.to_string();
        let (call, output) = self.cafleet(fleet, me, &["message", "send"], &["--to", &to, "--text", &message.text])?;
        self.tell(Report::Tool { call, output: shown(&output) })
    }

    /// Runs a command of the real program as `me`; returns its line and its output.
    fn cafleet(
        &self,
        fleet: FleetId,
        me: AgentId,
        words: &[&str],
        options: &[&str],
    ) -> Result<(String, Output), Stopped> {
        let (fleet, me) = (fleet.to_string(), me.to_string());
        let arguments = [&["--fleet-id", &fleet], words, &["--agent-id", &me], options].concat();
        let output = child::run(Command::new(&self.task.cafleet).args(&arguments), &self.orders)?;
        let program = Path::new(&self.task.cafleet).file_name().unwrap_or_default().to_string_lossy();
        Ok((format!("{program} {}", arguments.join(" ")), output))
    }

    fn say(&self, text: String) -> Result<(), Stopped> {
        self.tell(Report::Say(text))
    }

    fn tell(&self, report: Report) -> Result<(), Stopped> {
        if (self.report)(report) { Ok(()) } else { Err(Stopped) }
    }

    /// Does nothing for `duration`, but hears when it is stopped.
    fn work(&self, duration: Duration) -> Result<(), Stopped> {
        let end = Instant::now() + duration;
        loop {
            match self.orders.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Control::Answer(_)) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Ok(Control::Stop) | Err(RecvTimeoutError::Disconnected) => return Err(Stopped),
            }
        }
    }

    fn answer(&self) -> Result<String, Stopped> {
        match self.orders.recv() {
            Ok(Control::Answer(answer)) => Ok(answer),
            Ok(Control::Stop) | Err(_) => Err(Stopped),
        }
    }
}

/// Returns what a child left as one text for the transcript.
fn shown(output: &Output) -> String {
    let text = [output.stdout.as_str(), output.stderr.as_str()].into_iter().filter(|text| !text.is_empty());
    let text = text.collect::<Vec<_>>().join("\n");
    match (text.is_empty(), output.success) {
        (false, _) => text,
        (true, true) => "(no output)".to_owned(),
        (true, false) => "(failed)".to_owned(),
    }
}
