//! A fleet without tmux: its Director and members live in embedded terminals, reached from a plain shell.

use std::fs;
use std::path::{Path, PathBuf};

use cafleet_domain::placement::Pane;
use cafleet_tests::embedded::EmbeddedTerminals;
use cafleet_tests::environment::{Environment, Fleet, Outcome, eventually};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A fleet whose Director was started by `fleet create --spawn`.
pub(crate) struct World {
    pub(crate) environment: Environment,
    pub(crate) fleet: Fleet,
}

impl World {
    pub(crate) fn new() -> Self {
        let environment = Environment::new();
        environment.install_agents();
        assert_eq!(environment.ok(&["fleet", "create", "--spawn"]), "1 director=1 admin=2\n");
        let fleet = Fleet { id: 1, director: 1, administrator: 2, ada: 1, grace: 1 };
        let world = Self { environment, fleet };
        world.until_shown(&world.pane(1), "⏵⏵");
        world
    }

    /// Creates a member and returns its id and pane.
    fn member(&self, style: &str, further: &[&str]) -> (i64, Pane) {
        let mut line =
            self.fleet.words("member create --agent-id @director --name Ada --description tests --coding-agent");
        line.push(style.to_owned());
        line.extend(further.iter().map(|&word| word.to_owned()));
        let answer = self.environment.json(&line);
        let id = answer["agent_id"].as_i64().expect("an id");
        (id, self.pane(id))
    }

    pub(crate) fn terminals(&self) -> EmbeddedTerminals {
        EmbeddedTerminals::of(&self.environment)
    }

    /// Returns the pane of an agent of the fleet.
    pub(crate) fn pane(&self, agent: i64) -> Pane {
        self.terminals().of_agent(self.fleet.id, agent)
    }

    pub(crate) fn screen(&self, pane: &Pane) -> String {
        self.terminals().screen(pane)
    }

    pub(crate) fn until_shown(&self, pane: &Pane, text: &str) {
        eventually(text, || self.screen(pane).contains(text).then_some(()));
    }

    /// Puts a text into a composer, as a person does.
    pub(crate) fn write(&self, pane: &Pane, text: &str) {
        self.terminals().paste(pane, text);
    }

    pub(crate) fn type_bytes(&self, pane: &Pane, bytes: &[u8]) {
        self.terminals().type_bytes(pane, bytes);
    }

    fn press_enter(&self, pane: &Pane, shown: &str) {
        self.until_shown(pane, shown);
        self.terminals().type_bytes(pane, b"\r");
    }

    fn send(&self, to: i64, text: &str) -> Value {
        let mut line = self.fleet.words(&format!("message send --agent-id @director --to {to} --text"));
        line.push(text.to_owned());
        self.environment.json(&line)
    }
}

fn delivery(sent: &Value) -> (bool, &str) {
    (sent["notification_sent"] == true, sent["delivery"]["state"].as_str().unwrap_or_default())
}

#[test]
fn the_sockets_have_a_directory_of_their_own_if_one_is_set_which_panes_find() {
    let mut environment = Environment::new();
    environment.set("CAFLEET_RUNTIME_DIR", environment.path("run"));
    environment.install_agents();
    environment.ok(&["fleet", "create", "--spawn"]);
    assert!(environment.path("run/pty/socket").exists(), "a socket");
    assert!(!environment.path("data/cafleet/pty").exists(), "none beside the database");
    let world = World { environment, fleet: Fleet { id: 1, director: 1, administrator: 2, ada: 1, grace: 1 } };
    world.until_shown(&world.pane(1), "⏵⏵");
    let (_, pane) = world.member("claude", &["--", "[[sh cafleet panes | wc -l > panes]]"]);
    world.until_shown(&pane, "panes");
    let noted = world.environment.path("work/panes");
    eventually("both panes, as seen from within", || {
        let panes = fs::read_to_string(&noted).ok()?;
        (panes.trim().parse::<u32>().ok()? >= 2).then_some(())
    });
    let relative = world.environment.command(&["panes"]).env("CAFLEET_RUNTIME_DIR", "run").output().expect("it starts");
    let refused = String::from_utf8_lossy(&relative.stderr).into_owned();
    assert!(refused.starts_with("Error: CAFLEET_RUNTIME_DIR must be an absolute path"), "{refused}");
}

#[test]
fn what_has_left_the_session_of_a_terminal_is_named() {
    let world = World::new();
    let (member, pane) = world.member("claude", &["--", "[[say here]]"]);
    world.until_shown(&pane, "here");
    let noted = world.environment.path("work/left");
    let daemon = "[[sh setsid sh -c 'echo $$ > left; exec sleep 300' > /dev/null 2>&1 &]]";
    world.write(&pane, daemon);
    world.press_enter(&pane, "exec sleep 300");
    let pid: i32 = eventually("the program", || fs::read_to_string(&noted).ok()?.trim().parse().ok());
    let outcome = world.environment.run(&world.fleet.words(&format!("member delete --member-id {member}")));
    let said = format!("Started there and still running: sleep (process {pid}); end it with 'kill {pid}'.\n");
    assert!(outcome.status == 0 && outcome.stderr == said, "{outcome:?}");
    let pid = Pid::from_raw(pid).expect("a process");
    kill_process(pid, Signal::KILL).expect("it runs");
}

