//! Becomes the program whose arguments stand in the file named by the only argument.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let path = std::env::args_os().nth(1).unwrap_or_default();
    Err(cafleet_adapters::tmux::exec_file(Path::new(&path)))
}
