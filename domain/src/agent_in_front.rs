//! The proof that the program which reads a pane's keys is the agent.
//!
//! What is typed into anything else is run, saved or answered there: a shell, `ssh`, an interpreter, an editor. There is no
//! list of those. The program in front must be one that is known as the agent's by its own file or script, or the very
//! process that was started as the agent.

use std::fmt;

use thiserror::Error;

use crate::backend::Backend;
use crate::process::{AgentProcess, Foreground, Process, file_name};
use crate::program::{Program, Programs};
use crate::text;

/// How much of a program's name is shown.
const LONGEST_NAME: usize = 40;

/// Whether the agent is what reads the keys of its pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentInFront {
    /// It is.
    Proven {
        /// Which agent; none when only the process is known, as the one that was started.
        backend: Option<Backend>,
        /// The process that reads the keys.
        process: AgentProcess,
    },
    /// That is not known, or something else is.
    NotProven(NotInFront),
}

/// Why an agent is not known to be in front. Reads on after the name of the agent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotInFront {
    /// Another program has the keys, and the agent is nowhere in the pane.
    #[error(
        "has '{program}' (process {pid}) in front of its pane, which is not known to be its agent; nothing is typed into it"
    )]
    Another {
        /// The program's name.
        program: String,
        /// Its process.
        pid: u32,
        /// It is the process that the pane was opened with: whatever ran in front of it has ended.
        is_panes_own: bool,
    },
    /// Another program has the keys for now; the agent waits behind it.
    #[error("has '{program}' (process {pid}) in front of its agent; nothing is typed before that has ended")]
    Covered {
        /// The program's name.
        program: String,
        /// Its process.
        pid: u32,
    },
    /// No program in front of the pane reads its terminal.
    #[error("has no program in front of its pane that reads what is typed; nothing is typed into it")]
    Nobody,
    /// The system does not tell.
    #[error("has a pane whose programs cannot be inspected ({0}); nothing is typed into it")]
    Unreadable(String),
}

impl NotInFront {
    /// Tells whether the agent is not in its pane any more.
    #[must_use]
    pub fn is_another(&self) -> bool {
        matches!(self, Self::Another { .. } | Self::Nobody)
    }
}

impl fmt::Display for AgentInFront {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proven { process: AgentProcess { id, program }, .. } => {
                write!(f, "reads its pane as process {} ({})", id.pid, text::one_line(program))
            }
            Self::NotProven(why) => why.fmt(f),
        }
    }
}

impl AgentInFront {
    /// Returns which agent is in front; `on_record` where that cannot be told.
    #[must_use]
    pub fn backend_or(&self, on_record: Backend) -> Backend {
        match self {
            Self::Proven { backend: Some(backend), .. } => *backend,
            _ => on_record,
        }
    }

    /// Classifies by the processes of a pane whose own process is `pane`. `known` is the process that was recognised before, or
    /// was started as the agent.
    #[must_use]
    pub fn classify(programs: &Programs, foreground: &Foreground, pane: u32, known: Option<&AgentProcess>) -> Self {
        let processes = match foreground {
            Foreground::Known(processes) => processes,
            Foreground::Unknown(why) => return Self::NotProven(NotInFront::Unreadable(why.clone())),
        };
        let readers: Vec<&Process> =
            processes.iter().filter(|process| process.in_front && process.reads_terminal).collect();
        // Of a program and what it has started, the one that was started last reads: a wrapper waits for its agent, and an
        // agent for the editor that it has opened.
        let covers =
            |upper: &Process, lower: &Process| upper.id != lower.id && is_below(upper, lower.id.pid, processes);
        let fronts = readers.iter().filter(|reader| !readers.iter().any(|other| covers(other, reader)));
        let mut proven = None;
        for front in fronts {
            match identity(programs, front, known) {
                Some(backend) => {
                    let process = AgentProcess { id: front.id, program: front.program.clone() };
                    proven = Some(Self::Proven { backend, process });
                }
                None => return Self::NotProven(not_the_agent(programs, front, pane, known, processes)),
            }
        }
        proven.unwrap_or(Self::NotProven(NotInFront::Nobody))
    }
}

