//! A terminal daemon of the test's own.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{MultiplexerError, PaneHost, PaneIo, SpawnRequest, StartRequest};
use rustix::process::Pid;
use tempfile::TempDir;

use crate::embedded::{self, end_daemon};
use crate::environment::pause;
use crate::hands::Hands;
use crate::private_tmux::binary;

/// How long a test waits for something that it expects to see.
const PATIENCE: Duration = Duration::from_secs(10);

/// A private daemon: its socket, home and files are in a directory of its own, and it ends with the value.
#[derive(Debug)]
pub struct PrivatePty {
    directory: TempDir,
    director: Pane,
}

impl PrivatePty {
    /// Starts a daemon with one pane, in which `cat` runs.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let directory = tempfile::Builder::new().prefix("cafleet-pty-").tempdir().expect("a temporary directory");
        let options = options(directory.path());
        let director = PtyMultiplexer::new(options).start(&request(directory.path(), &["/bin/cat"])).await;
        Self { director: director.expect("the daemon starts"), directory }
    }

    /// Returns the first pane that there was.
    #[must_use]
    pub fn director(&self) -> Pane {
        self.director.clone()
    }

    /// Returns what an adapter in the first pane would be told.
    #[must_use]
    pub fn options(&self) -> PtyOptions {
        let Pane { id, server, .. } = &self.director;
        PtyOptions { pane_env: Some(format!("{id},{server}")), ..options(self.directory()) }
    }

    /// Returns the adapter as if it ran in the first pane.
    #[must_use]
    pub fn multiplexer(&self) -> PtyMultiplexer {
        PtyMultiplexer::new(self.options())
    }

    /// Opens a pane beside no other, in a daemon that is started where none runs.
    ///
    /// # Panics
    /// When it does not open.
    pub fn open(&self, argv: &[&str]) -> Pane {
        let request = request(self.directory(), argv);
        wait(async { self.multiplexer().start(&request).await }).expect("a pane")
    }

    /// Ends the daemon that runs now and waits until it is gone.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(&self) {
        assert!(end_daemon(&self.file("pty")), "the daemon goes on");
    }

    /// Returns the daemon that runs now.
    #[must_use]
    pub fn daemon(&self) -> Option<Pid> {
        embedded::daemon(&self.file("pty"))
    }

    /// Returns a pane of the daemon that runs now, by its name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn pane(&self, id: &str) -> Pane {
        let port = self.multiplexer();
        let any = self.open(&["/bin/cat"]);
        let panes = wait(async { port.list(&any).await }).expect("panes");
        wait(async { port.kill(&any).await }).expect("it closes");
        let found = panes.into_iter().find(|tagged| tagged.pane.id.as_str() == id);
        found.unwrap_or_else(|| panic!("there is no pane {id}")).pane
    }

    /// Gives the program in a pane a line as a person would.
    ///
    /// # Panics
    /// When it cannot be typed.
    pub fn tell(&self, pane: &Pane, line: &str) {
        let port = self.multiplexer();
        wait(async { port.type_now(pane, line).await }).expect("it is typed");
        self.wait_for(pane, line);
        assert_eq!(wait(async { port.enter_where(pane, line).await }), Ok(true));
    }

    /// Returns a request for a recorder beside the first pane that writes to `name`, with further arguments.
    #[must_use]
    pub fn recorder(&self, mode: &str, name: &str, further: &[&str]) -> SpawnRequest {
        let mut argv = vec![binary("pane_recorder"), mode.to_owned(), self.file(name).display().to_string()];
        argv.extend(further.iter().map(|&word| word.to_owned()));
        let directory = self.directory().to_owned();
        SpawnRequest { beside: self.director(), argv, directory, tag: "recorder".to_owned() }
    }

    /// Returns the directory in which the test may leave files.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the path of a file in the test's directory.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }

    /// Returns the bytes that a recorder has read so far.
    #[must_use]
    pub fn recorded(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).unwrap_or_default()
    }

    /// Returns what a pane shows.
    ///
    /// # Errors
    /// As `Multiplexer::capture` says.
    pub fn screen(&self, pane: &Pane) -> Result<String, MultiplexerError> {
        let port = self.multiplexer();
        wait(async { port.capture(pane, 1_000, false).await })
    }

    /// Waits until a pane shows `text`.
    pub fn wait_for(&self, pane: &Pane, text: &str) {
        self.until(text, || self.screen(pane).is_ok_and(|screen| screen.contains(text)).then_some(()));
    }

    /// Waits until `look` finds something and returns it.
    ///
    /// # Panics
    /// When it finds nothing within ten seconds.
    pub fn until<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            pause(Duration::from_millis(10));
        }
    }
}

impl Drop for PrivatePty {
    fn drop(&mut self) {
        end_daemon(&self.file("pty"));
    }
}

/// Tells whether a process runs: one that only waits for its parent to take note of its end does not.
#[must_use]
pub fn is_running(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, fields)| !fields.starts_with(['Z', 'X']))
}

/// Returns what an adapter outside is told.
fn options(directory: &Path) -> PtyOptions {
    let environment = [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", directory.to_str().expect("UTF-8"))];
    PtyOptions {
        directory: directory.join("pty"),
        daemon: vec![binary("cafleet_under_test"), "pty-daemon".to_owned()],
        daemon_environment: Vec::new(),
        pane_env: None,
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
    }
}

fn request(directory: &Path, argv: &[&str]) -> StartRequest {
    let argv = argv.iter().map(|&word| word.to_owned()).collect();
    StartRequest { argv, directory: directory.to_owned(), tag: "director".to_owned() }
}

/// Waits for a future on a thread of its own, so that it may be called inside of a runtime too.
///
/// # Panics
/// When the future does.
pub fn wait<T: Send>(future: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(future)
        });
        waiting.join().expect("it ends")
    })
}
