//! A real database with a fleet, with a multiplexer and a clock of the test's own, for tests of the parts of the server.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{Broker, Options, Ports};
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::{FleetId, TaskId};
use cafleet_domain::placement::MultiplexerKind;
use cafleet_domain::ports::storage::{FleetRequest, SendRequest, Sent};
use cafleet_domain::ports::{Clock, Marks, StorageError};
use cafleet_doubles::{AgentScreen, FakeClock, FakeLeases, FakeMultiplexer};
use tempfile::TempDir;
use tokio::time::timeout;

use super::source::{Handles, Source};
use crate::composition::Adapters;
use crate::settings::Settings;

/// How long a test waits for what must come.
const LIMIT: Duration = Duration::from_secs(20);

struct OneMark;

impl Marks for OneMark {
    fn fresh(&self) -> String {
        "k7qp2x".to_owned()
    }
}

/// What every process of the test's machine works with.
#[derive(Clone)]
struct Machine {
    database: PathBuf,
    multiplexer: FakeMultiplexer,
    clock: FakeClock,
}

impl Machine {
    fn adapters(&self) -> Result<Adapters, StorageError> {
        let database_url = self.database.display().to_string();
        let mut adapters = Adapters::new(&Settings { database_url, ..Settings::default() })?;
        adapters.multiplexer = Arc::new(self.multiplexer.clone());
        adapters.clock = Arc::new(self.clock.clone());
        Ok(adapters)
    }

    fn handles(&self) -> Result<Handles, StorageError> {
        let (viewer, watcher, writer) = (self.adapters()?, self.adapters()?, self.adapters()?);
        let ports = Ports {
            storage: Arc::clone(&writer.store),
            changes: Arc::clone(&writer.changes),
            multiplexer: Arc::clone(&writer.multiplexer),
            launchers: Vec::new(),
            clock: Arc::clone(&writer.clock),
            marks: Arc::new(OneMark),
            leases: Arc::new(FakeLeases::default()),
            other_stores: None,
        };
        Ok(Handles {
            viewer: viewer.viewer(),
            watcher: watcher.viewer(),
            broker: Broker::new(&ports, &Options::previewing(200)),
            panes: Arc::clone(&writer.watcher),
            stores: [viewer, watcher, writer].map(|adapters| adapters.maintenance),
        })
    }
}

/// A fleet whose Director runs claude in pane `%0`.
pub(super) struct TestFleet {
    pub(super) detail: FleetDetail,
    pub(super) multiplexer: FakeMultiplexer,
    pub(super) clock: Arc<dyn Clock>,
    /// What the Director's pane shows.
    pub(super) screen: AgentScreen,
    machine: Machine,
    connected: Arc<AtomicUsize>,
    directory: TempDir,
}

impl TestFleet {
    pub(super) async fn create() -> Self {
        let directory = TempDir::new().expect("a directory");
        let multiplexer = FakeMultiplexer::inside();
        let clock = FakeClock::starting("2026-04-15T10:00:00.123456+00:00".parse().expect("a time"));
        let database = directory.path().join("cafleet.db");
        let machine = Machine { database, multiplexer: multiplexer.clone(), clock: clock.clone() };
        let request = FleetRequest {
            label: Some("test".to_owned()),
            coding_agent: Backend::CLAUDE,
            multiplexer: MultiplexerKind::Tmux,
            pane: multiplexer.pane("%0").map(|pane| pane.pane),
            now: clock.now(),
        };
        let detail = machine.adapters().expect("adapters").store.create_fleet(&request).await.expect("a fleet");
        let screen = AgentScreen::draw(&multiplexer, "%0", Backend::CLAUDE);
        Self { detail, multiplexer, clock: Arc::new(clock), screen, machine, connected: Arc::default(), directory }
    }

    pub(super) fn id(&self) -> FleetId {
        self.detail.fleet.id
    }

    /// Returns a path beside the database.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Makes the adapters of another process.
    pub(super) fn adapters(&self) -> Adapters {
        self.machine.adapters().expect("adapters")
    }

    /// Returns the way to the database.
    pub(super) fn source(&self) -> Arc<Source> {
        let (machine, connected) = (self.machine.clone(), Arc::clone(&self.connected));
        let connect = move || {
            connected.fetch_add(1, Ordering::Relaxed);
            machine.handles()
        };
        let Adapters { maintenance, changes, .. } = self.adapters();
        Arc::new(Source::new(maintenance, changes, Box::new(connect)))
    }

    /// Returns how often the ways to the database have connected.
    pub(super) fn connected(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }

    /// Sends a message from the Director to the Administrator, as another process.
    pub(super) async fn send(&self, text: &str) -> TaskId {
        let request = SendRequest {
            fleet: self.id(),
            from: self.detail.director.id,
            to: self.detail.administrator,
            text: text.to_owned(),
            is_notice: false,
            now: self.clock.now(),
        };
        match self.adapters().store.send(&request).await.expect("an answer") {
            Sent::Stored(stored) => stored.task.id,
            refused => panic!("{refused:?}"),
        }
    }
}

/// Waits for what must come.
pub(super) async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    timeout(LIMIT, coming).await.unwrap_or_else(|_| panic!("{what} did not come within {LIMIT:?}"))
}

/// Waits until something is so.
pub(super) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waited = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    soon(what, waited).await;
}
