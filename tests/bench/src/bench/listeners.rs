//! Those who listen to the server's events: how soon they are told, and what they cost.

use std::fs;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::fixture::{Fixture, RECIPIENT, insert};
use crate::http::Listener;
use crate::measure::{pause, quantile};
use crate::report::{Table, millis};
use crate::server::{Server, TASKS};
use crate::{Outcome, Plan, history};

const MANY: usize = 1_000;
const ROUNDS: u32 = 50;
const IDLE: Duration = Duration::from_secs(10);
/// Clock ticks in a second, as /proc counts processor time on Linux.
const TICKS: f64 = 100.0;

/// Measures one listener, a thousand, and a server that nobody tells anything.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let fixture = Fixture::new(plan, 4)?;
    history::fill(&fixture, TASKS)?;
    let server = Server::start(&fixture)?;
    let mut file = fixture.connect()?;
    let mut table = Table::new(&["What", "median", "p95", "longest"]);
    let mut listeners = vec![Listener::open(server.address)?];
    let before = processor_time(&server)?;
    pause(IDLE);
    let idle = (processor_time(&server)? - before) / IDLE.as_secs_f64();
    let memory = [resident(&server)?];
    let mut row = |name: &str, times: &[Duration]| {
        let quantiles = [0.5, 0.95, 1.0].map(|part| millis(quantile(times, part)));
        table.row(std::iter::once(name.to_owned()).chain(quantiles).collect());
    };
    row("one listener", &rounds(&mut file, &mut listeners)?);
    while listeners.len() < MANY {
        listeners.push(Listener::open(server.address)?);
    }
    row(&format!("the last of {MANY} listeners"), &rounds(&mut file, &mut listeners)?);
    let [one, many] = [memory[0], resident(&server)?];
    table.note(format!(
        "From the commit in another process to the event, {ROUNDS} times, in milliseconds; {TASKS} messages in the file. With one \
         listener and nothing to tell, the server takes {:.2} % of a core and {one:.1} MB of memory; with {MANY} \
         listeners {many:.1} MB.",
        idle * 100.0
    ));
    Ok(table)
}

/// Commits a message again and again, and returns how long after each commit the last listener was told.
fn rounds(file: &mut Connection, listeners: &mut [Listener]) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        // Spread over the pause between two looks of the server, whatever its length.
        pause(Duration::from_millis(100) + Duration::from_micros(613) * round);
        insert(file, RECIPIENT, "completed")?;
        let committed = Instant::now();
        for listener in &mut *listeners {
            listener.wait_for("message")?;
        }
        times.push(committed.elapsed());
    }
    Ok(times)
}

/// Returns the processor time that the server has taken, in seconds.
fn processor_time(server: &Server) -> Outcome<f64> {
    let text = fs::read_to_string(format!("/proc/{}/stat", server.child.id()))?;
    // The name of the program, in brackets, may hold anything; what follows it is numbers.
    let (_, fields) = text.rsplit_once(") ").ok_or("/proc/…/stat has no name")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS)
}

/// Returns how much memory the server has now, in megabytes.
fn resident(server: &Server) -> Outcome<f64> {
    let text = fs::read_to_string(format!("/proc/{}/status", server.child.id()))?;
    let kibibytes = text.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok(kibibytes.ok_or("/proc/…/status has no VmRSS")?.parse::<f64>()? * 1024.0 / 1e6)
}
