//! The files of a database: which they are, who has them open, and how they get their names.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

/// How a database begins (<https://www.sqlite.org/fileformat.html>, 1.3.1).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Which file it is: device and inode.
pub(super) type FileId = (u64, u64);

/// Returns which file is at `path`; none when there is none.
pub(super) fn id(path: &Path) -> Option<FileId> {
    path.metadata().ok().map(|found| id_of(&found))
}

fn id_of(found: &Metadata) -> FileId {
    (found.dev(), found.ino())
}

/// The files that were read past SQLite. None is ever closed: that would drop all locks that the process has on the file, those of
/// SQLite too, and the next process to leave would remove the write-ahead log that this one writes to
/// (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
static READ_PAST_SQLITE: Mutex<BTreeMap<FileId, File>> = Mutex::new(BTreeMap::new());

/// Returns `true` if a file begins as a database of SQLite does; one that cannot be read may be one.
pub(super) fn is_database(path: &Path) -> bool {
    let mut begin = [0; MAGIC.len()];
    match read_begin(path, &mut begin) {
        Err(error) => error.kind() != io::ErrorKind::UnexpectedEof,
        Ok(()) => &begin == MAGIC,
    }
}

fn read_begin(path: &Path, begin: &mut [u8]) -> io::Result<()> {
    let mut files = READ_PAST_SQLITE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(file) = id(path).and_then(|id| files.get(&id)) {
        return file.read_exact_at(begin, 0);
    }
    let file = File::open(path)?;
    let read = file.read_exact_at(begin, 0);
    // one that is known already was put there meanwhile, and may not be closed either
    std::mem::forget(files.insert(id_of(&file.metadata()?), file));
    read
}

/// Returns a path with something behind its last name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Gives a file its name; fails where something has the name already. Works where there are no hard links.
pub(super) fn publish(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => publish_in_two_steps(from, to),
        renamed => Ok(renamed?),
    }
}

/// As [`publish`], for file systems that cannot do it in one: the name is taken by an empty file first.
fn publish_in_two_steps(from: &Path, to: &Path) -> io::Result<()> {
    drop(OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?);
    fs::rename(from, to).inspect_err(|_| drop(fs::remove_file(to)))
}

/// Puts `new` in the place of `old`, which gets the name `kept`. At no time is nothing in its place, where the file system
/// can exchange two names at once.
pub(super) fn replace(old: &Path, new: &Path, kept: &Path) -> io::Result<()> {
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        // what was old is where new was
        Ok(()) => publish(new, kept),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            publish(old, kept)?;
            publish(new, old).inspect_err(|_| drop(fs::rename(kept, old)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns the other processes of this user that have one of the files open, each as its name and number. Knows of none
/// where the kernel does not list them.
pub(super) fn users(files: &[PathBuf]) -> Vec<String> {
    let wanted: Vec<FileId> = files.iter().filter_map(|file| id(file)).collect();
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let own = std::process::id();
    let numbers = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut users: Vec<u32> = numbers.filter(|&number| number != own && has_open(number, &wanted)).collect();
    users.sort_unstable();
    users.into_iter().map(|number| format!("{} (pid {number})", name(number))).collect()
}

fn has_open(process: u32, wanted: &[FileId]) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{process}/fd")) else { return false };
    descriptors.flatten().any(|descriptor| id(&descriptor.path()).is_some_and(|found| wanted.contains(&found)))
}

fn name(process: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        fs::write(&from, "new").expect("a file");
        (directory, from, to)
    }

    #[test]
    fn a_name_is_given_once_with_and_without_the_help_of_the_file_system() {
        for publish in [publish, publish_in_two_steps] {
            let (_directory, from, to) = pair();
            publish(&from, &to).expect("a free name");
            assert_eq!((fs::read_to_string(&to).expect("a file").as_str(), from.exists()), ("new", false));
            fs::write(&from, "newer").expect("a file");
            let error = publish(&from, &to).expect_err("the name is taken");
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&to).expect("a file"), "new");
            let error = publish(&to, &from.join("x")).expect_err("no directory");
            assert_ne!(error.kind(), io::ErrorKind::AlreadyExists);
        }
    }
}
