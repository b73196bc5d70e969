//! The figures, for people.

use std::fmt::Write as _;

use crate::ledger::Verdict;
use crate::yard::Yard;

/// Returns the page with what was done and what became of it.
pub(crate) fn page(yard: &Yard, verdict: &Verdict, minutes: f64, seed: u64) -> String {
    let mut page = include_str!("head.md").to_owned();
    let mut line = |text: String| {
        let _infallible = writeln!(page, "{text}");
    };
    line(format!("\n{minutes} minutes, `--seed {seed}`.\n\n## What became of the messages\n"));
    line("| recipient | doorbell | message | number |\n|---|---|---|---|".to_owned());
    for ((is_there, rung, state), count) in &verdict.states {
        let recipient = if *is_there { "there at the end" } else { "made to leave" };
        line(format!("| {recipient} | {rung} | {state} | {count} |"));
    }
    line("\n| What must not be | number |\n|---|---|".to_owned());
    let others = verdict.wrongs.len() as u64;
    let Verdict { lost, open, doubled, mangled, astray, drafts, .. } = verdict;
    let sum = lost + open + doubled + mangled + astray + drafts;
    for (what, count) in [
        ("lost: in the ledger, not told to the model", *lost),
        ("told more than once", *doubled),
        ("told otherwise than sent, or told and sent by nobody", *mangled),
        ("told to another agent", *astray),
        ("not rung or not acknowledged at the end", *open),
        ("drafts that were submitted, lost or doubled", *drafts),
        ("anything else, such as a question that was answered by others", others.saturating_sub(sum)),
    ] {
        line(format!("| {what} | {count} |"));
    }
    line("\n## What was done to the agents\n\n| What | number |\n|---|---|".to_owned());
    for (what, count) in yard.tally.counts() {
        line(format!("| {what} | {count} |"));
    }
    line(format!("| answers of the model that were broken off | {} |", verdict.aborted));
    line(format!("| previews that an agent had in its queue when it was made to leave | {} |", verdict.taken_along));
    if !verdict.is_clean() {
        line("\n## Wrong\n".to_owned());
        for wrong in &verdict.wrongs {
            line(format!("- {wrong}"));
        }
    }
    page
}
