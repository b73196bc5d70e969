//! `cafleet setup`: the files with which a coding agent knows how to use CAFleet.
//!
//! What goes where is a plan ([`plan`]), how a file that is there stands to it is a judgement ([`classify`]), and what a
//! settings file has to say is another ([`permissions`]): all three without I/O. [`work`] looks and acts, under one lock.

mod assets;
mod classify;
mod files;
mod manifest;
mod permissions;
mod plan;
mod work;

use std::path::PathBuf;

use cafleet_domain::backend::Backend;

pub(crate) use classify::State;
pub(crate) use plan::Places;
pub(crate) use work::{examine, install, remove};

/// How one thing that is installed as a whole was found, and what was done about it.
#[derive(Debug)]
pub(crate) struct ItemReport {
    /// The agents that read it.
    pub(crate) agents: Vec<Backend>,
    /// What it is.
    pub(crate) name: String,
    /// Its folder, or the file itself.
    pub(crate) place: PathBuf,
    /// How it was found; of several files, the one that needs most.
    pub(crate) state: State,
    /// What was done; nothing by whoever only looks.
    pub(crate) done: Option<Done>,
    /// Copies of what a person had changed.
    pub(crate) copies: Vec<PathBuf>,
}

/// What was done about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Nothing: it was as it should be.
    Kept,
    /// Put in place where there was none, or an older version.
    Written,
    /// Put in place of what a person had changed, of which a copy was kept.
    Replaced,
    /// Left alone: it is a link to what somebody else keeps, or what a person had changed.
    Left,
    /// Taken away.
    Removed,
}

/// What an agent's own settings say about running `cafleet`.
#[derive(Debug)]
pub(crate) struct PermissionReport {
    /// Whose settings.
    pub(crate) agent: Backend,
    /// Where they are.
    pub(crate) file: PathBuf,
    /// The lines to add, as JSON.
    pub(crate) lines: String,
    /// How they stand.
    pub(crate) state: PermissionState,
}

/// How the permission to run `cafleet` stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PermissionState {
    /// It is there.
    Granted,
    /// It is not there; the agent asks a person each time.
    Missing,
    /// It was added, and a copy of the file as it was kept where there was one.
    Added(Option<PathBuf>),
}

/// All that was found and done.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) items: Vec<ItemReport>,
    pub(crate) permissions: Vec<PermissionReport>,
    /// What could not be done, in words, each with what to do about it.
    pub(crate) problems: Vec<String>,
}
