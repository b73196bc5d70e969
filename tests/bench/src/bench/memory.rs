//! How large the binary is, and how much memory a command takes.

use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

use crate::fixture::{Fixture, READER};
use crate::report::Table;
use crate::{Outcome, Plan};

/// The first argument that makes this program run another one and tell how much memory it took.
pub(crate) const MODE: &str = "memory-of";

/// Measures the binary's size and the largest resident set of a command.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let mut table = Table::new(&["What", "MB"]);
    #[expect(clippy::cast_precision_loss, reason = "a size in megabytes, to one decimal place")]
    let megabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1e6);
    table.row(vec!["binary `cafleet`, stripped".to_owned(), megabytes(plan.cafleet.metadata()?.len())]);
    let fixture = Fixture::new(plan, 4)?;
    let reader = READER.to_string();
    for (name, command) in [
        ("`--version`", fixture.cafleet(&["--version"])),
        ("`message send`", fixture.send()),
        ("`message poll`", fixture.cafleet(&["message", "poll", "--agent-id", &reader])),
        ("floor of `message send`", fixture.send_floor()),
    ] {
        table.row(vec![format!("memory of {name}, at most"), megabytes(memory_of(plan, &command)?)]);
    }
    table.note("Memory is the largest resident set, shared pages of the binary and the C library included.".to_owned());
    Ok(table)
}

/// Runs a command in a process of its own, for the system keeps one maximum for all children of a process.
fn memory_of(plan: &Plan, command: &Command) -> Outcome<u64> {
    let mut runner = Command::new(&plan.bench);
    runner.arg(MODE).arg(command.get_program()).args(command.get_args());
    runner.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = runner.output()?;
    if !output.status.success() {
        return Err(format!("{command:?} failed").into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Runs a command and prints the largest number of bytes that it had in memory.
#[expect(clippy::print_stdout, reason = "this is the answer to the benchmark that runs this")]
pub(crate) fn run_and_tell(command: &[String]) -> Outcome<()> {
    let (program, arguments) = command.split_first().ok_or("no command")?;
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status()?;
    if !status.success() {
        return Err(format!("{program} failed: {status}").into());
    }
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() * 1024);
    Ok(())
}
