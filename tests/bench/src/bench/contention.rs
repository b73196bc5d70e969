//! Many processes that send at once.

use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::fixture::{Fixture, RECIPIENT};
use crate::measure::quantile;
use crate::report::{Table, millis};
use crate::{Outcome, Plan};

const PROCESSES: usize = 32;
const SENDS: usize = 200;

/// Lets `cafleet` and then the floor send from 32 loops at once, 200 messages each, one process for each message.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let mut table = Table::new(&["program", "sends", "errors", "rows", "sends/s", "median", "p99", "longest"]);
    for (name, make) in [("`cafleet`", Fixture::send as fn(&Fixture) -> Command), ("floor", Fixture::send_floor)] {
        table.row(crowd(plan, name, make)?);
    }
    table.note(format!(
        "{PROCESSES} processes at any moment, {SENDS} one after another in each place; times of a whole process in milliseconds."
    ));
    Ok(table)
}

fn crowd(plan: &Plan, name: &str, make: fn(&Fixture) -> Command) -> Outcome<Vec<String>> {
    let fixture = Fixture::new(plan, 4)?;
    let (tell, told) = mpsc::channel();
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..PROCESSES {
            let (tell, fixture) = (tell.clone(), &fixture);
            scope.spawn(move || {
                for _ in 0..SENDS {
                    // Nobody listens any more only when the benchmark is being torn down.
                    let _unheard = tell.send(time_of(make(fixture)));
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
    #[expect(clippy::cast_precision_loss, reason = "a rate, to the whole number")]
    let rate = times.len() as f64 / took.as_secs_f64();
    let mut cells: Vec<String> = vec![
        name.to_owned(),
        (PROCESSES * SENDS).to_string(),
        failed.len().to_string(),
        rows.to_string(),
        format!("{rate:.0}"),
    ];
    cells.extend([0.5, 0.99, 1.0].map(|part| millis(quantile(&times, part))));
    Ok(cells)
}

/// Returns how long a command took; none when it failed.
fn time_of(mut command: Command) -> Option<Duration> {
    let started = Instant::now();
    let output = command.output().ok()?;
    output.status.success().then(|| started.elapsed())
}
