//! The model server that the agents talk to, and what it has noted.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::workspace;

/// A model server on a port of its own; it ends with the value.
#[derive(Debug)]
pub struct Model {
    process: Child,
    port: u16,
    log: PathBuf,
    /// What was read of its notes so far, and how many bytes that was.
    notes: Mutex<(usize, Vec<Value>)>,
}

impl Model {
    /// Starts the server, which writes its notes to `log`; `options` are those of `tests/agents/mock_model.py`.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(log: &Path, options: &[&str]) -> Self {
        let mut process = Command::new("python3")
            .arg(workspace::root().join("tests/agents/mock_model.py"))
            .arg("0")
            .arg(log)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut port = String::new();
        let stdout = process.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut port).expect("the model server starts");
        let port = port.trim().parse().expect("a port");
        Self { process, port, log: log.to_owned(), notes: Mutex::default() }
    }

    /// Returns where the server listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Reads on in the notes, and returns what `look` makes of all of them.
    ///
    /// # Panics
    /// When a note is no JSON.
    pub fn noted<T>(&self, look: impl FnOnce(&[Value]) -> T) -> T {
        let text = fs::read(&self.log).unwrap_or_default();
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let new = &text[notes.0..];
        let end = new.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let lines = new[..end].split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let entries: Vec<Value> = lines.map(|line| serde_json::from_slice(line).expect("a note")).collect();
        notes.0 += end;
        notes.1.extend(entries);
        look(&notes.1)
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}
