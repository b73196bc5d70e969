//! Ten million tasks: what a command costs then, compared with a thousand.

use crate::fixture::{ACKNOWLEDGER, Fixture, READER, RECIPIENT, insert};
use crate::measure::{Maker, alternate, total};
use crate::report::{Table, millis, ratio};
use crate::{Outcome, Plan};

const SMALL: u32 = 1_000;
const LARGE: u32 = 10_000_000;
const PER_TRANSACTION: u32 = 500_000;

/// Runs the same commands on a database with a thousand tasks and on one with ten million.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let (small, large) = (Fixture::new(plan, 4)?, Fixture::new(plan, 4)?);
    let runs = total(plan.runs);
    let mut first = Vec::new();
    for (fixture, tasks) in [(&small, SMALL), (&large, LARGE)] {
        fill(fixture, tasks)?;
        first.push(fixture.store(ACKNOWLEDGER, runs, false)?);
    }
    let mut table = Table::new(&["Command", "1,000: median", "10 M: median", "ratio", "CPU: 1,000", "10 M", "ratio"]);
    let mut compare = |name: &str, sides: [Maker<'_>; 2]| -> Outcome<()> {
        let measured = alternate(&mut { sides }, plan.runs)?;
        let [small, large] = measured.as_slice() else { return Err("two sides give two series".into()) };
        let ((_, wall), (_, large_wall)) = (small.wall(), large.wall());
        let ((_, cpu), (_, large_cpu)) = (small.cpu(), large.cpu());
        let cells = [millis(wall), millis(large_wall), ratio(large_wall, wall)].into_iter();
        let cells = cells.chain([millis(cpu), millis(large_cpu), ratio(large_cpu, cpu)]);
        table.row(std::iter::once(name.to_owned()).chain(cells).collect());
        Ok(())
    };
    compare("`message send`", [Box::new(|_| Ok(small.send())), Box::new(|_| Ok(large.send()))])?;
    let reader = READER.to_string();
    let poll = ["message", "poll", "--agent-id", &reader];
    compare("`message poll`", [Box::new(|_| Ok(small.cafleet(&poll))), Box::new(|_| Ok(large.cafleet(&poll)))])?;
    let agent = ACKNOWLEDGER.to_string();
    let ack = |fixture: &Fixture, first: i64, run: usize| {
        let task = (first + i64::try_from(run)?).to_string();
        Ok(fixture.cafleet(&["message", "ack", "--agent-id", &agent, "--task-id", &task]))
    };
    let [in_small, in_large] = first.as_slice() else { return Err("two databases have two first tasks".into()) };
    compare(
        "`message ack`",
        [Box::new(|run| ack(&small, *in_small, run)), Box::new(|run| ack(&large, *in_large, run))],
    )?;
    let size = large.database().metadata()?.len() / 1_000_000;
    table.note(format!(
        "{} runs of each side, in turn; times in milliseconds. The large file has {size} MB.",
        plan.runs
    ));
    Ok(table)
}

/// Stores acknowledged messages to several agents; so many that a scan would show.
pub(crate) fn fill(fixture: &Fixture, tasks: u32) -> Outcome<()> {
    let mut file = fixture.connect()?;
    file.pragma_update(None, "synchronous", "OFF")?;
    file.pragma_update(None, "cache_size", -1_000_000)?;
    let mut left = tasks;
    while left > 0 {
        let now = left.min(PER_TRANSACTION);
        let transaction = file.transaction()?;
        for number in 0..now {
            insert(&transaction, [RECIPIENT, READER, ACKNOWLEDGER][number as usize % 3], "completed")?;
        }
        transaction.commit()?;
        left -= now;
    }
    Ok(())
}
