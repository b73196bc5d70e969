//! One command after another: how far above the floor it is.

use std::process::Command;

use crate::fixture::{ACKNOWLEDGER, Fixture, READER};
use crate::measure::{Maker, Series, alternate, total};
use crate::report::{Table, millis, ratio};
use crate::{Outcome, Plan};

/// Compares each command with its floor.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let mut table = Table::new(&[
        "Command",
        "wall: min",
        "median",
        "floor: min",
        "median",
        "ratio of medians",
        "CPU: median",
        "floor",
        "ratio",
    ]);
    let fixture = Fixture::new(plan, 4)?;
    let mut compare = |name: &str, ours: Maker<'_>, floor: Maker<'_>| -> Outcome<()> {
        let measured = alternate(&mut [ours, floor], plan.runs)?;
        let [ours, floor] = measured.as_slice() else { return Err("two sides give two series".into()) };
        table.row(row(name, ours, floor));
        Ok(())
    };
    compare(
        "`--version` (floor: `/bin/true`)",
        Box::new(|_| Ok(fixture.cafleet(&["--version"]))),
        Box::new(|_| Ok(Command::new("/bin/true"))),
    )?;
    compare(
        "`message send`, recipient without a pane",
        Box::new(|_| Ok(fixture.send())),
        Box::new(|_| Ok(fixture.send_floor())),
    )?;
    let reader = READER.to_string();
    compare(
        "`message poll`, one message",
        Box::new(|_| Ok(fixture.cafleet(&["message", "poll", "--agent-id", &reader]))),
        Box::new(|_| Ok(fixture.floor(&["poll", &reader]))),
    )?;
    let runs = total(plan.runs);
    let first = fixture.store(ACKNOWLEDGER, 2 * runs, false)?;
    let agent = ACKNOWLEDGER.to_string();
    let task = |run: usize| -> Outcome<String> { Ok((first + i64::try_from(run)?).to_string()) };
    compare(
        "`message ack`",
        Box::new(|run| Ok(fixture.cafleet(&["message", "ack", "--agent-id", &agent, "--task-id", &task(run)?]))),
        Box::new(|run| Ok(fixture.floor(&["ack", &agent, &task(runs + run)?]))),
    )?;
    table.note(format!("{} runs of each side, in turn, after a warm-up; times in milliseconds.", plan.runs));
    Ok(table)
}

fn row(name: &str, ours: &Series, floor: &Series) -> Vec<String> {
    let ((least, wall), (floor_least, floor_wall)) = (ours.wall(), floor.wall());
    let ((_, cpu), (_, floor_cpu)) = (ours.cpu(), floor.cpu());
    vec![
        name.to_owned(),
        millis(least),
        millis(wall),
        millis(floor_least),
        millis(floor_wall),
        ratio(wall, floor_wall),
        millis(cpu),
        millis(floor_cpu),
        ratio(cpu, floor_cpu),
    ]
}
