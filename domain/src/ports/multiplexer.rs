//! Terminal multiplexers: the panes that agents live in.

use thiserror::Error;

use super::{PaneHost, PaneIo};
use crate::id::PaneId;

/// Why a multiplexer did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MultiplexerError {
    /// Its program is not installed.
    #[error("{0} is not installed or not on PATH")]
    Missing(String),
    /// Its version lacks what is needed.
    #[error("{program} {found} is too old; {needed} or newer is needed")]
    TooOld {
        /// The program.
        program: String,
        /// The version that is installed.
        found: String,
        /// The oldest version that will do.
        needed: String,
    },
    /// It did not answer within the limit of 5 s; whether it did what it was asked is unknown.
    #[error("{0} did not answer within 5 s")]
    Timeout(String),
    /// There is proof that the pane is not there any more, or that its name now belongs to another one. Nothing was done
    /// to it.
    #[error("pane {0} is gone")]
    Gone(PaneId),
    /// Its server does not answer, and there is no proof that it has ended; with what is known and what brings it back.
    /// Nothing was done.
    #[error("{0}")]
    Unreachable(String),
    /// The pane's program does not read what it is given. The text may have arrived in part; a paste is closed as soon as
    /// the program reads on.
    #[error("the program in pane {0} does not read its input")]
    NotReading(PaneId),
    /// It refused or failed, for the reason given.
    #[error("{0}")]
    Failed(String),
}

/// Opens, watches, types into and closes panes.
///
/// Every method that takes a [`Pane`](crate::placement::Pane) talks to the server that the pane belongs to, whatever the
/// environment of the caller, and touches the pane only if server run, pane name and pane process are all still the same; else it
/// does nothing and says `Gone`, with proof, or `Unreachable`. Every method answers within 5 s or says `Timeout`.
pub trait Multiplexer: PaneHost + PaneIo {}

impl<M: PaneHost + PaneIo + ?Sized> Multiplexer for M {}
