//! Those who listen to the server's events: how soon they are told, and what they cost.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::fixture::{Fixture, RECIPIENT, insert};
use crate::http::Listener;
use crate::measure::{pause, quantile};
use crate::report::{Table, millis};
use crate::server::{Server, TASKS};
use crate::{Outcome, Plan, history, process};

const MANY: usize = 1_000;
const ROUNDS: u32 = 50;
const IDLE: Duration = Duration::from_secs(10);

/// Measures one listener, a thousand, and a server that nobody tells anything.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let fixture = Fixture::new(plan, 4)?;
    history::fill(&fixture, TASKS)?;
    let server = Server::start(&fixture)?;
    let mut file = fixture.connect()?;
    let mut table = Table::new(&["What", "median", "p95", "longest"]);
    let mut listeners = vec![Listener::open(server.address)?];
    let pid = server.child.id();
    let before = process::processor_time(pid)?;
    pause(IDLE);
    let idle = (process::processor_time(pid)? - before).as_secs_f64() / IDLE.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a size in megabytes, to one decimal place")]
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let one = megabytes(process::memory(pid)?);
    let mut row = |name: &str, times: &[Duration]| {
        let quantiles = [0.5, 0.95, 1.0].map(|part| millis(quantile(times, part)));
        table.row(std::iter::once(name.to_owned()).chain(quantiles).collect());
    };
    row("one listener", &rounds(&mut file, &mut listeners)?);
    while listeners.len() < MANY {
        listeners.push(Listener::open(server.address)?);
    }
    row(&format!("the last of {MANY} listeners"), &rounds(&mut file, &mut listeners)?);
    let many = megabytes(process::memory(pid)?);
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
