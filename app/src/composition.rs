//! The one place that decides which adapter stands behind which port.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cafleet_adapters::launcher::{Claude, Codex, Opencode};
use cafleet_adapters::pty::daemon::{self, DaemonOptions};
use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_adapters::routing::{RoutedMultiplexer, RoutedWatcher};
use cafleet_adapters::screens;
use cafleet_adapters::sqlite::{SqliteOptions, SqliteStorage, Synchronous as SqliteSynchronous};
use cafleet_adapters::system::{FileLeases, RandomMarks, SystemClock};
use cafleet_adapters::tmux::{self, TmuxMultiplexer, TmuxOptions};
use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{Broker, Options, Ports};
use cafleet_domain::placement::MultiplexerKind;
use cafleet_domain::ports::storage::ViewStore;
use cafleet_domain::ports::{
    BackendLauncher, ChangeFeed, Clock, Maintenance, Multiplexer, OtherStores, PaneHost, PaneWatcher, Storage,
    StorageError, TerminalDaemon,
};
use cafleet_domain::program::{Program, Programs};
use cafleet_domain::screen::ScreenSource;
use cafleet_domain::viewer::Viewer;

use crate::env_vars;
use crate::other_databases::OtherDatabases;
use crate::settings::{Settings, Synchronous};

pub use cafleet_adapters::launcher::LauncherOptions;
// No port stands before these: they are libraries of their own, with one implementation.
pub(crate) use cafleet_adapters::system::{ConnectionOwner, ConnectionOwners};
pub(crate) use cafleet_adapters::terminal::Mirror;

/// How often a process looks for changes that waits for them all day.
const WATCH_PAUSE: Duration = Duration::from_millis(25);

/// A coding agent program, for [`main_with`](crate::main_with).
pub struct CodingAgent {
    /// What is known of it.
    pub program: Program,
    /// Makes what starts it.
    pub launcher: fn(LauncherOptions) -> Arc<dyn BackendLauncher>,
}

/// What this process was given beside the programs that CAFleet knows by itself. The command line names them all, so they are known
/// before anything else.
static ADDED: OnceLock<Vec<CodingAgent>> = OnceLock::new();

/// Makes further programs known; later calls add nothing.
///
/// # Panics
/// When one has the name of another.
pub(crate) fn add_agents(agents: Vec<CodingAgent>) {
    let added = agents.iter().map(|agent| agent.program.backend);
    let names: BTreeSet<Backend> = Backend::BUILT_IN.into_iter().chain(added).collect();
    assert_eq!(names.len(), Backend::BUILT_IN.len() + agents.len(), "each coding agent has a name of its own");
    let _known_already = ADDED.set(agents);
}

fn added_agents() -> &'static [CodingAgent] {
    ADDED.get().map_or(&[], Vec::as_slice)
}

/// Returns what is known of all programs, with the built-in patterns.
pub(crate) fn programs() -> &'static Arc<Programs> {
    static PROGRAMS: OnceLock<Arc<Programs>> = OnceLock::new();
    PROGRAMS.get_or_init(|| Arc::new(Programs::with(added_agents().iter().map(|agent| agent.program.clone()))))
}

/// The adapters of this process.
pub(crate) struct Adapters {
    pub(crate) store: Arc<dyn Storage>,
    /// What others change in the store.
    pub(crate) changes: Arc<dyn ChangeFeed>,
    pub(crate) maintenance: Arc<dyn Maintenance>,
    pub(crate) multiplexer: Arc<dyn Multiplexer>,
    pub(crate) tmux: Arc<dyn PaneHost>,
    /// The embedded terminals.
    pub(crate) embedded: Arc<dyn PaneHost>,
    /// What owns the embedded terminals.
    pub(crate) daemon: Arc<dyn TerminalDaemon>,
    /// Shows the panes of both multiplexers.
    pub(crate) watcher: Arc<dyn PaneWatcher>,
    pub(crate) launchers: Vec<Arc<dyn BackendLauncher>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) programs: Arc<Programs>,
    pub(crate) screens: ScreenSource,
    views: Arc<dyn ViewStore>,
}

