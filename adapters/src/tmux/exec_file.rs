//! Hands an argument vector to the program that a pane starts.
//!
//! tmux takes at most 16 KiB with one command, and a single argument for a shell command. So the vector is written to a file that only its owner can read, the
//! pane is opened with a small helper and the file's path, and the helper becomes the program by [`exec_file`].

use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How the private directories begin; [`exec_file`] removes no other.
const PREFIX: &str = "cafleet-argv-";

/// Stands behind the tag in a directory's name; no tag holds it.
const END_OF_TAG: char = '.';

/// Becomes the program whose NUL-separated argument vector stands in the file at `path`; removes the file first.
///
/// Returns only when that fails, with the reason. The file is one that the tmux adapter wrote for a pane, and is used once.
#[must_use]
pub fn exec_file(path: &Path) -> io::Error {
    let content = match fs::read(path) {
        Ok(content) => content,
        Err(error) => return error,
    };
    remove(path);
    let mut words = content.split(|&byte| byte == 0).map(|word| OsString::from_vec(word.to_vec()));
    match words.next() {
        Some(program) if !program.is_empty() => Command::new(program).args(words).exec(),
        _ => io::Error::new(io::ErrorKind::InvalidData, "the file holds no argument vector"),
    }
}

/// Writes `argv` for [`exec_file`] into a directory of its own under the system's directory for temporary files, both
/// readable by their owner alone. The arguments hold no NUL.
///
/// # Errors
/// When directory or file cannot be written; nothing is left then.
pub(super) fn write(argv: &[String], tag: &str) -> io::Result<PathBuf> {
    let directory = std::env::temp_dir().join(format!("{PREFIX}{tag}{END_OF_TAG}{}", unique()));
    DirBuilder::new().mode(0o700).create(&directory)?;
    let path = directory.join("argv");
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(argv.join("\0").as_bytes()));
    match written {
        Ok(()) => Ok(path),
        Err(error) => {
            remove(&path);
            Err(error)
        }
    }
}

/// Returns the tag of the pane that was started with these words; none when they do not name a file of [`write`].
pub(super) fn tag_in(start_command: &str) -> Option<&str> {
    let (_, behind) = start_command.split_once(PREFIX)?;
    let (tag, _) = behind.split_once(END_OF_TAG)?;
    tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-').then_some(tag)
}

/// Removes a file that [`write`] made, and its directory; a file that is gone already is no error.
pub(super) fn remove(path: &Path) {
    drop(fs::remove_file(path));
    if let Some(directory) = path.parent()
        && directory.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
    {
        drop(fs::remove_dir(directory));
    }
}

/// Returns a name part that no other call, process or machine with the same directory uses.
pub(super) fn unique() -> String {
    format!("{}-{:016x}", std::process::id(), RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_written_vector_is_private_and_leaves_nothing_when_removed() {
        let path = write(&["/bin/true".to_owned(), "a\nb".to_owned(), String::new()], "1-4").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"/bin/true\0a\nb\0");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let directory = path.parent().unwrap().to_owned();
        assert_eq!(tag_in(&format!("\"/bin/cafleet\" exec-file {}", path.display())), Some("1-4"));
        assert_eq!((mode(&path), mode(&directory)), (0o600, 0o700));
        remove(&path);
        assert!(!directory.exists());
    }

    #[test]
    fn other_commands_carry_no_tag() {
        for other in ["", "vim", "cat /tmp/cafleet-argv-1-4", "cat /tmp/cafleet-argv-$(id).x"] {
            assert_eq!(tag_in(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_missing_file_and_an_empty_vector_are_errors() {
        assert_eq!(exec_file(Path::new("/nonexistent/argv")).kind(), io::ErrorKind::NotFound);
        let path = write(&[], "1-4").unwrap();
        assert_eq!(exec_file(&path).kind(), io::ErrorKind::InvalidData);
        assert!(!path.exists());
    }
}
