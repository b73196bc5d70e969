//! Prints the figures of the source, of this workspace or of the one in a folder.

use std::path::PathBuf;

use cafleet_tests::{house, workspace};

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn main() {
    let root = std::env::args_os().nth(1).map_or_else(|| workspace::root().to_owned(), PathBuf::from);
    for (name, figure) in house::figures(&root) {
        println!("| {name} | {figure} |");
    }
}
