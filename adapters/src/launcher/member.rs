//! What a member may do with `cafleet` without being asked, and the folder in which it puts what it wants to send.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use cafleet_domain::fleet::FleetRef;

/// The folder of the project in which members put texts that they send, so that no shell touches them.
pub(super) const OUTBOX: &str = ".cafleet";

/// The commands, by the words that follow the fleet: messages, and who is in the fleet.
const VERBS: [&[&str]; 5] =
    [&["message"], &["agent", "list"], &["agent", "show"], &["member", "list"], &["monitor", "status"]];

/// Returns how commands of a member name its fleet: with its key, as its prompt does, and by its number alone, as the line
/// does that wakes it.
pub(super) fn names(fleet: FleetRef) -> Vec<String> {
    let mut names = vec![fleet.id.to_string()];
    if fleet.key.is_some() {
        names.push(fleet.to_string());
    }
    names
}

/// Returns the words that follow `cafleet --fleet-id <fleet>` in what a member may run.
pub(super) fn verbs() -> [&'static [&'static str]; 5] {
    VERBS
}

/// Makes the folder for texts, which version control leaves alone. A directory in which nothing can be written has none,
/// and a member says a few words behind `--text`.
pub(super) fn make_outbox(directory: &Path) {
    let folder = directory.join(OUTBOX);
    let made = DirBuilder::new().mode(0o700).create(&folder);
    if made.is_ok()
        && let Ok(mut ignore) = OpenOptions::new().write(true).create_new(true).open(folder.join(".gitignore"))
        && ignore.write_all(b"*\n").is_err()
    {
        let _no_folder_either = fs::remove_dir_all(&folder);
    }
}
