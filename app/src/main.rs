//! The `cafleet` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    cafleet::main()
}
