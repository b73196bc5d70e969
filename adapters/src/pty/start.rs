//! Where the daemon lives, and how it is started: by whoever needs it first, and only once.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use cafleet_domain::ports::MultiplexerError;
use rustix::fs::{FlockOperation, flock};
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::client::{Connected, Found, NAME, connect};
use super::{COME_BACK, PtyOptions, process_table};

/// The longest path of a socket (sun_path, unix(7)), less the NUL that ends it.
const LONGEST_SOCKET: usize = 107;

/// The file that a daemon has locked as long as it lives.
const LIFE_LOCK: &str = "alive";

/// How often it is looked whether the lock is free or the daemon answers.
const LOOK_AGAIN: Duration = Duration::from_millis(3);

/// Returns the path of the socket in the daemon's directory.
pub(super) fn socket_path(directory: &Path) -> PathBuf {
    directory.join("socket")
}

/// Takes the lock under which a daemon is started or ends; none when somebody else has it.
pub(super) fn lock_at_once(directory: &Path) -> Option<File> {
    lock(&directory.join("lock"))
}

/// Takes the lock that a daemon holds as long as it lives; none when one lives, or somebody asks whether one does.
pub(super) fn lock_for_life(directory: &Path) -> Option<File> {
    lock(&directory.join(LIFE_LOCK))
}

/// Returns `true` if a lock for life is the one that others look at: it is not when its file or directory has been removed.
pub(super) fn is_in_place(life: &File, directory: &Path) -> bool {
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    let found = fs::symlink_metadata(directory.join(LIFE_LOCK)).map(identity).ok();
    found.is_some() && found == life.metadata().map(identity).ok()
}

/// Returns `true` if a daemon lives, also one whose directory has been removed, as far as that can be told from here.
pub(super) fn is_alive(directory: &Path) -> bool {
    match File::open(directory.join(LIFE_LOCK)) {
        // several may ask at once, and none is in the way of another
        Ok(file) => flock(&file, FlockOperation::NonBlockingLockShared).is_err(),
        Err(_) => process_table::daemon(directory).is_some(),
    }
}

/// Says of a daemon that lives that nobody can reach it.
pub(super) fn unreachable(directory: &Path) -> MultiplexerError {
    let socket = socket_path(directory);
    let (process, way_out) = match process_table::daemon(directory) {
        Some(pid) => (format!(" (process {pid})"), format!("; 'kill {pid}' ends it with its panes")),
        None => (String::new(), String::new()),
    };
    MultiplexerError::Unreachable(format!(
        "{NAME}{process} runs, but does not answer at its socket {}; it creates the socket again within a second if it can \
         create a private directory there{way_out}",
        socket.display()
    ))
}

fn lock(path: &Path) -> Option<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).ok()?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok().then_some(file)
}

/// Connects to the daemon, and starts it where none answers. Of several that start one at the same time, one does.
///
/// # Errors
/// When the directory is not ours alone, or the daemon does not start.
pub(super) async fn connect_or_start(options: &PtyOptions) -> Result<Connected, MultiplexerError> {
    let failed = |reason: String| MultiplexerError::Failed(reason);
    prepare(&options.directory).map_err(failed)?;
    let socket = socket_path(&options.directory);
    let lock = loop {
        match lock_at_once(&options.directory) {
            Some(lock) => break lock,
            None => sleep(LOOK_AGAIN).await,
        }
    };
    let begin = Instant::now();
    loop {
        match connect(&socket).await? {
            Found::Daemon(connected) => return Ok(connected),
            Found::Nobody if !is_alive(&options.directory) => break,
            Found::Nobody if begin.elapsed() > COME_BACK => return Err(unreachable(&options.directory)),
            // one runs: it is about to answer, to make its socket again, or to end
            Found::Nobody | Found::Silence => sleep(LOOK_AGAIN).await,
        }
    }
    let mut daemon =
        launch(options, &socket).map_err(|error| failed(format!("the terminal daemon cannot be started: {error}")))?;
    loop {
        if let Found::Daemon(connected) = connect(&socket).await? {
            drop(lock);
            return Ok(connected);
        }
        // it gives way to one that had its directory back first, and answers soon
        if let Ok(Some(status)) = daemon.try_wait()
            && !is_alive(&options.directory)
        {
            let log = options.directory.join("log");
            return Err(failed(format!("the terminal daemon ended at once ({status}); see {}", log.display())));
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// Makes the directory and those above it.
fn prepare(directory: &Path) -> Result<(), String> {
    let shown = directory.display();
    if socket_path(directory).as_os_str().len() > LONGEST_SOCKET {
        return Err(format!("the path {shown} is too long for a socket; set CAFLEET_RUNTIME_DIR to a shorter one"));
    }
    if let Some(parent) = directory.parent() {
        fs::create_dir_all(parent).map_err(|error| format!("cannot make {}: {error}", parent.display()))?;
    }
    make(directory)
}

/// Makes the directory, readable by its owner alone, or checks that it is that.
pub(super) fn make(directory: &Path) -> Result<(), String> {
    let shown = directory.display();
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(format!("cannot make {shown}: {error}"));
        }
        _ => {}
    }
    let found = fs::symlink_metadata(directory).map_err(|error| format!("cannot look at {shown}: {error}"))?;
    let is_ours = found.is_dir() && found.uid() == rustix::process::getuid().as_raw() && found.mode() & 0o077 == 0;
    if is_ours { Ok(()) } else { Err(format!("{shown} must be a directory of yours that no other user can enter")) }
}

fn launch(options: &PtyOptions, socket: &Path) -> io::Result<tokio::process::Child> {
    // under the lock, so nobody listens there any more
    match fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(options.directory.join("log"))?;
    // a lock in a descriptor that we have inherited would be held as long as the daemon lives
    close_fds::set_fds_cloexec_threadsafe(3, &[]);
    let (program, arguments) = options.daemon.split_first().ok_or(io::ErrorKind::NotFound)?;
    Command::new(program)
        .args(arguments)
        .arg("--directory")
        .arg(&options.directory)
        .env_clear()
        .envs(options.daemon_environment.iter().map(|(name, value)| (name, value)))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
}
