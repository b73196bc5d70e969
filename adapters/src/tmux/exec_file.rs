//! Hands an argument vector and a few variables to the program that a pane starts.
//!
//! tmux takes at most 16 KiB with one command, and a single argument for a shell command, and gives a pane the
//! environment of its server. So vector and variables are written to a file that only its owner can read, the pane is
//! opened with a small helper and the file's path, and the helper becomes the program by [`exec_file`].

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, open, openat, unlinkat};
use rustix::process::geteuid;

/// How the private directories begin.
const PREFIX: &str = "cafleet-argv-";

/// Stands behind the tag in a directory's name; no tag holds it.
const END_OF_TAG: char = '.';

/// The name of the file in its directory.
const FILE: &str = "argv";

/// What the file begins with.
const MARKER: &[u8] = b"cafleet argument vector 1\0";

/// Becomes the program whose argument vector stands in the file at `path`, with the variables that stand there; removes
/// the file first.
///
/// Returns only when that fails, with the reason. The file is one that the tmux adapter wrote for a pane, and is used
/// once; any other is refused, and neither run nor removed.
#[must_use]
pub fn exec_file(path: &Path) -> io::Error {
    let content = match take(path) {
        Ok(content) => content,
        Err(error) => return error,
    };
    let mut words = content.split(|&byte| byte == 0).map(|word| OsString::from_vec(word.to_vec()));
    let variables: Vec<OsString> = words.by_ref().take_while(|word| !word.is_empty()).collect();
    let Some(program) = words.next().filter(|program| !program.is_empty()) else {
        return io::Error::new(io::ErrorKind::InvalidData, "the file holds no argument vector");
    };
    let variables = variables.iter().filter_map(|variable| {
        let (name, value) = variable.to_str()?.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    });
    Command::new(program).args(words).envs(variables).exec()
}

/// Reads what stands behind the marker in a file of [`write`], and removes the file and its directory.
fn take(path: &Path) -> io::Result<Vec<u8>> {
    let foreign = || io::Error::new(io::ErrorKind::InvalidInput, "it is not a file that cafleet wrote for a pane");
    let directory = directory(path).ok_or_else(foreign)?;
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let opened = open(directory, flags, Mode::empty())?;
    // a pipe in its place is not waited for
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(&opened, FILE, flags, Mode::empty())?;
    let (outer, inner) = (fstat(&opened)?, fstat(&file)?);
    let is_private = |stat: &rustix::fs::Stat| stat.st_uid == geteuid().as_raw() && stat.st_mode & 0o077 == 0;
    let is_file = FileType::from_raw_mode(inner.st_mode) == FileType::RegularFile && inner.st_nlink == 1;
    if !is_private(&outer) || !is_private(&inner) || !is_file {
        return Err(foreign());
    }
    let mut content = Vec::new();
    File::from(file).read_to_end(&mut content)?;
    if !content.starts_with(MARKER) {
        return Err(foreign());
    }
    unlinkat(&opened, FILE, AtFlags::empty())?;
    drop(fs::remove_dir(directory));
    Ok(content.split_off(MARKER.len()))
}

/// Returns the directory of a file of [`write`], by the names of both; none when they are others.
fn directory(path: &Path) -> Option<&Path> {
    let directory = path.parent().filter(|_| path.is_absolute() && path.file_name() == Some(OsStr::new(FILE)))?;
    let name = directory.file_name()?.to_str()?;
    tag_in(name).filter(|_| name.starts_with(PREFIX)).map(|_| directory)
}

/// Writes `argv` and `variables` for [`exec_file`] into a directory of its own under the system's directory for temporary
/// files, both readable by their owner alone. Nothing of them holds a NUL.
///
/// # Errors
/// When directory or file cannot be written; nothing is left then.
pub(super) fn write(argv: &[String], variables: &[(String, String)], tag: &str) -> io::Result<PathBuf> {
    let temporary = std::path::absolute(std::env::temp_dir())?;
    let directory = temporary.join(format!("{PREFIX}{tag}{END_OF_TAG}{}", unique()));
    DirBuilder::new().mode(0o700).create(&directory)?;
    let path = directory.join(FILE);
    let variables: String = variables.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
    // an empty word ends the variables
    let content = [MARKER, variables.as_bytes(), b"\0", argv.join("\0").as_bytes()].concat();
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| file.write_all(&content));
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
    if let Some(directory) = directory(path) {
        drop(fs::remove_file(path));
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
    fn a_written_vector_is_private_and_taken_once() {
        let variables = [("CAFLEET_DATABASE_URL".to_owned(), "/a b".to_owned())];
        let path = write(&["/bin/true".to_owned(), "a\nb".to_owned(), String::new()], &variables, "1-4").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let directory = path.parent().unwrap().to_owned();
        assert_eq!(tag_in(&format!("\"/bin/cafleet\" exec-file {}", path.display())), Some("1-4"));
        assert_eq!((mode(&path), mode(&directory)), (0o600, 0o700));
        assert_eq!(take(&path).unwrap(), b"CAFLEET_DATABASE_URL=/a b\0\0/bin/true\0a\nb\0");
        assert!(!directory.exists());
    }

    /// Returns a directory as [`write`] makes it, and the file in it with the content that is given.
    fn forged(root: &Path, name: &str, mode: u32, content: &[u8]) -> PathBuf {
        let directory = root.join(name);
        DirBuilder::new().mode(0o700).create(&directory).unwrap();
        let path = directory.join(FILE);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn what_cafleet_did_not_write_is_neither_run_nor_removed() {
        let root = tempfile::tempdir().unwrap();
        let ours = [MARKER, b"\0/bin/true"].concat();
        let readme = root.path().join("README.md");
        fs::write(&readme, &ours).unwrap();
        let link = forged(root.path(), "cafleet-argv-1-4.a", 0o600, b"");
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&readme, &link).unwrap();
        let twice = forged(root.path(), "cafleet-argv-1-4.b", 0o600, &ours);
        fs::hard_link(&twice, root.path().join("other name")).unwrap();
        let open = forged(root.path(), "cafleet-argv-1-4.c", 0o600, &ours);
        fs::set_permissions(open.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
        let others = [
            readme,
            link,
            twice,
            open,
            forged(root.path(), "cafleet-argv-1-4.d", 0o644, &ours),
            forged(root.path(), "cafleet-argv-1-4.e", 0o600, b"/bin/true"),
            forged(root.path(), "mine", 0o600, &ours),
            forged(root.path(), "cafleet-argv-$(id).x", 0o600, &ours),
        ];
        for path in &others {
            let error = exec_file(path);
            assert!(!matches!(error.kind(), io::ErrorKind::NotFound), "{}: {error}", path.display());
            assert!(path.exists(), "{}", path.display());
            remove(path);
        }
        assert!(others[0].exists() && others[6].exists());
        assert!(exec_file(Path::new("cafleet-argv-1-4.x/argv")).to_string().contains("not a file that cafleet wrote"));
    }

    #[test]
    fn other_commands_carry_no_tag() {
        for other in ["", "vim", "cat /tmp/cafleet-argv-1-4", "cat /tmp/cafleet-argv-$(id).x"] {
            assert_eq!(tag_in(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_missing_file_and_an_empty_vector_are_errors() {
        assert_eq!(exec_file(Path::new("/nonexistent/cafleet-argv-1-4.x/argv")).kind(), io::ErrorKind::NotFound);
        let path = write(&[], &[], "1-4").unwrap();
        assert_eq!(exec_file(&path).kind(), io::ErrorKind::InvalidData);
        assert!(!path.exists());
    }
}
