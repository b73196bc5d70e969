//! Where screen patterns come from.

use std::path::PathBuf;

use crate::backend::Backend;

/// Where screen patterns come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScreenSource {
    /// They are built in.
    BuiltIn,
    /// A file replaces some of them.
    File {
        /// The file.
        path: PathBuf,
        /// About which programs it says something.
        backends: Vec<Backend>,
    },
    /// There is a file, but it cannot be used; the built-in ones count.
    Broken {
        /// The file.
        path: PathBuf,
        /// Why, on one line.
        reason: String,
    },
}