impl Adapters {
    /// Makes the adapters; nothing is opened and nothing runs until they are used.
    ///
    /// # Errors
    /// When the database's place makes no sense.
    pub(crate) fn new(settings: &Settings) -> Result<Self, StorageError> {
        Ok(Self::on(settings, storage(settings)?))
    }

    /// As [`Adapters::new`], for a process that waits for changes as long as it runs: it looks less often, and still
    /// notices a commit in much less than a tenth of a second.
    pub(crate) fn watching(settings: &Settings) -> Result<Self, StorageError> {
        Ok(Self::on(settings, storage(settings)?.looking_every(WATCH_PAUSE)))
    }

    fn on(settings: &Settings, storage: SqliteStorage) -> Self {
        let data = storage.path().parent().map_or_else(PathBuf::new, PathBuf::from);
        let runtime = settings.runtime_directory.clone().unwrap_or_else(|| data.clone());
        let pty = Arc::new(PtyMultiplexer::new(pty_options(settings, &runtime, storage.path())));
        let tmux = Arc::new(tmux_of(settings, storage.path()));
        let storage = Arc::new(storage);
        let screens = screens::load(&settings.config_directory().join("screens.toml"), programs());
        Self {
            store: Arc::clone(&storage) as _,
            changes: Arc::clone(&storage) as _,
            maintenance: Arc::clone(&storage) as _,
            views: storage,
            multiplexer: Arc::new(multiplexer(settings, Arc::clone(&tmux), Arc::clone(&pty))),
            watcher: Arc::new(RoutedWatcher::new(Arc::clone(&tmux) as _, Arc::clone(&pty) as _)),
            tmux,
            embedded: Arc::clone(&pty) as _,
            daemon: pty,
            launchers: launchers(settings, writable(data, runtime)),
            clock: clock(),
            programs: screens.programs,
            screens: screens.source,
        }
    }

    /// Returns the launcher of a backend.
    pub(crate) fn launcher(&self, backend: Backend) -> Option<&dyn BackendLauncher> {
        self.launchers.iter().find(|launcher| launcher.backend() == backend).map(AsRef::as_ref)
    }

    /// Puts the use cases of those who only look on the adapters.
    pub(crate) fn viewer(&self) -> Viewer {
        let (store, feed) = (Arc::clone(&self.views), Arc::clone(&self.changes));
        let multiplexer = Arc::clone(&self.multiplexer);
        Viewer::new(store, feed, multiplexer, Arc::clone(&self.clock), Arc::clone(&self.programs))
    }

    /// Puts the use cases on the adapters.
    pub(crate) fn broker(&self, settings: &Settings) -> Broker {
        let settings_of = settings.clone();
        // it reaches no further ones
        let open = move |path: &str| {
            let settings = Settings { database_url: database_place(path), ..settings_of.clone() };
            Self::new(&settings).map(|adapters| adapters.broker_with(&settings, None))
        };
        self.broker_with(settings, Some(Arc::new(OtherDatabases::new(Box::new(open)))))
    }

    fn broker_with(&self, settings: &Settings, other_stores: Option<Arc<dyn OtherStores>>) -> Broker {
        let ports = Ports {
            storage: Arc::clone(&self.store),
            changes: Arc::clone(&self.changes),
            multiplexer: Arc::clone(&self.multiplexer),
            launchers: self.launchers.clone(),
            clock: Arc::clone(&self.clock),
            marks: Arc::new(RandomMarks),
            leases: Arc::new(FileLeases::of_user(self.maintenance.location())),
            other_stores,
        };
        let options = Options {
            max_text_len: settings.max_text_len,
            loop_limits: settings.loop_limits,
            programs: Arc::clone(&self.programs),
        };
        Broker::new(&ports, &options)
    }
}

/// Returns the system's clock.
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Becomes the program in a file, as [`tmux::exec_file`] does; returns only why not.
pub(crate) fn exec_file(file: &Path) -> io::Error {
    tmux::exec_file(file)
}

/// Owns the embedded terminals until it ends.
///
/// # Errors
/// As [`daemon::run`].
pub(crate) fn own_terminals(directory: PathBuf, idle: Duration, resume: bool) -> io::Result<()> {
    daemon::run(&DaemonOptions { directory, idle, resume })
}

