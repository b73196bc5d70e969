//! What claude writes down of the sessions that run: one file for each process, `sessions/<pid>.json`.

use std::fs;
use std::path::{Path, PathBuf};

use cafleet_domain::process::{Process, ProcessId};
use serde_json::Value;

use super::LauncherOptions;

/// Returns the directory of those files.
pub(super) fn directory(options: &LauncherOptions) -> PathBuf {
    let home = options.claude_config_dir.clone().unwrap_or_else(|| options.home.join(".claude"));
    home.join("sessions")
}

/// Returns the session that one of the processes has moved to the background (its `parkedJobId`, in claude 2.1.332).
///
/// The files of processes that were killed stay; so the start of the process must be the one in the file.
pub(super) fn parked(directory: &Path, processes: &[Process]) -> Option<String> {
    processes.iter().find_map(|process| {
        let session = read(directory, process.id)?;
        let name = session["parkedJobId"].as_str()?;
        // it becomes an argument
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        is_name.then(|| name.to_owned())
    })
}

fn read(directory: &Path, process: ProcessId) -> Option<Value> {
    let text = fs::read_to_string(directory.join(format!("{}.json", process.pid))).ok()?;
    let session: Value = serde_json::from_str(&text).ok()?;
    let started = &session["procStart"];
    let started = started.as_u64().or_else(|| started.as_str()?.parse().ok());
    (started == Some(process.started)).then_some(session)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn process(pid: u32, started: u64) -> Process {
        Process {
            id: ProcessId { pid, started },
            parent: 1,
            in_front: true,
            reads_terminal: true,
            program: "/bin/claude".to_owned(),
            arguments: Vec::new(),
        }
    }

    #[test]
    fn a_session_that_was_moved_to_the_background_is_known_by_the_process_that_moved_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |pid: u32, text: &str| fs::write(folder.path().join(format!("{pid}.json")), text).expect("a file");
        write(7, &json!({"pid": 7, "procStart": "900", "kind": "interactive", "parkedJobId": "525befd4"}).to_string());
        write(8, &json!({"pid": 8, "procStart": "901", "kind": "interactive"}).to_string());
        write(9, &json!({"pid": 9, "procStart": "902", "parkedJobId": "--all"}).to_string());
        write(10, "{\"pid\": 10, \"procSt");
        let parked = |processes: &[Process]| parked(folder.path(), processes);
        assert_eq!(parked(&[process(6, 899), process(7, 900)]), Some("525befd4".to_owned()));
        for (pid, started) in [(7, 899), (8, 901), (9, 902), (10, 903), (11, 904)] {
            assert_eq!(parked(&[process(pid, started)]), None, "{pid}");
        }
    }
}
