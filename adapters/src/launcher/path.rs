//! Finding programs.

use std::ffi::OsStr;
use std::path::PathBuf;

use rustix::fs::{Access, access};

/// Returns the absolute path of the first file called `name` in the folders of `search_path` that this process may run.
///
/// Folders that are not absolute are passed over: what they mean depends on where one stands, and the pane starts
/// elsewhere. Links are not followed, since a program may look at the name it was called by.
pub(crate) fn find(name: &str, search_path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(search_path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|file| file.is_file() && access(file, Access::EXEC_OK).is_ok())
}
