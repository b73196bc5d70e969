//! Embedded terminals next to tmux: typing, looking, whole commands, floods, a hundred panes.

mod commands;
mod crowd;
mod flood;
mod keys;
mod side;

use crate::report::Table;
use crate::{Outcome, Plan};
use side::Side;

pub(crate) use crowd::{CHATTER_MODE, chatter};

/// What was measured, and the figure; empty where there is none.
type Figure = (String, String);

/// Measures both, one after the other in the same run.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let sides = [runtime.block_on(Side::embedded(plan))?, runtime.block_on(Side::tmux(plan))?];
    let [ours, theirs] = &sides;
    let (ours, theirs) = (runtime.block_on(figures(plan, ours))?, runtime.block_on(figures(plan, theirs))?);
    let mut table = Table::new(&["What", sides[0].name, sides[1].name]);
    for ((what, ours), (_, theirs)) in ours.into_iter().zip(theirs) {
        table.row(vec![what, ours, theirs]);
    }
    table.note(format!(
        "Times in milliseconds unless said otherwise. A key and a look go through the adapters: each operation of tmux is a run of its client, \
         each of the embedded terminals a connection to their daemon. Commands are whole processes, and the member is the scripted agent of the \
         demo. The crowd is {} panes, each with 2,000 rows of history, in tmux as narrow as its layout makes them, in the embedded terminals of 120 \
         columns; chattering, each of them prints a line ten times a second.",
        crowd::PANES
    ));
    Ok(table)
}

async fn figures(plan: &Plan, side: &Side) -> Outcome<Vec<Figure>> {
    let mut figures = keys::measure(side).await?;
    figures.extend(commands::measure(plan, side)?);
    figures.extend(flood::measure(side).await?);
    figures.extend(crowd::measure(plan, side).await?);
    Ok(figures)
}
