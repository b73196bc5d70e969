//! The story that the demo tells: the real commands, and what the agents make of them.

use std::io::Write;
use std::time::Duration;

use cafleet_domain::id::AgentId;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use super::Terminals;
use super::background::Background;
use super::command::{self, prepare};
use super::conversation::{Conversation, Shown};
use super::error::DemoError;
use super::sandbox::Sandbox;
use super::server::Server;

/// How often the conversation is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(150);

/// How often it is looked at once the story is over.
const LOOK_LATER: Duration = Duration::from_millis(500);

/// How long a member may take to leave by itself.
const LEAVE_LIMIT: Duration = Duration::from_secs(5);

/// How long the agents may take to answer everything.
const TALK_LIMIT: Duration = Duration::from_secs(60);

/// The members: name, what they do, which program.
const MEMBERS: [(&str, &str, &str); 2] = [("Ada", "Writes the code", "claude"), ("Grace", "Reviews it", "codex")];

/// Who takes part, as the commands name them.
#[derive(Debug, Clone)]
struct Cast {
    fleet: String,
    director: String,
    administrator: String,
}

/// A running demo.
pub(super) struct Story<'a> {
    sandbox: &'a Sandbox,
    out: &'a mut dyn Write,
    terminals: Terminals,
    opens_browser: bool,
    server: Option<Server>,
    cast: Option<Cast>,
    members: Vec<String>,
    page: Option<Background>,
    monitor: Option<Background>,
    conversation: Conversation,
}

impl<'a> Story<'a> {
    /// Prepares a demo that is told to `out`.
    pub(super) fn new(sandbox: &'a Sandbox, out: &'a mut dyn Write, terminals: Terminals, opens_browser: bool) -> Self {
        Self {
            sandbox,
            out,
            terminals,
            opens_browser,
            server: None,
            cast: None,
            members: Vec::new(),
            page: None,
            monitor: None,
            conversation: Conversation::default(),
        }
    }

    /// Starts the tmux server, if the agents live in one. Not to be dropped half-way: a server that nobody knows of could
    /// not be ended.
    pub(super) async fn set_the_stage(&mut self) -> Result<(), DemoError> {
        let place = match self.terminals {
            Terminals::Tmux => "in a tmux server, database and home of its own",
            Terminals::Embedded => "in terminals, a database and a home of its own",
        };
        self.say(&format!("A fleet of three scripted agents, {place}."))?;
        self.say("No model, no network; the commands and their output are real.\n")?;
        if self.terminals == Terminals::Embedded {
            let database = self.sandbox.database();
            return self.say(&format!(
                "Watch it from another terminal:\n  CAFLEET_DATABASE_URL={} cafleet --fleet-id 1 attach --member-id 1",
                database.to_string_lossy()
            ));
        }
        self.server = Some(Server::start(self.sandbox).await?);
        let socket = self.sandbox.socket();
        self.say(&format!("Watch it from another terminal:\n  tmux -S {} attach", socket.display()))
    }

    /// Tells the whole story.
    pub(super) async fn tell(&mut self) -> Result<(), DemoError> {
        let cast = self.create_fleet().await?;
        self.serve().await?;
        self.supervise(&cast)?;
        for member in MEMBERS {
            self.create_member(&cast, member).await?;
        }
        self.until_settled().await?;
        self.talk(&cast).await?;
        self.say("\nThe members, and when they last spoke, heard and acknowledged:")?;
        self.cafleet(&["--fleet-id", &cast.fleet, "member", "list", "--activity"]).await?;
        Ok(())
    }

    /// Tells of every further message, until it is dropped.
    pub(super) async fn go_on(&mut self) -> Result<(), DemoError> {
        self.say(
            "\nThe fleet stays alive. Open its page or attach to it, and write to the agents; Ctrl-C here ends it.",
        )?;
        loop {
            self.follow().await?;
            sleep(LOOK_LATER).await;
        }
    }