/// Returns the directories of database and sockets, which may be one.
fn writable(data: PathBuf, runtime: PathBuf) -> Vec<PathBuf> {
    if runtime.starts_with(&data) { vec![data] } else { vec![data, runtime] }
}

fn launchers(settings: &Settings, writable: Vec<PathBuf>) -> Vec<Arc<dyn BackendLauncher>> {
    let options = LauncherOptions {
        search_path: settings.path.clone(),
        home: settings.home.clone(),
        writable,
        claude_config_dir: settings.claude_config_dir.clone(),
        codex_home: settings.codex_home.clone(),
        opencode_config_dir: settings.opencode_config_dir.clone(),
        config_home: settings.xdg_config_home.clone(),
    };
    let mut launchers: Vec<Arc<dyn BackendLauncher>> = vec![
        Arc::new(Claude::new(options.clone())),
        Arc::new(Codex::new(options.clone())),
        Arc::new(Opencode::new(options.clone())),
    ];
    launchers.extend(added_agents().iter().map(|agent| (agent.launcher)(options.clone())));
    launchers
}

/// Puts the multiplexers behind one port. Whoever started tmux inside of an embedded terminal is inside of tmux.
fn multiplexer(settings: &Settings, tmux: Arc<TmuxMultiplexer>, pty: Arc<PtyMultiplexer>) -> RoutedMultiplexer {
    let here = if settings.tmux.is_some() { MultiplexerKind::Tmux } else { MultiplexerKind::Pty };
    let starts = settings.multiplexer.unwrap_or(MultiplexerKind::Pty);
    RoutedMultiplexer::new(tmux, pty, settings.multiplexer.unwrap_or(here), starts)
}

/// Returns the variables by which programs in new panes find this database and these sockets, whatever their surroundings say.
fn place_variables(settings: &Settings, database: &Path) -> Vec<(String, String)> {
    let database = (env_vars::DATABASE_URL.name.to_owned(), database_place(&database.display().to_string()));
    let runtime = settings.runtime_directory.as_ref();
    let runtime = runtime.map(|path| (env_vars::RUNTIME_DIR.name.to_owned(), path.display().to_string()));
    [database].into_iter().chain(runtime).collect()
}

/// Returns the setting that names the database at `path`.
pub(crate) fn database_place(path: &str) -> String {
    // a plain path may hold a `?`, a URL may hold `://` behind its own
    if path.contains("://") { format!("sqlite://{path}") } else { path.to_owned() }
}

fn tmux_of(settings: &Settings, database: &Path) -> TmuxMultiplexer {
    TmuxMultiplexer::new(TmuxOptions {
        program: "tmux".to_owned(),
        tmux_env: settings.tmux.clone(),
        tmux_pane_env: settings.tmux_pane.clone(),
        exec_helper: vec![settings.own_binary.display().to_string(), "exec-file".to_owned()],
        environment: place_variables(settings, database),
    })
}

/// The daemon of the embedded terminals belongs to the runtime directory.
fn pty_options(settings: &Settings, runtime: &Path, database: &Path) -> PtyOptions {
    let mut environment = settings.pane_environment.clone();
    let place = place_variables(settings, database);
    environment.retain(|(name, _)| place.iter().all(|(of_place, _)| name != of_place));
    environment.extend(place);
    PtyOptions {
        directory: runtime.join("pty"),
        daemon: vec![settings.own_binary.display().to_string(), "pty-daemon".to_owned()],
        daemon_environment: daemon_environment(settings),
        pane_env: settings.pane.clone(),
        environment,
    }
}

/// Returns what tells the daemon where to write its log, and what of it.
fn daemon_environment(settings: &Settings) -> Vec<(String, String)> {
    let place = ("XDG_STATE_HOME".to_owned(), settings.state_home().display().to_string());
    let filter = settings.log.clone().map(|filter| (env_vars::LOG.name.to_owned(), filter));
    [place].into_iter().chain(filter).collect()
}

fn storage(settings: &Settings) -> Result<SqliteStorage, StorageError> {
    SqliteStorage::new(&SqliteOptions {
        database: settings.database_url.clone(),
        synchronous: match settings.synchronous {
            Synchronous::Normal => SqliteSynchronous::Normal,
            Synchronous::Full => SqliteSynchronous::Full,
        },
    })
}
