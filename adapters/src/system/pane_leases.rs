//! Leases on panes as locked files: the system ends a lock with the process that holds it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{PaneLease, PaneLeases};
use cafleet_domain::timestamp::Timestamp;
use rustix::fs::{FlockOperation, flock};

/// How often a file is opened that others remove at the same moment.
const MOST_TRIES: usize = 100;

/// Leases in a directory that all processes of a user share.
#[derive(Debug, Clone)]
pub struct FileLeases {
    directory: PathBuf,
}

/// A locked file, which is removed with the lease.
#[derive(Debug)]
struct FileLease {
    file: File,
    path: PathBuf,
}

impl FileLeases {
    /// Uses a directory, which is made when it is needed.
    #[must_use]
    pub fn below(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Uses the directory of this user that no variable of the environment moves: agents are started with others than their
    /// Director's.
    #[must_use]
    pub fn of_user() -> Self {
        Self::below(Path::new("/tmp").join(format!("cafleet-{}", rustix::process::getuid().as_raw())))
    }

    fn prepare(&self) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(&self.directory) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let data = fs::symlink_metadata(&self.directory)?;
        let is_ours = data.uid() == rustix::process::getuid().as_raw() && data.mode() & 0o077 == 0;
        if data.is_dir() && is_ours {
            Ok(())
        } else {
            Err(io::Error::other("it must be a directory of yours that nobody else can enter"))
        }
    }

    fn lock(&self, path: &Path, now: Timestamp, until: Timestamp) -> io::Result<Option<FileLease>> {
        self.prepare()?;
        for _ in 0..MOST_TRIES {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) if is_at(&file, path) => return FileLease::begin(file, path, until).map(Some),
                // its last holder has just removed it
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK) if self.set_aside(&file, path, now)? => {}
                Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Removes the file of a lease that has come to its end, though its process still lives: it was stopped, and looks at the
    /// end before it types. Returns whether the file is gone.
    fn set_aside(&self, file: &File, path: &Path, now: Timestamp) -> io::Result<bool> {
        let _one_at_a_time = File::open(&self.directory)?;
        flock(&_one_at_a_time, FlockOperation::LockExclusive)?;
        if !is_at(file, path) {
            return Ok(true);
        }
        let ends = fs::read_to_string(path)?.lines().next().and_then(|line| line.parse::<i64>().ok());
        let has_ended = ends.is_some_and(|ends| ends <= now.unix_micros());
        if has_ended {
            fs::remove_file(path)?;
        }
        Ok(has_ended)
    }
}

impl PaneLeases for FileLeases {
    fn take(&self, pane: &Pane, now: Timestamp, until: Timestamp) -> Result<Option<Box<dyn PaneLease>>, String> {
        let (server, id) = (&pane.server, pane.id.as_str().trim_start_matches('%'));
        let name = format!("{}-{}-{}-{id}.lock", pane.multiplexer, server.pid, server.started);
        let path = self.directory.join(name);
        match self.lock(&path, now, until) {
            Ok(lease) => Ok(lease.map(|lease| Box::new(lease) as Box<dyn PaneLease>)),
            Err(error) => Err(format!("cannot lease the pane in {}: {error}", self.directory.display())),
        }
    }
}

impl PaneLease for FileLease {}

impl FileLease {
    /// Writes when the lease ends, and for people who has it.
    fn begin(mut file: File, path: &Path, until: Timestamp) -> io::Result<Self> {
        file.set_len(0)?;
        writeln!(file, "{}\n{}", until.unix_micros(), std::process::id())?;
        Ok(Self { file, path: path.to_owned() })
    }
}

impl Drop for FileLease {
    fn drop(&mut self) {
        // one that was set aside is another's by now
        if is_at(&self.file, &self.path) {
            let _nothing_is_lost = fs::remove_file(&self.path);
        }
    }
}

/// Tells whether a path still names an open file.
fn is_at(file: &File, path: &Path) -> bool {
    let same = |file: fs::Metadata, path: fs::Metadata| (file.dev(), file.ino()) == (path.dev(), path.ino());
    file.metadata().is_ok_and(|file| fs::symlink_metadata(path).is_ok_and(|path| same(file, path)))
}

#[cfg(test)]
mod tests {
    use cafleet_domain::id::PaneId;
    use cafleet_domain::placement::{MultiplexerKind, ServerId};

    use super::*;

    fn pane(id: &str) -> Pane {
        let server = ServerId { socket: "/s".to_owned(), pid: 10, started: 20, namespace: None };
        let (session, window) = ("main".to_owned(), "@0".to_owned());
        Pane { multiplexer: MultiplexerKind::Tmux, server, session, window, id: PaneId::new(id), pid: 7 }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_micros(seconds * 1_000_000)
    }

    #[test]
    fn one_holder_has_a_pane_and_the_next_as_soon_as_it_lets_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let leases = [0, 1].map(|_| FileLeases::below(folder.path().join("leases")));
        let held = leases[0].take(&pane("%1"), at(0), at(60)).expect("an answer").expect("a lease");
        assert!(leases[1].take(&pane("%1"), at(59), at(90)).expect("an answer").is_none());
        assert!(leases[1].take(&pane("%2"), at(59), at(90)).expect("an answer").is_some());
        drop(held);
        assert!(leases[1].take(&pane("%1"), at(1), at(60)).expect("an answer").is_some());
        assert_eq!(fs::read_dir(folder.path().join("leases")).expect("the folder").count(), 0, "nothing is left");
    }

    #[test]
    fn a_holder_that_was_stopped_keeps_nobody_out_for_longer_than_its_lease() {
        let folder = tempfile::tempdir().expect("a folder");
        let leases = FileLeases::below(folder.path().join("leases"));
        let stopped = leases.take(&pane("%1"), at(0), at(60)).expect("an answer").expect("a lease");
        let next = leases.take(&pane("%1"), at(60), at(120)).expect("an answer").expect("a lease");
        drop(stopped);
        assert!(leases.take(&pane("%1"), at(61), at(120)).expect("an answer").is_none(), "the next one has it still");
        drop(next);
    }

    #[test]
    fn a_directory_that_others_can_enter_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = folder.path().join("open");
        DirBuilder::new().mode(0o755).create(&open).expect("a folder");
        let refused = FileLeases::below(open).take(&pane("%1"), at(0), at(60)).expect_err("it is open");
        assert!(refused.contains("nobody else can enter"), "{refused}");
    }
}