    async fn create_fleet(&mut self) -> Result<Cast, DemoError> {
        let answer = match self.terminals {
            Terminals::Tmux => {
                self.say("\nThe Director's pane becomes a fleet:")?;
                self.cafleet(&["fleet", "create", "--label", "demo"]).await?
            }
            Terminals::Embedded => {
                self.say("\nA fleet, with a terminal in which its Director starts:")?;
                self.cafleet(&["fleet", "create", "--label", "demo", "--spawn"]).await?
            }
        };
        let words: Vec<&str> = answer.split_whitespace().collect();
        let [fleet, director, administrator] = words[..] else { return Err(unexpected("fleet create", &answer)) };
        let id = |word: &str, label: &str| word.strip_prefix(label).unwrap_or_default().to_owned();
        let cast = Cast {
            fleet: fleet.to_owned(),
            director: id(director, "director="),
            administrator: id(administrator, "admin="),
        };
        self.conversation.introduce(agent(&cast.director, &answer)?, "Director");
        self.conversation.introduce_unattended(agent(&cast.administrator, &answer)?, "Administrator");
        self.cast = Some(cast.clone());
        if let Some(server) = &self.server {
            let who = format!("FLEET ID: {}\nYOUR AGENT ID: {}", cast.fleet, cast.director);
            server.tell_director(self.sandbox, &who).await?;
        }
        Ok(cast)
    }

    /// Serves the page, on a port that is free.
    async fn serve(&mut self) -> Result<(), DemoError> {
        let mut server = self.command(&["server", "--port", "0"]);
        self.say(&format!("\nIts page shows everything live, and takes part:\n$ {} &", command::line(&server)))?;
        let (page, said) = Background::start_and_listen(&mut server).await?;
        self.page = Some(page);
        self.say(&said)?;
        if let Some(url) = said.split_whitespace().last().filter(|_| self.opens_browser) {
            // the address is there to be opened by hand
            let _no_browser = open::that_detached(url);
        }
        Ok(())
    }

    /// Starts the monitor, which rings again where a pane could not be rung at once.
    fn supervise(&mut self, cast: &Cast) -> Result<(), DemoError> {
        let mut monitor = self.command(&["--fleet-id", &cast.fleet, "monitor", "start", "--tick", "1"]);
        self.say(&format!("\nIts monitor runs in the background:\n$ {} &", command::line(&monitor)))?;
        self.monitor = Some(Background::start(&mut monitor)?);
        Ok(())
    }

    async fn create_member(&mut self, cast: &Cast, (name, work, program): (&str, &str, &str)) -> Result<(), DemoError> {
        self.say(&format!("\n{name} joins:"))?;
        let who = ["--fleet-id", &cast.fleet, "member", "create", "--agent-id", &cast.director];
        let what = ["--name", name, "--description", work, "--coding-agent", program];
        let answer = self.cafleet(&[&who[..], &what].concat()).await?;
        let member = answer.split_whitespace().next().unwrap_or_default().to_owned();
        self.conversation.introduce(agent(&member, &answer)?, name);
        self.members.push(member);
        self.follow().await
    }

    async fn talk(&mut self, cast: &Cast) -> Result<(), DemoError> {
        let [ada, grace] = &self.members[..] else { return Ok(()) };
        let (ada, question) = (ada.clone(), format!("ask {grace}: which tests are slow?"));
        self.say("\nThe Director lets Ada ask Grace:")?;
        self.send(cast, &cast.director, &ada, &question).await?;
        self.say("\nA person asks the Director, as the Administrator:")?;
        self.send(cast, &cast.administrator, &cast.director, "how is the fleet?").await?;
        self.say("\nThe Director writes to all:")?;
        let who = ["--fleet-id", &cast.fleet, "message", "broadcast", "--agent-id", &cast.director];
        self.cafleet(&[&who[..], &["--text", "stand-up: what are you working on?"]].concat()).await?;
        self.until_settled().await?;
        self.say("\nWhat the Administrator finds in the inbox:")?;
        let inbox = ["--fleet-id", &cast.fleet, "message", "poll", "--agent-id", &cast.administrator];
        self.cafleet(&inbox).await?;
        Ok(())
    }

    async fn send(&mut self, cast: &Cast, from: &str, to: &str, text: &str) -> Result<(), DemoError> {
        let who = ["--fleet-id", &cast.fleet, "message", "send", "--agent-id", from];
        self.cafleet(&[&who[..], &["--to", to, "--text", text]].concat()).await?;
        self.until_settled().await
    }

