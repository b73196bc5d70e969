//! Where an agent lives: which pane, of which run of which multiplexer server.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

use crate::backend::Backend;
use crate::id::{AgentId, PaneId};
use crate::process::AgentProcess;
use crate::timestamp::Timestamp;

/// One run of one multiplexer server.
///
/// Pane names start again when a server restarts, so a name says nothing without this.
#[derive(Debug, Clone)]
pub struct ServerId {
    /// Path of the server's socket.
    pub socket: String,
    /// Process id of the server.
    pub pid: u32,
    /// When the server started, in seconds since the epoch.
    pub started: i64,
    /// The PID namespace in which `pid` is to be read; none where that is not known. It says how to look for the server,
    /// not which one it is, so it does not count when two are compared.
    pub namespace: Option<u64>,
}

impl ServerId {
    fn key(&self) -> (&str, u32, i64) {
        (&self.socket, self.pid, self.started)
    }
}

impl PartialEq for ServerId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for ServerId {}

impl Hash for ServerId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// Says that a stored text is not a [`ServerId`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is not <pid>[@<namespace>]:<start time>:<socket>")]
pub struct InvalidServerId(String);

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.pid)?;
        if let Some(namespace) = self.namespace {
            write!(f, "@{namespace}")?;
        }
        write!(f, ":{}:{}", self.started, self.socket)
    }
}

impl FromStr for ServerId {
    type Err = InvalidServerId;

    fn from_str(text: &str) -> Result<Self, InvalidServerId> {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or_else(|| InvalidServerId(text.to_owned()));
        let (process, started, socket) = (next()?, next()?, next()?);
        let (pid, namespace) = match process.split_once('@') {
            Some((pid, namespace)) => (pid, namespace.parse().map(Some)),
            None => (process, Ok(None)),
        };
        match (pid.parse(), namespace, started.parse()) {
            (Ok(pid), Ok(namespace), Ok(started)) => Ok(Self { socket: socket.to_owned(), pid, started, namespace }),
            _ => Err(InvalidServerId(text.to_owned())),
        }
    }
}

/// A pane and everything that proves that it is still the same one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pane {
    /// Which multiplexer owns it.
    pub multiplexer: MultiplexerKind,
    /// The server run that owns the pane.
    pub server: ServerId,
    /// Name of the session.
    pub session: String,
    /// The multiplexer's name for the window (`@3` in tmux).
    pub window: String,
    /// The multiplexer's name for the pane.
    pub id: PaneId,
    /// Process id of the program that the pane was opened with; 0 where that has ended and the multiplexer does not say any more.
    pub pid: u32,
}

impl Pane {
    /// Returns `true` if both describe the same pane, which may have been moved to another window in between, and its program
    /// may have ended.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let is_same_program = self.pid == other.pid || self.pid == 0 || other.pid == 0;
        (&self.server, &self.id) == (&other.server, &other.id) && is_same_program
    }
}

/// Which multiplexer owns a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MultiplexerKind {
    /// tmux.
    Tmux,
    /// The embedded terminals.
    Pty,
}

impl MultiplexerKind {
    /// Returns the name that the database and the API use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tmux => "tmux",
            Self::Pty => "pty",
        }
    }
}

impl fmt::Display for MultiplexerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl FromStr for MultiplexerKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Tmux, Self::Pty].into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| format!("'{text}' is not a multiplexer"))
    }
}

/// The record of an agent's pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The agent that lives there.
    pub agent: AgentId,
    /// The Director that spawned it; none for a root Director.
    pub director: Option<AgentId>,
    /// Which multiplexer owns the pane.
    pub multiplexer: MultiplexerKind,
    /// The pane; none between the registration of a member and the end of its spawn.
    pub pane: Option<Pane>,
    /// The program that runs in the pane.
    pub coding_agent: Backend,
    /// The process that was recognised as the agent; none when nobody has seen it yet.
    pub agent_process: Option<AgentProcess>,
    /// The directory in which its program was started; none where that is not known.
    pub directory: Option<PathBuf>,
    /// The model that it was started with; the program's default, or not known, when none.
    pub model: Option<String>,
    /// When the placement was recorded.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_id_survives_storage_whatever_its_socket_is_called() {
        for namespace in [None, Some(4_026_531_836)] {
            let server =
                ServerId { socket: "/tmp/a:b c/default".to_owned(), pid: 7, started: 1_700_000_000, namespace };
            let read: ServerId = server.to_string().parse().expect("a server");
            assert_eq!((&read, read.namespace), (&server, namespace));
        }
        for bad in ["7@x:1:/tmp", "", "7", "7:1", "x:1:/tmp", "7:x:/tmp"] {
            assert!(bad.parse::<ServerId>().is_err(), "{bad:?}");
        }
    }
}