#[test]
fn messages_reach_members_and_are_acknowledged_and_answered() {
    let world = World::new();
    let environment = &world.environment;
    for style in ["claude", "codex", "opencode"] {
        let (member, _) = world.member(style, &[]);
        // it has said that it is ready, and is done with that
        eventually("a member at rest", || {
            let members = environment.json(&world.fleet.words("member list"));
            let rows = members.as_array().cloned().unwrap_or_default();
            let is_at_rest = |row: &Value| row["agent_id"] == member && row["state"] == "at_rest";
            let told = environment.number(&format!("SELECT count(*) FROM tasks WHERE from_agent_id = {member}"));
            (told > 0 && rows.iter().any(is_at_rest)).then_some(())
        });
        let sent = world.send(member, "how are you?");
        assert_eq!(delivery(&sent), (true, "submitted"), "{sent}");
        let show = world.fleet.words(&format!("message show --agent-id @director --full --task-id {}", sent["id"]));
        eventually("an acknowledgement", || (environment.json(&show)["status_state"] == "completed").then_some(()));
    }
    let list = environment.json(&world.fleet.words("member list"));
    assert_eq!(list.as_array().map(Vec::len), Some(3), "{list}");
    assert_eq!(environment.json(&["panes"]).as_array().map(Vec::len), Some(4));
    let capture = environment.ok(&world.fleet.words("member capture --member-id 3"));
    assert!(capture.contains("how are you?"), "{capture}");
    environment.ok(&world.fleet.words("member delete --member-id 3"));
    environment.ok(&world.fleet.words("member delete --member-id 4 --force"));
    assert_eq!(environment.json(&["panes"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn a_fleet_takes_its_terminals_with_it_or_leaves_them_within_reach() {
    let world = World::new();
    let environment = &world.environment;
    let (member, pane) = world.member("claude", &["--", "[[say here]]"]);
    world.until_shown(&pane, "here");
    let refused = environment.run(&["fleet", "delete", "1"]);
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(
        refused.stderr.contains("Director") && refused.stderr.contains(&format!("agent {member} Ada")),
        "{refused:?}"
    );
    let left = environment.run(&["fleet", "delete", "1", "--leave"]);
    assert!(left.stderr.contains(&format!("'cafleet pane close pty:{}'", pane.id)), "{left:?}");
    assert_eq!(environment.json(&["pane", "list"]).as_array().map(Vec::len), Some(2));
    environment.ok(&["pane", "close", pane.id.as_str(), "--yes"]);
    assert_eq!(environment.json(&["panes"]).as_array().map(Vec::len), Some(1));

    let world = World::new();
    let (_, pane) = world.member("codex", &["--", "[[say here]]"]);
    world.until_shown(&pane, "here");
    let closed = world.environment.json(&["fleet", "delete", "1", "--close"]);
    assert_eq!(closed["closed_panes"].as_array().map(Vec::len), Some(2), "the Director's too: {closed}");
    assert_eq!(world.environment.json(&["panes"]).as_array().map(Vec::len), Some(0));
}

#[test]
fn a_program_that_outlived_its_killed_daemon_stands_in_the_way_of_its_fleet_until_it_is_ended() {
    let world = World::new();
    let environment = &world.environment;
    environment.install("claude", "#!/bin/sh\ntrap '' HUP; while :; do sleep 1; done\n");
    let (member, pane) = world.member("claude", &["--", "x"]);
    let daemon = i32::try_from(pane.server.pid).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(daemon, Signal::KILL).expect("it is there");
    let program = || Path::new("/proc").join(pane.pid.to_string()).exists();
    eventually("the end of the daemon", || {
        let refused = environment.run(&["fleet", "delete", "1"]);
        refused.stderr.contains(&format!("agent {member} Ada")).then_some(())
    });
    assert!(program(), "it ignores that its terminal is gone");
    let closed = environment.json(&["fleet", "delete", "1", "--close"]);
    assert_eq!(closed["closed_panes"].as_array().map(Vec::len), Some(1), "{closed}");
    eventually("the end of the program", || (!program()).then_some(()));
}

#[test]
fn a_persons_draft_and_an_open_question_are_respected() {
    let world = World::new();
    let (member, pane) = world.member("claude", &["--", "[[say here]]"]);
    world.until_shown(&pane, "here");
    world.write(&pane, "half a thought");
    world.until_shown(&pane, "half a thought");
    let sent = world.send(member, "hello");
    assert_eq!(delivery(&sent), (false, "held"), "{sent}");
    assert!(world.screen(&pane).contains("half a thought"));
    world.write(&pane, " [[ask]]");
    world.press_enter(&pane, "half a thought");
    world.until_shown(&pane, "Do you want");
    let before = world.screen(&pane);
    let sent = world.send(member, "hello again");
    assert_eq!(delivery(&sent), (false, "held"), "{sent}");
    assert_eq!(world.screen(&pane), before, "nothing was typed into the question");
}

#[test]
fn what_the_user_names_is_handed_on_and_nothing_else_unknown() {
    let mut environment = Environment::new();
    environment.install("claude", "#!/bin/sh\nenv > seen; exec cat\n");
    for (name, value) in
        [("MISTRAL_API_KEY", "a key"), ("SECRET", "unseen"), ("CAFLEET_PANE_VARIABLES", "MISTRAL_API_KEY")]
    {
        environment.set(name, value);
    }
    environment.ok(&["fleet", "create", "--spawn"]);
    let seen = eventually("the environment", || {
        let seen = fs::read_to_string(environment.path("work/seen")).unwrap_or_default();
        seen.contains("CAFLEET_PANE=").then_some(seen)
    });
    assert!(seen.contains("\nMISTRAL_API_KEY=a key\n") && !seen.contains("SECRET="), "{seen}");
}

#[test]
fn what_runs_inside_is_recognised() {
    let world = World::new();
    let pane = world.pane(1);
    world.write(&pane, "[[sh cafleet fleet create --again --label inner > answer 2>&1]]");
    world.press_enter(&pane, "inner");
    let file: PathBuf = world.environment.path("work/answer");
    let answer = eventually("an answer", || fs::read_to_string(&file).ok().filter(|text| text.ends_with('\n')));
    assert_eq!(answer, "2 director=3 admin=4\n");
    let shown = world.environment.ok(&["fleet", "show", "2"]);
    assert!(shown.contains("cafleet:@0:%0"), "{shown}");
}

#[test]
fn a_fleet_whose_director_does_not_start_is_taken_back() {
    let environment = Environment::new();
    environment.ok(&["db", "init"]);
    let create = ["fleet", "create", "--spawn"];
    assert_eq!(environment.run(&create).error(1), "binary claude not found on PATH");
    assert_eq!(environment.rows()["fleets"], 0);
    environment.install("claude", "#!/bin/sh\necho no licence; exit 1\n");
    let error = environment.run(&create).error(1);
    assert!(error.ends_with("bin/claude' ended at once: no licence"), "{error}");
    assert_eq!(environment.ok(&["fleet", "list"]), "No fleets found.\n");
    assert_eq!(environment.ok(&["panes"]), "No panes found.\n");
    environment.ok(&["daemon", "stop"]);
}

#[test]
fn tmux_opens_no_pane_beside_none() {
    let environment = Environment::new();
    environment.install_agents();
    let error = environment.run(&["--multiplexer", "tmux", "fleet", "create", "--spawn"]).error(1);
    assert!(error.contains("use the embedded terminals ('--multiplexer pty')"), "{error}");
    assert_eq!(environment.ok(&["fleet", "list"]), "No fleets found.\n");
}

#[test]
fn the_daemon_is_looked_after() {
    let world = World::new();
    let environment = &world.environment;
    let status = environment.json(&["daemon", "status"]);
    assert_eq!((&status["running"], &status["panes"], &status["upgrades"]), (&true.into(), &1.into(), &0.into()));
    assert_eq!(environment.json(&["doctor"])["embedded_terminals"]["panes"], 1);
    let table = environment.ok(&["panes"]);
    assert!(table.starts_with("PANE  AGENT       SIZE    VIEWERS  PID"), "{table}");
    let row: Vec<&str> = table.lines().nth(1).unwrap_or_default().split_whitespace().collect();
    assert!(row[1].starts_with("1-") && row[1].ends_with("-1"), "the fleet, its key and the agent: {table}");
    assert_eq!((row[0], &row[2..4]), ("%0", &["120x40", "0"][..]), "{table}");
    let upgraded = environment.json(&["daemon", "upgrade"]);
    assert_eq!((&upgraded["pid"], &upgraded["panes"], &upgraded["upgrades"]), (&status["pid"], &1.into(), &1.into()));
    let refused = environment.run(&["daemon", "stop"]).error(1);
    assert_eq!(refused, "1 panes are open; --force ends them with the agents in them");
    environment.ok(&["daemon", "stop", "--force"]);
    assert_eq!(environment.ok(&["daemon", "status"]), "not running\n");
    let gone: Outcome = environment.run(&world.fleet.words("member create --agent-id 1 --name A --description x"));
    assert_eq!(
        gone.error(1),
        "the Director's pane %0 is gone; run 'cafleet fleet move' in the pane in which the Director runs now"
    );
}