    /// Follows the conversation until everything is acknowledged and answered.
    async fn until_settled(&mut self) -> Result<(), DemoError> {
        let end = Instant::now() + TALK_LIMIT;
        loop {
            self.follow().await?;
            if self.conversation.is_settled(self.members.len()) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(DemoError::Late { what: "the agents did not answer everything", limit: TALK_LIMIT });
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Tells what is new since the last look.
    async fn follow(&mut self) -> Result<(), DemoError> {
        while let Some(task) = self.show(self.conversation.next()).await? {
            let line = self.conversation.came(task);
            self.say(&line)?;
        }
        for task in self.conversation.waiting() {
            let line = self.show(task.get()).await?.and_then(|task| self.conversation.looked(&task));
            if let Some(line) = line {
                self.say(&line)?;
            }
        }
        Ok(())
    }

    /// Looks at a task; none when there is no such task yet.
    async fn show(&self, task: i64) -> Result<Option<Shown>, DemoError> {
        let Some(cast) = &self.cast else { return Ok(None) };
        let task = task.to_string();
        let who = ["--fleet-id", &cast.fleet, "--json", "message", "show", "--agent-id", &cast.administrator];
        let mut show = self.command(&[&who[..], &["--task-id", &task, "--full"]].concat());
        match command::run(&mut show, None).await {
            Ok(answer) => Shown::read(&answer).map(Some).ok_or_else(|| unexpected("message show", &answer)),
            Err(DemoError::Command { detail, .. }) if detail.contains("not found") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Ends everything that the demo started, whatever has happened before, and returns the first thing that failed.
    pub(super) async fn clean_up(&mut self) -> Result<(), DemoError> {
        let mut outcome = self.say("\nCleaning up:");
        for command in [self.monitor.take(), self.page.take()].into_iter().flatten() {
            outcome = outcome.and(command.end().await);
        }
        if let Some(cast) = self.cast.take() {
            for member in std::mem::take(&mut self.members) {
                outcome = outcome.and(self.delete_member(&cast.fleet, &member).await);
            }
            outcome = outcome.and(self.cafleet(&["fleet", "delete", &cast.fleet, "--close"]).await.map(drop));
        }
        if self.server.take().is_some() {
            outcome = outcome.and(Server::stop(self.sandbox).await);
        }
        if self.terminals == Terminals::Embedded {
            let mut stop = self.command(&["daemon", "stop", "--force"]);
            outcome = outcome.and(command::run(&mut stop, None).await.map(drop));
        }
        outcome
    }

    /// Asks a member to leave, and ends it when it does not: it may be in the middle of anything.
    async fn delete_member(&mut self, fleet: &str, member: &str) -> Result<(), DemoError> {
        let delete = ["--fleet-id", fleet, "member", "delete", "--member-id", member];
        if let Ok(Ok(_)) = timeout(LEAVE_LIMIT, self.cafleet(&delete)).await {
            return Ok(());
        }
        self.cafleet(&[&delete[..], &["--force"]].concat()).await.map(drop)
    }

    /// Runs a command of the Director's pane, and shows it and its output.
    async fn cafleet(&mut self, arguments: &[&str]) -> Result<String, DemoError> {
        let mut command = self.command(arguments);
        // a reader that has gone away does not keep the demo from ending what it started
        let told = self.say(&format!("$ {}", command::line(&command)));
        let answer = command::run(&mut command, None).await?;
        told.and(self.say(answer.trim_end()))?;
        Ok(answer)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = prepare(self.sandbox, &self.sandbox.cafleet());
        command.args(arguments);
        if let Some(server) = &self.server {
            command.env("TMUX", &server.tmux).env("TMUX_PANE", &server.pane);
        }
        command
    }

    fn say(&mut self, text: &str) -> Result<(), DemoError> {
        writeln!(self.out, "{text}")?;
        self.out.flush()?;
        Ok(())
    }
}

fn agent(word: &str, answer: &str) -> Result<AgentId, DemoError> {
    word.parse().map_err(|_| unexpected("create", answer))
}

fn unexpected(line: &str, answer: &str) -> DemoError {
    DemoError::Answer { line: format!("cafleet {line}"), answer: answer.trim().to_owned() }
}
