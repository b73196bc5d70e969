//! Files that hold a text for somebody to read: a message or a prompt.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use cafleet_domain::text::{MAX_BODY_BYTES, is_blank};
use rustix::fs::OFlags;

use crate::error::CommandError;

/// Reads the file that `option` names. It must be a regular file of valid UTF-8, up to 1 MiB, with something to read in it.
///
/// # Errors
/// With the reason, and the option and the path in front of it.
pub(crate) fn read(option: &'static str, path: &Path) -> Result<String, CommandError> {
    let code = if option == "--prompt-file" { "prompt_file" } else { "text_file" };
    content(path).map_err(|reason| CommandError::failure(code, format!("{option} {}: {reason}.", path.display())))
}

fn content(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    // one more than allowed, for the file may grow while it is read
    let limit = MAX_BODY_BYTES as u64 + 1;
    let length = open(path)?.take(limit).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if length > MAX_BODY_BYTES {
        return Err(format!("more than {MAX_BODY_BYTES} bytes long; the limit is {MAX_BODY_BYTES} bytes (1 MiB)"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "not valid UTF-8".to_owned())?;
    if is_blank(&text) {
        return Err("file is empty".to_owned());
    }
    Ok(text)
}

/// Opens a regular file. It does not wait for somebody to write to a pipe.
fn open(path: &Path) -> Result<File, String> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(|error| reason(&error))?;
    let metadata = file.metadata().map_err(|error| reason(&error))?;
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    if metadata.len() > MAX_BODY_BYTES as u64 {
        return Err(format!("{} bytes long; the limit is {MAX_BODY_BYTES} bytes (1 MiB)", metadata.len()));
    }
    Ok(file)
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}
