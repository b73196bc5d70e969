//! Leases on panes as locked files: the system ends a lock with the process that holds it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Begun, PaneLease, PaneLeases, Stood};
use cafleet_domain::timestamp::Timestamp;
use rustix::fs::{FlockOperation, flock};
use tracing::warn;

/// How often a file is opened that others remove at the same moment.
const MOST_TRIES: usize = 100;

/// Leases in a directory that all processes of a user share.
#[derive(Debug, Clone)]
pub struct FileLeases {
    directory: PathBuf,
    store: String,
}

/// A locked file, which is removed with the lease unless something typed is unfinished.
#[derive(Debug)]
struct FileLease {
    file: File,
    path: PathBuf,
    until: Timestamp,
    store: String,
    left: Option<Left>,
    unfinished: AtomicBool,
}

/// What the holder before did not come to the end of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Left {
    store: String,
    /// None if its version notes none.
    begun: Option<Begun>,
}

impl FileLeases {
    /// Uses a directory, which is made when it is needed, for processes of the store that has this name.
    #[must_use]
    pub fn below(directory: PathBuf, store: String) -> Self {
        Self { directory, store }
    }

    /// Uses the directory of this user that no variable of the environment moves: agents are started with others than their
    /// Director's. `store` names the database of this process.
    #[must_use]
    pub fn of_user(store: String) -> Self {
        Self::below(Path::new("/tmp").join(format!("cafleet-{}", rustix::process::getuid().as_raw())), store)
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
            Err(io::Error::other("it must be a directory of yours that no other user can enter"))
        }
    }

    fn lock(&self, path: &Path, now: Timestamp, until: Timestamp) -> io::Result<Option<FileLease>> {
        self.prepare()?;
        for _ in 0..MOST_TRIES {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) if is_at(&file, path) => {
                    return FileLease::acquired(file, path, until, self.store.clone()).map(Some);
                }
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

impl PaneLease for FileLease {
    fn left_by(&self) -> Option<&str> {
        self.left_by_other().map(|left| left.store.as_str())
    }

    fn other_stores(&self) -> Vec<String> {
        let stores = fs::read_to_string(self.stores_path()).unwrap_or_default();
        stores.lines().filter(|store| *store != self.store).map(str::to_owned).collect()
    }

    fn add_store(&self) -> Result<(), String> {
        let path = self.stores_path();
        let stores = fs::read_to_string(&path).unwrap_or_default();
        if stores.lines().any(|store| store == self.store) || !is_line(&self.store) {
            return Ok(());
        }
        let added = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
        let added = added.and_then(|mut file| writeln!(file, "{}", self.store));
        added.map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    fn begun(&self) -> Option<&Begun> {
        self.left.as_ref().filter(|left| left.store == self.store)?.begun.as_ref()
    }

    fn begin(&self, begun: &Begun) {
        self.note(Some(&Left { store: self.store.clone(), begun: Some(begun.clone()) }));
    }

    fn finish(&self) {
        self.note(None);
    }

    fn undo(&self) {
        self.note(self.left_by_other());
    }
}

impl FileLease {
    /// Returns the file that names the stores of the pane's agents; it outlives the lease.
    fn stores_path(&self) -> PathBuf {
        self.path.with_extension("stores")
    }

    fn acquired(file: File, path: &Path, until: Timestamp, store: String) -> io::Result<Self> {
        let left = Left::in_file(&io::read_to_string(&file)?);
        let unfinished = AtomicBool::new(left.is_some());
        let lease = Self { file, path: path.to_owned(), until, store, left, unfinished };
        lease.write(lease.left.as_ref())?;
        Ok(lease)
    }

    fn left_by_other(&self) -> Option<&Left> {
        self.left.as_ref().filter(|left| left.store != self.store)
    }

    fn note(&self, unfinished: Option<&Left>) {
        self.unfinished.store(unfinished.is_some(), Ordering::Relaxed);
        // that another database cannot finish what this one has begun is no reason not to begin
        if let Err(error) = self.write(unfinished) {
            warn!(path = %self.path.display(), %error, "the lease could not be written");
        }
    }

    /// Writes when the lease ends, for people who has it, and whose text may stand in the composer.
    fn write(&self, unfinished: Option<&Left>) -> io::Result<()> {
        let text = [self.until.unix_micros().to_string(), std::process::id().to_string()];
        let unfinished = unfinished.filter(|left| is_line(&left.store)).map(Left::lines).unwrap_or_default();
        let lines: Vec<String> = text.into_iter().chain(unfinished).collect();
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", lines.join("\n"))
    }
}

impl Left {
    /// Reads the lines behind the two of the lease itself.
    fn in_file(text: &str) -> Option<Self> {
        let mut lines = text.lines().skip(2);
        let store = lines.next()?.to_owned();
        let begun = lines.next().and_then(|line| {
            let mut words = line.splitn(3, ' ');
            let task = words.next()?.parse().ok()?;
            let group = words.next().and_then(|group| group.parse().ok());
            let stood = group.zip(words.next()).map(|(group, mark)| Stood { mark: mark.to_owned(), group });
            Some(Begun { task, stood })
        });
        Some(Self { store, begun })
    }

    fn lines(&self) -> Vec<String> {
        let begun = self.begun.as_ref().map(|begun| match &begun.stood {
            Some(Stood { mark, group }) => format!("{} {group} {mark}", begun.task),
            None => begun.task.to_string(),
        });
        [self.store.clone()].into_iter().chain(begun).collect()
    }
}

impl Drop for FileLease {
    fn drop(&mut self) {
        // one that was set aside is another's by now
        if !self.unfinished.load(Ordering::Relaxed) && is_at(&self.file, &self.path) {
            let _nothing_is_lost = fs::remove_file(&self.path);
        }
    }
}

/// Tells whether the name of a store can be a line of a file.
fn is_line(store: &str) -> bool {
    !store.is_empty() && !store.contains(['\n', '\r'])
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

    fn leases(folder: &tempfile::TempDir, store: &str) -> FileLeases {
        FileLeases::below(folder.path().join("leases"), store.to_owned())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_micros(seconds * 1_000_000)
    }

    #[test]
    fn one_holder_has_a_pane_and_the_next_as_soon_as_it_lets_go() {
        let folder = tempfile::tempdir().expect("a folder");
        let leases = ["one", "two"].map(|store| leases(&folder, store));
        let held = leases[0].take(&pane("%1"), at(0), at(60)).expect("an answer").expect("a lease");
        assert!(leases[1].take(&pane("%1"), at(59), at(90)).expect("an answer").is_none());
        assert!(leases[1].take(&pane("%2"), at(59), at(90)).expect("an answer").is_some());
        drop(held);
        assert!(leases[1].take(&pane("%1"), at(1), at(60)).expect("an answer").is_some());
        assert_eq!(fs::read_dir(folder.path().join("leases")).expect("the folder").count(), 0, "nothing is left");
    }

    #[test]
    fn what_a_process_leaves_unfinished_is_known_to_the_next_ones_until_one_has_finished_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, two] = ["/data/one.db", "/data/two.db"].map(|store| leases(&folder, store));
        let take = |leases: &FileLeases| leases.take(&pane("%1"), at(0), at(60)).expect("an answer").expect("a lease");
        let typed =
            Begun { task: "12".parse().expect("an id"), stood: Some(Stood { mark: "k7qp2x".to_owned(), group: 7 }) };
        let begun = take(&one);
        assert_eq!((begun.left_by(), begun.begun()), (None, None));
        begun.begin(&typed);
        // as it is when its process is killed
        drop(begun);
        for _ in 0..2 {
            let other = take(&two);
            assert_eq!((other.left_by(), other.begun()), (Some("/data/one.db"), None));
            other.begin(&typed);
            other.undo();
        }
        let own = take(&one);
        assert_eq!((own.left_by(), own.begun()), (None, Some(&typed)), "its own ledger knows");
        own.finish();
        drop(own);
        assert_eq!(take(&two).left_by(), None);
        assert_eq!(fs::read_dir(folder.path().join("leases")).expect("the folder").count(), 0, "nothing is left");
        let odd = leases(&folder, "/data/a\nb.db");
        take(&odd).begin(&typed);
        assert_eq!(take(&two).left_by(), None, "a name that cannot be written is not guessed");
    }

    #[test]
    fn the_stores_of_a_panes_agents_are_known_to_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, two] = ["/data/one.db", "/data/two.db"].map(|store| leases(&folder, store));
        let take =
            |leases: &FileLeases, id| leases.take(&pane(id), at(0), at(60)).expect("an answer").expect("a lease");
        for _ in 0..2 {
            take(&one, "%1").add_store().expect("it is noted");
        }
        assert_eq!(take(&one, "%1").other_stores(), Vec::<String>::new());
        assert_eq!(take(&two, "%1").other_stores(), ["/data/one.db"]);
        assert_eq!(take(&two, "%2").other_stores(), Vec::<String>::new());
    }

    #[test]
    fn a_holder_that_was_stopped_keeps_nobody_out_for_longer_than_its_lease() {
        let folder = tempfile::tempdir().expect("a folder");
        let leases = leases(&folder, "one");
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
        let refused =
            FileLeases::below(open, "one".to_owned()).take(&pane("%1"), at(0), at(60)).expect_err("it is open");
        assert!(refused.contains("no other user can enter"), "{refused}");
    }
}
