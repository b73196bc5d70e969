//! The processes of a pane, as far as they tell whose its keyboard is.

use std::fmt;
use std::str::FromStr;

/// Names a process for as long as the system runs: process ids are used again, together with the start they are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProcessId {
    /// The process id.
    pub pid: u32,
    /// When it started, in clock ticks since the start of the system.
    pub started: u64,
}

/// A process that a pane's own process has started, or that process itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Which one it is.
    pub id: ProcessId,
    /// The process id of the one that started it.
    pub parent: u32,
    /// It belongs to the foreground process group of the pane's terminal.
    pub in_front: bool,
    /// It has the pane's terminal open to read from, other than as an output that it was given.
    pub reads_terminal: bool,
    /// The file that it runs, with its folder; empty when the system does not tell.
    pub program: String,
    /// Its arguments, its name first.
    pub arguments: Vec<String>,
}

impl Process {
    /// Returns the name of the program's file.
    #[must_use]
    pub fn name(&self) -> &str {
        file_name(&self.program)
    }
}

/// Returns the last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// A program that was started in a pane and goes on without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftBehind {
    /// The process id.
    pub pid: u32,
    /// What the program calls itself.
    pub program: String,
}

/// The processes of a pane at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Foreground {
    /// The pane's own process and all below it.
    Known(Vec<Process>),
    /// The system does not tell, for the reason given.
    Unknown(String),
}

impl Default for Foreground {
    fn default() -> Self {
        Self::Unknown("nobody has looked".to_owned())
    }
}

/// A program that was recognised as an agent, as it is stored with the agent's placement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentProcess {
    /// Its process.
    pub id: ProcessId,
    /// The file that it runs.
    pub program: String,
}

impl fmt::Display for AgentProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.id.pid, self.id.started, self.program)
    }
}

impl FromStr for AgentProcess {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("'{text}' is not <pid>:<start>:<program>");
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or_else(invalid);
        let (pid, started, program) = (next()?, next()?, next()?.to_owned());
        let id =
            ProcessId { pid: pid.parse().map_err(|_| invalid())?, started: started.parse().map_err(|_| invalid())? };
        Ok(Self { id, program })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_process_survives_storage_whatever_its_program_is_called() {
        let process = AgentProcess { id: ProcessId { pid: 7, started: 900 }, program: "/opt/a:b c/claude".to_owned() };
        assert_eq!(process.to_string().parse(), Ok(process));
        for bad in ["", "7", "7:1", "x:1:/a", "7:x:/a"] {
            assert!(bad.parse::<AgentProcess>().is_err(), "{bad:?}");
        }
    }
}
