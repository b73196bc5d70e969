//! Looking at files and putting them in place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::classify::Found;

/// Looks at a file of the thing that is kept at `place`. A link counts when it is that thing or inside of it; where a
/// person keeps all their skills is their business.
pub(super) fn look(place: &Path, path: &Path) -> io::Result<Found> {
    let inside = path.ancestors().take_while(|ancestor| ancestor.starts_with(place));
    for ancestor in inside {
        if ancestor.is_symlink() {
            return Ok(Found::Linked(fs::read_link(ancestor)?, read(path)?));
        }
    }
    Ok(read(path)?.map_or(Found::Nothing, Found::File))
}

/// Reads a file; none when there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts a file in place at once: whoever looks, and whatever interrupts this, finds the old one or the new one. A file
/// that is replaced passes its mode on.
pub(super) fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = beside(path, "cafleet-new")?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // left by a setup that was killed
    remove(&new)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(&new)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

/// Copies a content beside its file under a name that is free, and returns it.
pub(super) fn save(path: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let copies = (1..).map(|number| path.with_file_name(format!("{name}.saved-{number}")));
    for copy in copies {
        if copy.symlink_metadata().is_err() {
            put(&copy, content)?;
            return Ok(copy);
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Removes a file, if there is one.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the files below a folder; none when there is no such folder.
pub(super) fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(below(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    Ok(files)
}

/// Removes the folders below `folder`, and itself, that hold nothing.
pub(super) fn remove_empty(folder: &Path) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty(&entry.path())?;
        }
    }
    match fs::remove_dir(folder) {
        Err(error) if !matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::NotFound) => Err(error),
        _ => Ok(()),
    }
}

/// Waits until no other setup works, and keeps others waiting as long as the value lives.
pub(super) fn lock(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("setup.lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn beside(path: &Path, end: &str) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(ErrorKind::InvalidInput)?.to_string_lossy();
    Ok(path.with_file_name(format!(".{name}.{end}")))
}
