//! The fleet and all that it needs.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use std::{fs, io};

use cafleet_domain::backend::Backend;
use cafleet_domain::placement::MultiplexerKind;
use cafleet_tests::environment::{Environment, Fleet, Outcome, pause};
use cafleet_tests::lab::model::Model;
use cafleet_tests::lab::terminals::Terminals;
use cafleet_tests::lab::{Manners, create_fleet, home};
use cafleet_tests::private_tmux::program;

use crate::annex::Annex;
use crate::editor::Editor;
use crate::keyboard::{Hands, Keyboard};
use crate::tally::{Tally, lock};

/// How long an agent may take for anything, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long the fleet may take to come to rest at the end.
const SETTLING: Duration = Duration::from_secs(300);

/// A place in the fleet, where one agent after another sits.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) backend: Backend,
    pub(crate) is_director: bool,
    /// Who sits there now, and in which pane; none while nobody does.
    agent: Mutex<Option<(i64, String)>>,
}

impl Seat {
    pub(crate) fn agent(&self) -> Option<(i64, String)> {
        lock(&self.agent).clone()
    }

    pub(crate) fn sit(&self, agent: Option<(i64, String)>) {
        *lock(&self.agent) = agent;
    }
}

/// A fleet on a private tmux server with a model server of its own.
#[derive(Debug)]
pub(crate) struct Yard {
    pub(crate) environment: Environment,
    terminals: Terminals,
    pub(crate) keyboard: Keyboard,
    pub(crate) fleet: Fleet,
    pub(crate) seats: Vec<Seat>,
    pub(crate) tally: Tally,
    /// What agents start for a text that is to be edited.
    pub(crate) editor: Editor,
    /// A fleet of its own in embedded terminals.
    pub(crate) annex: Annex,
    /// Held for writing while tmux cannot be reached: people wait, senders and monitor do not.
    reach: RwLock<()>,
    /// Ends with the yard.
    _model: Model,
    begin: Instant,
    length: Duration,
    number: AtomicU64,
    /// The fleet has come to rest, or will not any more.
    settled: AtomicBool,
}

impl Yard {
    /// Starts a claude as Director, and one member of each kind.
    pub(crate) fn open(length: Duration) -> Self {
        let mut environment = home::environment(Manners::AskingStoppable, &Backend::BUILT_IN);
        let model = Model::start(&environment.path("model.jsonl"), &["--dutiful"]);
        home::settle(&mut environment, model.port());
        let editor = Editor::install(&mut environment);
        let terminals = start_director(&mut environment);
        let fleet = create_fleet(&environment);
        let mut seats = vec![Seat {
            backend: Backend::CLAUDE,
            is_director: true,
            agent: Mutex::new(Some((fleet.director, "%0".to_owned()))),
        }];
        let seat = |backend| Seat { backend, is_director: false, agent: Mutex::default() };
        seats.extend(Backend::BUILT_IN.map(seat));
        let (tally, begin) = (Tally::default(), Instant::now());
        let keyboard = Keyboard::attach(terminals.tmux());
        let (number, settled, reach) = (AtomicU64::new(0), AtomicBool::new(false), RwLock::default());
        let annex = Annex::open(&environment);
        let _model = model;
        let mut yard = Self {
            environment,
            terminals,
            keyboard,
            fleet,
            seats,
            tally,
            editor,
            annex,
            reach,
            _model,
            begin,
            length,
            number,
            settled,
        };
        yard.introduce_director();
        for seat in &yard.seats[1..] {
            yard.create(seat);
        }
        yard.begin = Instant::now();
        yard
    }

    /// Tells the Director's agent who it is, as the person does who made it one.
    fn introduce_director(&self) {
        let (fleet, director) = (self.fleet.id, self.fleet.director);
        self.until("the Director's agent", || self.state(director) == "at_rest");
        self.press("%0", &["-l", &format!("FLEET ID: {fleet} YOUR AGENT ID: {director}")]);
        self.until("its introduction", || self.state(director) == "composing");
        self.press("%0", &["Enter"]);
        self.until("its first answer", || self.state(director) == "at_rest");
    }

