//! Opens, switches and closes the panes of a fleet of nine on the page's streams, again and again beside sessions of tmux that come
//! and go, and says what became of the agents; then measures how long a byte of a pane takes to a viewer:
//!
//! `cargo run -p cafleet-tests --bin openings -- [ROUNDS]`
//!
//! On the tmux that `CAFLEET_TEST_TMUX` names, else the installed one. Prints a row of the table in `docs/src/performance.md`.

use std::env;
use std::io;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use cafleet_tests::environment::Fleet;
use cafleet_tests::server::Server;
use cafleet_tests::stage::Stage;
use cafleet_tests::web_socket::{PaneViewer, Received};

/// How many agents the fleet has, its Director among them.
const AGENTS: usize = 9;
/// How many bytes are timed.
const TIMED: usize = 200;
/// Shows the time of day in nanoseconds, about eight times in a second; each in another colour than the one before, for viewers are
/// told of changed cells alone.
const TELLS_TIME: &str = r#"
    while :; do
        n=$((n % 6 + 1))
        printf '\033[3%sm<%s>\n' "$n" "$(date +%s%N)"
        sleep "0.1$((RANDOM % 90 + 10))"
    done"#;

#[expect(clippy::print_stdout, reason = "the figures are for a page of the documentation")]
fn main() -> io::Result<ExitCode> {
    let rounds = env::args().nth(1).map_or(Ok(500), |text| text.parse().map_err(io::Error::other))?;
    let yard = Yard::open();
    let before = yard.lives();
    for round in 0..rounds {
        yard.open_switch_and_close(round);
        yard.churn(round);
    }
    let after = yard.lives();
    let mut delays = yard.delays();
    delays.sort_unstable();
    let percentile = |percent: usize| delays[(delays.len() - 1) * percent / 100] / 1_000_000;
    let version = yard.stage.tmux.tmux(&["display-message", "-p", "#{version}"]);
    let alive = after.iter().filter(|pane| before.contains(pane)).count();
    println!(
        "| {version} | {rounds} | {} | {} of {} | {} | {} |",
        rounds * AGENTS,
        alive,
        before.len(),
        percentile(50),
        percentile(95)
    );
    let is_whole = before == after && before.len() > AGENTS;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A fleet of nine scripted agents that work without end, a pane that tells the time, and a server.
struct Yard {
    stage: Stage,
    fleet: Fleet,
    agents: Vec<i64>,
    /// The agent whose pane tells the time.
    clock: i64,
    server: Server,
}

impl Yard {
    fn open() -> Self {
        let (stage, fleet) = Stage::with_fleet();
        stage.tmux.tmux(&["resize-window", "-t", "main", "-x", "220", "-y", "200"]);
        let mut agents = vec![fleet.director];
        for number in 1..AGENTS {
            let style = ["claude", "codex", "opencode"][number % 3];
            agents.push(stage.member(&fleet, style, &format!("Agent-{number}")).0);
        }
        let (clock, pane) = stage.member(&fleet, "claude", "Clock");
        // the pane stays the agent's for the page, whatever runs in it
        let pid = stage.tmux.tmux(&["new-window", "-d", "-P", "-F", "#{pane_id}", "bash", "-c", TELLS_TIME]);
        stage.environment.place(clock, &stage.tmux.pane(&pid));
        stage.tmux.tmux(&["kill-pane", "-t", &pane]);
        let server = Server::start(&stage.environment);
        Self { stage, fleet, agents, clock, server }
    }

    /// The process of the server and of each pane.
    fn lives(&self) -> Vec<String> {
        let shown = self.stage.tmux.tmux(&["list-panes", "-a", "-F", "#{pid} #{pane_id} #{pane_pid} #{pane_dead}"]);
        shown.lines().map(str::to_owned).collect()
    }

    fn watch(&self, agent: i64) -> PaneViewer {
        let path = format!("/api/panes/{agent}/stream?fleet_id={}", self.fleet.id);
        let address = self.server.address;
        PaneViewer::open(address, &path, Some(&format!("http://{address}")))
    }

    /// Opens all panes at once, as the page's overview does, one of them large, another one in its place, and closes all.
    fn open_switch_and_close(&self, round: usize) {
        let mut viewers: Vec<PaneViewer> = self.agents.iter().map(|agent| self.watch(*agent)).collect();
        let seen = round % AGENTS;
        if round.is_multiple_of(3) {
            // some are closed before they have shown anything
            let _snapshot = viewers[seen].next_message();
        }
        viewers.remove(seen);
        viewers.push(self.watch(self.agents[(seen + 1) % AGENTS]));
        let _snapshot = viewers.last_mut().map(PaneViewer::next_message);
    }

    /// What other people do to the same server.
    fn churn(&self, round: usize) {
        let name = format!("churn-{round}");
        let target = ["-t", name.as_str()];
        let mut words = vec!["new-session", "-d", "-s", &name, "cat", ";", "new-window", "-d"];
        words.extend(target);
        words.extend(["cat", ";", "rename-window"]);
        words.extend(target);
        words.extend([
            "x",
            ";",
            "set-buffer",
            "-b",
            "churn",
            "x",
            ";",
            "delete-buffer",
            "-b",
            "churn",
            ";",
            "kill-session",
        ]);
        words.extend(target);
        self.stage.tmux.tmux(&words);
    }

    /// How long each time of day took from the pane to a viewer, in nanoseconds.
    fn delays(&self) -> Vec<u128> {
        let mut viewer = self.watch(self.clock);
        let (mut drawn, mut delays) = (String::new(), Vec::new());
        while delays.len() < TIMED {
            let bytes = match viewer.next_message() {
                Received::Drawn(bytes) => bytes,
                Received::Told(told) if told["type"] == "snapshot" => {
                    // the picture shows what was told before
                    let _picture = viewer.next_message();
                    continue;
                }
                Received::Told(_) => continue,
                Received::Closed(code) => panic!("the stream closed with {code}"),
            };
            #[expect(clippy::disallowed_methods, reason = "another process tells the time of day")]
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_nanos();
            drawn += &String::from_utf8_lossy(&bytes);
            while let Some((before, after)) = drawn.split_once('>') {
                let told = before.rsplit('<').next().and_then(|time| time.parse::<u128>().ok());
                delays.extend(told.map(|told| now.saturating_sub(told)));
                drawn = after.to_owned();
            }
        }
        delays
    }
}