fn not_the_agent(
    programs: &Programs,
    front: &Process,
    pane: u32,
    known: Option<&AgentProcess>,
    processes: &[Process],
) -> NotInFront {
    let (program, pid) = (shown(front), front.id.pid);
    if processes.iter().any(|process| identity(programs, process, known).is_some()) {
        NotInFront::Covered { program, pid }
    } else {
        NotInFront::Another { program, pid, is_panes_own: pid == pane }
    }
}

/// Returns a program's name as it can be shown anywhere.
fn shown(process: &Process) -> String {
    let named = process.arguments.first().map_or("", |name| file_name(name.split(' ').next().unwrap_or_default()));
    let name = if process.program.is_empty() { named } else { process.name() };
    text::one_line(name).chars().take(LONGEST_NAME).collect()
}

/// Tells whether a process was started by the one with this process id, directly or not.
fn is_below(process: &Process, ancestor: u32, processes: &[Process]) -> bool {
    let mut parent = process.parent;
    // a list that says that two have started each other is no reason to go on for ever
    for _ in 0..processes.len() {
        if parent == ancestor {
            return true;
        }
        match processes.iter().find(|other| other.id.pid == parent) {
            Some(other) => parent = other.parent,
            None => return false,
        }
    }
    false
}

/// Returns which agent a process is; none when it is none, and nothing within when it is only known as the one that was
/// started.
#[expect(clippy::option_option, reason = "an agent of no known kind is one")]
fn identity(programs: &Programs, process: &Process, known: Option<&AgentProcess>) -> Option<Option<Backend>> {
    let is_script = |path: &String| process.arguments.iter().skip(1).any(|argument| argument == path);
    let runs = |path: &String| *path == process.program || is_script(path);
    let is_known = known.is_some_and(|known| known.id == process.id && runs(&known.program));
    agent_program(programs, process).map(Some).or(is_known.then_some(None))
}

/// Returns the process that was started as the agent, with what keeps it apart from whatever the same process may become: of
/// a script its own file, not that of its interpreter.
#[must_use]
pub fn started_agent(foreground: &Foreground, pane: u32, launched: &str) -> Option<AgentProcess> {
    let Foreground::Known(processes) = foreground else { return None };
    let process = processes.iter().find(|process| process.id.pid == pane && !process.program.is_empty())?;
    let is_script = process.arguments.iter().skip(1).any(|argument| argument == launched);
    let program = if is_script { launched.to_owned() } else { process.program.clone() };
    Some(AgentProcess { id: process.id, program })
}

/// Returns which agent's program a process runs, by the file or the script that it runs: names that a process gives itself
/// do not count.
#[must_use]
pub fn agent_program(programs: &Programs, process: &Process) -> Option<Backend> {
    let script_path = || process.arguments.iter().skip(1).find(|argument| !argument.starts_with('-'));
    if programs.iter().any(|program| program.files.interpreters.contains(&process.name())) {
        return script_path().and_then(|path| script(programs, process.name(), path));
    }
    let named = programs.iter().find(|program| program.is_file(&process.program));
    named.map(|program| program.backend).or_else(|| scripted_agent(programs, process))
}

/// Returns whose script a path names that an interpreter runs, by its own name or by the npm package that it is of.
fn script(programs: &Programs, interpreter: &str, path: &str) -> Option<Backend> {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    let folders: Vec<&str> = parts.collect();
    let run_by = || programs.iter().filter(|program| program.files.interpreters.contains(&interpreter));
    let is_of = |program: &&Program| program.files.packages.iter().any(|package| folders.contains(package));
    let named = run_by().find(|program| stem == program.backend.as_str());
    named.or_else(|| run_by().find(is_of)).map(|program| program.backend)
}

