//! Many processes that send at once.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::fixture::{Fixture, RECIPIENT};
use crate::measure::quantile;
use crate::report::{Table, millis};
use crate::{Outcome, Plan};

const PROCESSES: usize = 32;
const SENDS: usize = 200;

/// Runs 32 loops at once, each of which sends 200 messages, one process for each message.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let fixture = Fixture::new(plan, 4)?;
    let (tell, told) = mpsc::channel();
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..PROCESSES {
            let (tell, fixture) = (tell.clone(), &fixture);
            scope.spawn(move || {
                for _ in 0..SENDS {
                    // Nobody listens any more only when the benchmark is being torn down.
                    let _unheard = tell.send(send(fixture));
                }
            });
        }
    });
    let took = started.elapsed();
    drop(tell);
    let (sent, failed): (Vec<_>, Vec<_>) = told.into_iter().partition(Option::is_some);
    let times: Vec<Duration> = sent.into_iter().flatten().collect();
    let query = format!("SELECT count(*) FROM tasks WHERE to_agent_id = {RECIPIENT}");
    let rows: i64 = fixture.connect()?.query_one(&query, (), |row| row.get(0))?;
    let mut table = Table::new(&["sends", "errors", "rows", "sends/s", "median", "p99", "longest"]);
    #[expect(clippy::cast_precision_loss, reason = "a rate, to the whole number")]
    table.row(vec![
        (PROCESSES * SENDS).to_string(),
        failed.len().to_string(),
        rows.to_string(),
        format!("{:.0}", times.len() as f64 / took.as_secs_f64()),
        millis(quantile(&times, 0.5)),
        millis(quantile(&times, 0.99)),
        millis(quantile(&times, 1.0)),
    ]);
    table.note(format!(
        "{PROCESSES} processes at any moment, {SENDS} one after another in each place; times of a whole process in milliseconds."
    ));
    Ok(table)
}

/// Returns how long a send took; none when it failed.
fn send(fixture: &Fixture) -> Option<Duration> {
    let started = Instant::now();
    let output = fixture.send().output().ok()?;
    output.status.success().then(|| started.elapsed())
}