    /// Creates a member for a seat and waits until it has reported to the Director; tells whether it has.
    pub(crate) fn create(&self, seat: &Seat) -> bool {
        let line = format!(
            "member create --agent-id @director --name {0}-{1} --description soak --coding-agent {0}",
            seat.backend,
            self.next()
        );
        let outcome = self.run(&format!("--json {line}"));
        if outcome.status != 0 {
            self.tally.wrong(format!("a member was not created: {outcome:?}"));
            return false;
        }
        let created = outcome.json();
        let agent = created["agent_id"].as_i64().expect("an id");
        let pane = created["placement"]["tmux_pane_id"].as_str().expect("a pane").to_owned();
        let ready = format!("SELECT count(*) FROM tasks WHERE from_agent_id = {agent} AND text = 'ready'");
        let reports = self.comes(PATIENCE, || self.environment.number(&ready) > 0);
        if !reports {
            self.tally.wrong(format!("{} {agent} did not report:\n{}", seat.backend, self.screen(&pane)));
        }
        seat.sit(Some((agent, pane)));
        reports
    }

    /// Tells whether the fleet is still to work.
    pub(crate) fn goes_on(&self) -> bool {
        self.begin.elapsed() < self.length
    }

    /// Tells whether the fleet is still to be watched.
    pub(crate) fn is_watched(&self) -> bool {
        !self.settled.load(Ordering::Relaxed)
    }

    /// Returns a number that is nobody else's.
    pub(crate) fn next(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the agents that sit somewhere now.
    pub(crate) fn agents(&self) -> Vec<i64> {
        self.seats.iter().filter_map(|seat| seat.agent().map(|(agent, _)| agent)).collect()
    }

    /// Runs a command line of the fleet.
    pub(crate) fn run(&self, line: &str) -> Outcome {
        let _reached = self.reach.read().unwrap_or_else(PoisonError::into_inner);
        self.environment.run(&self.fleet.words(line))
    }

    /// Returns what an agent's screen says; `gone` when it has none.
    pub(crate) fn state(&self, agent: i64) -> String {
        let outcome = self.run(&format!("--json member explain --member-id {agent}"));
        if outcome.status != 0 {
            return "gone".to_owned();
        }
        outcome.json()["state"].as_str().expect("a state").to_owned()
    }

    /// Returns the tasks whose previews are known to have left the composer of an agent, or to stand in it.
    pub(crate) fn submitted(&self, agent: i64) -> Vec<i64> {
        self.deliveries(agent, "state IN ('typed', 'submitted')")
    }

    /// Returns the tasks of an agent whose deliveries are such.
    pub(crate) fn deliveries(&self, agent: i64, such: &str) -> Vec<i64> {
        let database = self.environment.open();
        let query = format!("SELECT task_id FROM deliveries WHERE agent_id = ? AND {such}");
        let mut tasks = database.prepare(&query).expect("a statement");
        let tasks = tasks.query_map([agent], |row| row.get(0)).expect("the deliveries");
        tasks.map(|task| task.expect("a number")).collect()
    }

    /// Returns what a pane shows.
    pub(crate) fn screen(&self, pane: &str) -> String {
        self.client(&["capture-pane", "-p", "-t", pane])
    }

    /// Presses keys in a pane, as a person does; one that is gone by now gets none.
    pub(crate) fn press(&self, pane: &str, keys: &[&str]) {
        if let Some(hands) = Hands::at(self, pane) {
            hands.press(keys);
        }
    }

    /// Runs the tmux client; a pane that is gone by now is nothing to fail for.
    pub(crate) fn client(&self, words: &[&str]) -> String {
        let _reached = self.reach.read().unwrap_or_else(PoisonError::into_inner);
        let output = Command::new(program()).args(["-u", "-S", &self.terminals.tmux().socket()]).args(words).output();
        String::from_utf8_lossy(&output.expect("tmux runs").stdout).into_owned()
    }

    /// Removes the socket of the tmux server, as a cleaner of temporary files does, and has the server make it again
    /// after a while.
    pub(crate) fn hide_tmux(&self, away: Duration) {
        let server = self.client(&["display-message", "-p", "#{pid}"]);
        let _alone = self.reach.write().unwrap_or_else(PoisonError::into_inner);
        let socket = self.terminals.tmux().socket();
        fs::remove_file(&socket).expect("the socket is there");
        pause(away);
        let made = || {
            let _ended = Command::new("/bin/kill").args(["-USR1", server.trim()]).output();
            Path::new(&socket).exists()
        };
        if !self.comes(PATIENCE, made) {
            self.tally.wrong("tmux did not make its socket again".to_owned());
        }
    }

    /// Sends a signal to the agent in a pane, which is a child of the pane's program.
    pub(crate) fn signal(&self, pane: &str, signal: &str) {
        let parent = self.client(&["display-message", "-p", "-t", pane, "#{pane_pid}"]);
        let parent = parent.trim();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
        if let Some(child) = children.split_whitespace().next() {
            let _ended_already = Command::new("/bin/kill").args([signal, child]).output();
        }
    }

    /// Waits until the work of the last minutes is done: everything typed, read and acknowledged.
    pub(crate) fn settle(&self) {
        self.say("settling");
        let owed = format!(
            "SELECT count(*) FROM tasks t LEFT JOIN deliveries d USING (task_id) JOIN agents a ON a.agent_id = t.to_agent_id \
             WHERE a.status = 'active' AND a.agent_id NOT IN ({}, {}) \
             AND (t.status_state = 'input_required' OR d.state NOT IN ('submitted', 'failed'))",
            self.fleet.administrator, self.annex.fleet.administrator
        );
        let rests = || self.environment.number(&owed) == 0 && self.agents().iter().all(|a| self.state(*a) == "at_rest");
        // a person who broke a turn off has to say that it is to go on
        let begin = Instant::now();
        while !self.comes(Duration::from_secs(60), rests) && begin.elapsed() < SETTLING {
            for agent in self.agents() {
                let line = format!("message send --quiet --agent-id @admin --to {agent} --text go-on-{}", self.next());
                drop(self.run(&line));
            }
        }
        if !rests() {
            self.tally.wrong(format!("the fleet has not come to rest: {} are open", self.environment.number(&owed)));
        }
        self.settled.store(true, Ordering::Relaxed);
    }

    /// Waits until something holds, which it must.
    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        assert!(self.comes(PATIENCE, holds), "waited in vain for {what}");
    }

