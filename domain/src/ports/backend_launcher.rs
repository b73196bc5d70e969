//! Coding agent programs: how each is started.

use std::path::PathBuf;

use async_trait::async_trait;
use thiserror::Error;

use crate::backend::Backend;
use crate::fleet::FleetRef;
use crate::process::Process;

/// What can be checked before a member exists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LaunchOptions {
    /// The model to run; the program's default when none.
    pub model: Option<String>,
}

/// What an agent may do with `cafleet` without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything: it is the user's own agent.
    Director,
    /// Exchange messages in its fleet, and read who is in it.
    Member,
}

/// What a program is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchRequest {
    /// The agent's fleet.
    pub fleet: FleetRef,
    /// What the agent is to the fleet.
    pub role: Role,
    /// The directory in which it starts.
    pub directory: PathBuf,
    /// The member's name.
    pub name: String,
    /// The model to run; the program's default when none.
    pub model: Option<String>,
    /// The first prompt, exactly as the agent is to read it; may start with `-`.
    pub prompt: String,
}

/// A session that runs outside the pane in which it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackgroundSession {
    /// What its program calls it.
    pub name: String,
    /// The command with which a person ends it.
    pub stop: String,
}

/// Why a program cannot be started.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LaunchError {
    /// The program is not installed where the caller looks for programs.
    #[error("binary {0} not found on PATH")]
    BinaryMissing(String),
    /// The model's form would make the program fall back to another one without a word.
    #[error("--model for the opencode backend must be '<provider-id>/<model-id>' (got '{0}').")]
    InvalidModel(String),
    /// What the program needs beside it could not be put in place.
    #[error("cannot prepare {backend}: {detail}")]
    Preparation {
        /// Which program.
        backend: Backend,
        /// What went wrong, and with which file.
        detail: String,
    },
}

/// A program that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Where it is.
    pub program: PathBuf,
    /// What it says about its version, on one line, or why it says nothing.
    pub version: Result<String, String>,
}

/// A file that a program needs in order to be a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Where the program looks for it.
    pub file: PathBuf,
    /// What is to be in it.
    pub content: &'static str,
    /// How it stands.
    pub state: PresetState,
}

/// How a preset file stands to the one that CAFleet writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresetState {
    /// There is none.
    Missing,
    /// It is the one that this version writes.
    Current,
    /// A person or another version wrote it.
    Changed,
}

/// Knows how one coding agent program is started.
#[async_trait]
pub trait BackendLauncher: Send + Sync {
    /// Returns which program this launcher starts.
    fn backend(&self) -> Backend;

    /// Tells whether the program is installed, without asking it anything.
    fn is_installed(&self) -> bool;

    /// Returns where the program is installed, and what it says about its version; none when it is not installed.
    async fn installed(&self) -> Option<Installed>;

    /// Returns the file that the program needs in order to be a member; none when it needs none.
    fn preset(&self) -> Option<Preset> {
        None
    }

    /// Checks everything that can be checked before anything is written: the program is installed and the options
    /// have the right form. Changes nothing.
    ///
    /// # Errors
    /// `BinaryMissing`, `InvalidModel`.
    async fn check(&self, options: &LaunchOptions) -> Result<(), LaunchError>;

    /// Puts what the program needs in place (presets, directories) and returns its argument vector, program first, as
    /// an absolute path. The prompt is in it as one argument, byte for byte, where the program cannot take it for an
    /// option. Repeating it changes nothing.
    ///
    /// # Errors
    /// As `check`, and `Preparation`.
    async fn prepare(&self, request: &LaunchRequest) -> Result<Vec<String>, LaunchError>;

    /// Returns the session that the program has moved from a pane, in which `processes` run, to the background, where it
    /// outlives the pane; none when there is none, or nothing is known of it.
    async fn background_session(&self, _processes: &[Process]) -> Option<BackgroundSession> {
        None
    }

    /// Ends a session in the background, by the program's own command.
    ///
    /// # Errors
    /// Why it may run on.
    async fn end_background_session(&self, _session: &BackgroundSession) -> Result<(), String> {
        Ok(())
    }
}
