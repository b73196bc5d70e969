//! The editor that agents start for a text: it notes every key that arrives in it.

use std::fs;
use std::path::PathBuf;

use cafleet_tests::environment::Environment;

use crate::tally::Tally;

/// Notes all that it is given until Ctrl-X, and changes nothing.
const SCRIPT: &str = r#"#!/usr/bin/env python3
import os, sys, termios, tty
before = termios.tcgetattr(0)
tty.setraw(0)
os.write(1, b"\x1b[2J\x1b[Hthe editor of the soak\r\n")
with open(os.path.join(KEYS, str(os.getpid())), "ab", 0) as notes:
    while True:
        got = os.read(0, 4096)
        notes.write(got)
        if not got or b"\x18" in got:
            break
termios.tcsetattr(0, termios.TCSADRAIN, before)
"#;

/// What closes it.
pub(crate) const CLOSE: &str = "C-x";

/// The notes of all editors.
#[derive(Debug)]
pub(crate) struct Editor {
    folder: PathBuf,
}

impl Editor {
    /// Makes it the editor of all agents.
    pub(crate) fn install(environment: &mut Environment) -> Self {
        let folder = environment.path("keys");
        fs::create_dir_all(&folder).expect("the folder is made");
        environment.install("editor", &SCRIPT.replace("KEYS", &format!("{:?}", folder.display().to_string())));
        let program = environment.path("bin/editor");
        environment.set("EDITOR", &program);
        environment.set("VISUAL", &program);
        Self { folder }
    }

    /// Notes what was typed into an editor by anybody but a person.
    pub(crate) fn check(&self, tally: &Tally) {
        for entry in fs::read_dir(&self.folder).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            let keys = fs::read(&path).expect("the keys");
            if keys.contains(&b'\r') || String::from_utf8_lossy(&keys).contains("cafleet") {
                tally.wrong(format!("an editor was typed into: {:?}", String::from_utf8_lossy(&keys)));
            }
        }
    }
}