    /// Waits until something holds, and tells whether it did within `limit`.
    pub(crate) fn comes(&self, limit: Duration, holds: impl Fn() -> bool) -> bool {
        let begin = Instant::now();
        while !holds() {
            if begin.elapsed() > limit {
                return false;
            }
            pause(Duration::from_millis(200));
        }
        true
    }

    /// Hands over what the models were told.
    pub(crate) fn notes(&self) -> PathBuf {
        self.folder().join("model.jsonl")
    }

    /// Returns where the screens of the panes are kept.
    pub(crate) fn screens(&self) -> PathBuf {
        self.folder().join("screens")
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.environment.path("")
    }

    /// Leaves the database, the notes and the screens for a person to look at.
    pub(crate) fn keep(&self) -> ExitCode {
        let kept = Path::new("/var/tmp").join(format!("cafleet-soak-{}", std::process::id()));
        self.say(&format!("database, notes and screens are in {}: {:?}", kept.display(), self.copy_to(&kept)));
        ExitCode::FAILURE
    }

    fn copy_to(&self, kept: &Path) -> io::Result<()> {
        fs::create_dir_all(kept.join("screens"))?;
        fs::copy(self.notes(), kept.join("model.jsonl"))?;
        fs::copy(self.environment.database(), kept.join("cafleet.db"))?;
        for screen in fs::read_dir(self.screens())? {
            let screen = screen?;
            fs::copy(screen.path(), kept.join("screens").join(screen.file_name()))?;
        }
        Ok(())
    }

    /// Tells a person what happens.
    #[expect(clippy::print_stdout, reason = "tells a person what happens")]
    pub(crate) fn say(&self, what: &str) {
        println!("{:>7} {what}", self.clock());
    }

    /// Returns the seconds since the fleet began to work.
    pub(crate) fn clock(&self) -> String {
        format!("{:.1}", self.begin.elapsed().as_secs_f64())
    }
}

/// Makes a claude the program of the first pane, as if a person had started it there.
fn start_director(environment: &mut Environment) -> Terminals {
    let program = environment.path("bin/claude").display().to_string();
    let settings = r#"{"permissions":{"allow":["Bash(cafleet *)"]}}"#;
    let argv = [&program, "--permission-mode", "default", "--settings", settings];
    Terminals::start(MultiplexerKind::Tmux, environment, &argv)
}