/// Returns for which agent a `cafleet demo-agent` stands in.
fn scripted_agent(programs: &Programs, process: &Process) -> Option<Backend> {
    let arguments: Vec<&str> = process.arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [_, "demo-agent", "--style", style, ..] if process.name().starts_with("cafleet") => {
            style.parse().ok().filter(|style| programs.find(*style).is_some())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::ProcessId;

    const PANE: u32 = 100;

    /// A process that reads the terminal in front.
    fn process(pid: u32, parent: u32, command: &str) -> Process {
        let arguments: Vec<String> = command.split(' ').map(str::to_owned).collect();
        Process {
            id: ProcessId { pid, started: u64::from(pid) },
            parent,
            in_front: true,
            reads_terminal: true,
            program: arguments.first().cloned().unwrap_or_default(),
            arguments,
        }
    }

    fn classify(processes: &[Process]) -> AgentInFront {
        AgentInFront::classify(&Programs::built_in(), &Foreground::Known(processes.to_vec()), PANE, None)
    }

    fn proven(processes: &[Process]) -> Option<u32> {
        match classify(processes) {
            AgentInFront::Proven { process, .. } => Some(process.id.pid),
            AgentInFront::NotProven(_) => None,
        }
    }

    #[test]
    fn agents_are_known_by_the_file_or_the_script_that_they_run() {
        for (command, backend) in [
            ("/usr/local/bin/claude --continue", Backend::CLAUDE),
            ("/x/.local/share/claude/versions/2.1.332", Backend::CLAUDE),
            ("/x/node_modules/@anthropic-ai/claude-code-linux-x64/claude (deleted)", Backend::CLAUDE),
            (
                "/usr/bin/node --max-old-space-size=4096 /x/node_modules/@anthropic-ai/claude-code/cli.js",
                Backend::CLAUDE,
            ),
            ("/usr/bin/node /usr/local/bin/claude", Backend::CLAUDE),
            ("/x/vendor/x86_64-unknown-linux-musl/bin/codex --no-daemon", Backend::CODEX),
            ("/usr/bin/node /x/@openai/codex/bin/codex.js", Backend::CODEX),
            ("/x/opencode-linux-x64/bin/opencode", Backend::OPENCODE),
            ("/usr/bin/bun /x/node_modules/opencode-ai/bin/run", Backend::OPENCODE),
            ("/usr/local/bin/cafleet demo-agent --style codex -- --no-daemon", Backend::CODEX),
        ] {
            let mut process = process(PANE, 1, command);
            if command.ends_with("(deleted)") {
                process.program = command.to_owned();
            }
            assert_eq!(agent_program(&Programs::built_in(), &process), Some(backend), "{command}");
        }
        for command in [
            "/usr/bin/python3 /x/claude",
            "/bin/sh /usr/local/bin/claude",
            "/usr/bin/node /srv/server.js claude",
            "/usr/bin/node",
            "/usr/bin/vim claude",
            "/usr/bin/ssh claude",
            "/opt/claude/versions/notes",
            "/usr/bin/env demo-agent --style claude",
        ] {
            assert_eq!(agent_program(&Programs::built_in(), &process(PANE, 1, command)), None, "{command}");
        }
    }

    #[test]
    fn a_name_that_a_process_gives_itself_proves_nothing() {
        let mut shell = process(PANE, 1, "claude");
        shell.program = "/bin/bash".to_owned();
        assert_eq!(proven(&[shell]), None);
    }

    #[test]
    fn an_agent_is_in_front_by_itself_behind_a_wrapper_and_behind_a_shell_that_has_started_it() {
        assert_eq!(proven(&[process(PANE, 1, "/bin/claude")]), Some(PANE));
        assert_eq!(proven(&[process(PANE, 1, "/bin/sh /bin/wrapper"), process(101, PANE, "/x/codex")]), Some(101));
        let shell = Process { in_front: false, ..process(PANE, 1, "/bin/bash") };
        assert_eq!(
            proven(&[shell, process(101, PANE, "/usr/bin/node /x/codex.js"), process(102, 101, "/x/codex")]),
            Some(102)
        );
    }

    #[test]
    fn what_an_agent_has_started_covers_it_only_if_that_reads_the_terminal() {
        let agent = process(PANE, 1, "/bin/claude");
        let server = Process { reads_terminal: false, ..process(101, PANE, "/usr/bin/node /x/mcp.js") };
        assert_eq!(proven(&[agent.clone(), server]), Some(PANE));
        let editor = [agent, process(101, PANE, "/bin/sh -c vi"), process(102, 101, "/usr/bin/vi /tmp/prompt.md")];
        let covered = NotInFront::Covered { program: "vi".to_owned(), pid: 102 };
        assert_eq!(classify(&editor), AgentInFront::NotProven(covered));
    }

    #[test]
    fn anything_else_in_front_is_named_whatever_it_is() {
        for command in
            ["/usr/bin/ssh host", "/usr/bin/docker exec -it x sh", "/bin/rbash", "/usr/bin/python3", "/x/sqlite3"]
        {
            let front = process(101, PANE, command);
            let shell = Process { in_front: false, ..process(PANE, 1, "/bin/bash") };
            let program = front.name().to_owned();
            let another = NotInFront::Another { program, pid: 101, is_panes_own: false };
            assert_eq!(classify(&[shell, front]), AgentInFront::NotProven(another), "{command}");
        }
        let shell = NotInFront::Another { program: "bash".to_owned(), pid: PANE, is_panes_own: true };
        assert_eq!(classify(&[process(PANE, 1, "/bin/bash")]), AgentInFront::NotProven(shell));
    }

    #[test]
    fn an_agent_that_was_suspended_is_behind_the_shell() {
        let agent = Process { in_front: false, ..process(101, PANE, "/bin/claude") };
        let covered = NotInFront::Covered { program: "bash".to_owned(), pid: PANE };
        assert_eq!(classify(&[process(PANE, 1, "/bin/bash"), agent]), AgentInFront::NotProven(covered));
    }

    #[test]
    fn a_program_cannot_forge_a_line_by_its_name() {
        let other = process(PANE, 1, "/tmp/x\nrest: proven: it is");
        let said = classify(&[other]).to_string();
        assert!(!said.contains('\n') && said.contains("x⏎rest"), "{said}");
    }

    #[test]
    fn a_program_of_no_known_name_is_the_agent_only_as_the_very_process_that_was_started() {
        let started = process(PANE, 1, "/opt/agent/run");
        let known = AgentProcess { id: started.id, program: started.program.clone() };
        let classify = |process: Process| {
            AgentInFront::classify(&Programs::built_in(), &Foreground::Known(vec![process]), PANE, Some(&known))
        };
        let expected = AgentInFront::Proven { backend: None, process: known.clone() };
        assert_eq!(classify(started.clone()), expected);
        let other_file = Process { program: "/bin/bash".to_owned(), ..started.clone() };
        let other_start = Process { id: ProcessId { started: 1, ..started.id }, ..started };
        for other in [other_file, other_start] {
            assert!(matches!(classify(other), AgentInFront::NotProven(_)));
        }
    }

    #[test]
    fn a_script_that_was_started_is_the_agent_and_the_shell_that_it_leaves_behind_is_not() {
        let script = process(PANE, 1, "/bin/bash /x/bin/claude --name Ada");
        let known =
            started_agent(&Foreground::Known(vec![script.clone()]), PANE, "/x/bin/claude").expect("it is there");
        let classify = |process: &Process| {
            AgentInFront::classify(&Programs::built_in(), &Foreground::Known(vec![process.clone()]), PANE, Some(&known))
        };
        assert!(matches!(classify(&script), AgentInFront::Proven { backend: None, .. }));
        let left = Process { arguments: vec!["bash".to_owned()], ..script };
        assert!(matches!(classify(&left), AgentInFront::NotProven(_)));
    }

    #[test]
    fn where_nothing_is_known_nothing_is_proven() {
        let unknown =
            AgentInFront::classify(&Programs::built_in(), &Foreground::Unknown("no /proc".to_owned()), PANE, None);
        assert_eq!(unknown, AgentInFront::NotProven(NotInFront::Unreadable("no /proc".to_owned())));
        assert_eq!(classify(&[]), AgentInFront::NotProven(NotInFront::Nobody));
        let deaf = Process { reads_terminal: false, ..process(PANE, 1, "/bin/claude") };
        assert_eq!(classify(&[deaf]), AgentInFront::NotProven(NotInFront::Nobody));
    }
}
