//! Writes the generated documents: `cargo run -p cafleet-tests --bin generate-docs`.

use std::{fs, io};

use cafleet_tests::{generated, workspace};

fn main() -> io::Result<()> {
    for document in generated::documents() {
        let path = workspace::root().join(document.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, document.text)?;
    }
    Ok(())
}
