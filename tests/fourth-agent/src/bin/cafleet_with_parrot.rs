//! The `cafleet` command, which also knows `parrot`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cafleet::main_with(vec![cafleet_fourth_agent::parrot()])
}
