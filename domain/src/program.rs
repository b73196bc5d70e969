//! Everything that differs between the coding agent programs, as one value for each, which is looked up by its name.
//!
//! The values were found out on the real programs; docs/src/extending.md says how.

mod claude;
mod codex;
mod opencode;

use crate::backend::Backend;
use crate::profile::{AnswerKeys, MidTurn, Profile, ShellMode, WordsField};
use crate::screen::patterns::{Footer, Frame, Patterns, Placeholder};
use crate::screen::recorded;

/// What runs scripts in JavaScript.
const JAVASCRIPT: [&str; 4] = ["node", "bun", "deno", "nodejs"];

/// What is known of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name, which is that of its file too.
    pub backend: Backend,
    /// Its name as its makers write it.
    pub title: &'static str,
    /// By which files a process is known as the program.
    pub files: Files,
    /// What must be known in order to type to it.
    pub profile: Profile,
    /// How its screen is read.
    pub patterns: Patterns,
    /// The newest version whose screens were recorded.
    pub newest_recorded: &'static str,
}

/// By which files a process is known as a program, beside one that has its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Files {
    /// The programs that run its scripts: what such a process is, is what its script is.
    pub interpreters: &'static [&'static str],
    /// The names of npm packages whose scripts are the program.
    pub packages: &'static [&'static str],
    /// The end of the path of the folder in which its installer keeps a file for each version; `None` if it has none.
    pub versions: Option<&'static str>,
}

impl Program {
    /// Returns `true` if what the program says about its version (`codex-cli 0.171.0`) is newer than any that was recorded; `None` if
    /// no version is in it.
    #[must_use]
    pub fn is_newer_than_recorded(&self, said: &str) -> Option<bool> {
        recorded::is_newer(said, self.newest_recorded)
    }

    /// Returns `true` if a file is the program's own. Some installers keep it as `…/<program>/versions/<version>`.
    #[must_use]
    pub fn is_file(&self, path: &str) -> bool {
        // after an update under a running agent, the system names its file so
        let path = path.strip_suffix(" (deleted)").unwrap_or(path);
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let is_version = |versions: &str| folder.ends_with(versions) && file.starts_with(|c: char| c.is_ascii_digit());
        file == self.backend.as_str() || self.files.versions.is_some_and(is_version)
    }
}

/// What is known of all programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    known: Vec<Program>,
    /// Stands for those of which nothing is known.
    unknown: Program,
}

impl Programs {
    /// Returns what CAFleet knows by itself.
    #[must_use]
    pub fn built_in() -> Self {
        Self::with([])
    }

    /// Returns what CAFleet knows by itself, and behind it these programs.
    #[must_use]
    pub fn with(added: impl IntoIterator<Item = Program>) -> Self {
        let built_in = [claude::program(), codex::program(), opencode::program()];
        Self { known: built_in.into_iter().chain(added).collect(), unknown: unknown() }
    }

    /// Returns what is known of a program; for one of which nothing is known, what lets nothing be typed to it.
    #[must_use]
    pub fn of(&self, backend: Backend) -> &Program {
        self.find(backend).unwrap_or(&self.unknown)
    }

    /// Returns what is known of a program; `None` if nothing is.
    #[must_use]
    pub fn find(&self, backend: Backend) -> Option<&Program> {
        self.iter().find(|program| program.backend == backend)
    }

    /// Returns what a Director is taken for where nothing tells: the first program.
    #[must_use]
    pub fn assumed(&self) -> Backend {
        self.known.first().unwrap_or(&self.unknown).backend
    }

    /// Returns the programs, in the order in which they are listed.
    pub fn iter(&self) -> impl Iterator<Item = &Program> {
        self.known.iter()
    }

    /// Returns the programs, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Program> {
        self.known.iter_mut()
    }
}

/// Returns what stands for a program of which nothing is known: its screens are not read, and what could do harm
/// does.
fn unknown() -> Program {
    Program {
        backend: Backend::named("unknown"),
        title: "unknown",
        files: Files { interpreters: &[], packages: &[], versions: None },
        profile: Profile {
            mid_turn: MidTurn::Harmful,
            shell_mode: ShellMode::Pasted,
            first_line_takes_feed: false,
            answer_keys: AnswerKeys { next: "", previous: None },
            words: WordsField::IsAnswer,
            confirmation: None,
        },
        patterns: Patterns {
            // a control character is never drawn
            frame: Frame::Rules { rule: '\0', prompt: "\0".to_owned(), modes: Vec::new(), scrolled: "\0".to_owned() },
            spoken: None,
            placeholder: Placeholder::Dim,
            footer: Footer::default(),
            working: Vec::new(),
            ended: Vec::new(),
            silent: true,
            asking: Vec::new(),
        },
        newest_recorded: "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_its_name_and_of_another_nothing_is_believed() {
        let programs = Programs::built_in();
        for backend in Backend::BUILT_IN {
            assert_eq!(programs.of(backend).backend, backend);
        }
        let other = Backend::named("other");
        assert_eq!(programs.find(other), None);
        assert_eq!(programs.of(other).profile.mid_turn, MidTurn::Harmful);
        assert_eq!(programs.of(other).is_newer_than_recorded("9.9.9"), None);
    }
}
