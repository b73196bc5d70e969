//! `message poll --wait`: from a commit in another process to the end of the waiting one.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::fixture::{FIRST_WAITER, Fixture, insert};
use crate::measure::{once, pause, quantile};
use crate::report::{Table, millis};
use crate::{Outcome, Plan};

const ROUNDS: usize = 50;
const WAITERS: i64 = 100;
const IDLE_SECONDS: u32 = 10;
/// More than a waiter needs to have looked once.
const SETTLE: Duration = Duration::from_millis(100);

/// Measures a single waiter, a hundred at once, and what waiting costs.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let fixture = Fixture::new(plan, FIRST_WAITER + WAITERS)?;
    let mut table = Table::new(&["What", "median", "p95", "longest"]);
    let mut single = Vec::new();
    for round in 0..ROUNDS {
        // Spread over the pause between two looks, whatever its length.
        let agent = FIRST_WAITER..=FIRST_WAITER;
        single.extend(wake(&fixture, agent, SETTLE + Duration::from_micros(397 * u64::try_from(round)?))?);
    }
    let mut row = |name: String, times: &[Duration]| {
        let quantiles = [0.5, 0.95, 1.0].map(|part| millis(quantile(times, part)));
        table.row(std::iter::once(name).chain(quantiles).collect());
    };
    row(format!("one waiter, {ROUNDS} times"), &single);
    let all = wake(&fixture, FIRST_WAITER..=FIRST_WAITER + WAITERS - 1, Duration::from_secs(3))?;
    row(format!("{WAITERS} waiters, one commit for all"), &all);
    let waiter = FIRST_WAITER.to_string();
    let poll = once(&mut fixture.cafleet(&["message", "poll", "--agent-id", &waiter]))?.1;
    let seconds = IDLE_SECONDS.to_string();
    let waiting = once(&mut fixture.cafleet(&["message", "poll", "--agent-id", &waiter, "--wait", &seconds]))?.1;
    let share = waiting.saturating_sub(poll).as_secs_f64() / f64::from(IDLE_SECONDS);
    table.note(format!(
        "From the commit in another process to the end of the waiting one, in milliseconds. Waiting {IDLE_SECONDS} s takes {:.2} % of a core.",
        share * 100.0
    ));
    Ok(table)
}

/// Lets agents wait, sends each a message in one transaction, and returns how long after the commit each was back.
fn wake(fixture: &Fixture, agents: std::ops::RangeInclusive<i64>, settle: Duration) -> Outcome<Vec<Duration>> {
    let mut file = fixture.connect()?;
    let ended = thread::scope(|scope| -> Outcome<Vec<Duration>> {
        let waiters: Vec<_> = agents.clone().map(|agent| scope.spawn(move || wait(fixture, agent))).collect();
        pause(settle);
        let transaction = file.transaction()?;
        for agent in agents.clone() {
            insert(&transaction, agent, "input_required")?;
        }
        transaction.commit()?;
        let committed = Instant::now();
        let ended = waiters.into_iter().map(|waiter| {
            let at = waiter.join().map_err(|_| "a waiter panicked")?.ok_or("a waiter failed or came back empty")?;
            Ok(at.saturating_duration_since(committed))
        });
        ended.collect()
    })?;
    file.execute("UPDATE tasks SET status_state = 'completed' WHERE status_state = 'input_required'", ())?;
    Ok(ended)
}

/// Waits as an agent does; returns when it was over, and none when that failed or brought nothing.
fn wait(fixture: &Fixture, agent: i64) -> Option<Instant> {
    let agent = agent.to_string();
    let mut command: Command = fixture.cafleet(&["message", "poll", "--agent-id", &agent, "--wait", "30"]);
    let output = command.stdin(Stdio::null()).output().ok()?;
    let ended = Instant::now();
    let found = output.stdout.windows(b"please look".len()).any(|part| part == b"please look");
    (output.status.success() && found).then_some(ended)
}
