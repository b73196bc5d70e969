//! A machine with a database, a multiplexer and a clock, and processes that use them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cafleet_adapters::system::RandomMarks;
use cafleet_domain::agent::Agent;
use cafleet_domain::backend::Backend;
use cafleet_domain::broker::{Broker, MemberSpec, Options, Ports};
use cafleet_domain::delivery::DeliveryStatus;
use cafleet_domain::fleet::FleetDetail;
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::ports::storage::DeliveryStore;
use cafleet_domain::ports::{BackendLauncher, Clock, Installed, Multiplexer, OtherStores, PaneLease, PaneLeases};
use cafleet_domain::timestamp::Timestamp;
use cafleet_tests::doubles::{
    AgentScreen, FakeClock, FakeLeases, FakeMultiplexer, MockBackendLauncher, SteppedMultiplexer, SteppedStorage, Steps,
};
use cafleet_tests::probe::Probe;
use cafleet_tests::storage_fixtures::at;
use cafleet_tests::temp_database::TempDatabase;

/// How many characters of a body a preview shows.
pub(crate) const MAX_TEXT_LEN: usize = 200;

/// A machine.
pub(crate) struct World {
    pub(crate) database: TempDatabase,
    pub(crate) multiplexer: FakeMultiplexer,
    pub(crate) clock: FakeClock,
    pub(crate) leases: FakeLeases,
}

/// A member with its pane.
pub(crate) struct Seat {
    pub(crate) agent: Agent,
    pub(crate) pane: String,
    pub(crate) screen: AgentScreen,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            database: TempDatabase::new(),
            multiplexer: FakeMultiplexer::inside(),
            clock: FakeClock::starting(at(0)),
            leases: FakeLeases::default(),
        }
    }

    /// Returns the same machine with a database of its own.
    pub(crate) fn with_another_database(&self) -> Self {
        let (multiplexer, clock) = (self.multiplexer.clone(), self.clock.clone());
        let database = TempDatabase::new();
        let leases = self.leases.of(&database.path().display().to_string());
        Self { database, multiplexer, clock, leases }
    }

    /// Takes the lease on a pane for a minute, as another process does.
    pub(crate) fn lease(&self, pane: &str) -> Box<dyn PaneLease> {
        let pane = self.multiplexer.pane(pane).expect("the pane is there").pane;
        let now = self.now();
        self.leases.take(&pane, now, now.after(Duration::from_secs(60))).expect("an answer").expect("a lease")
    }

    /// Starts a process.
    pub(crate) fn broker(&self) -> Broker {
        self.broker_with(&Steps::default(), launchers())
    }

    /// Starts a process each call of which is a step.
    pub(crate) fn stepped(&self, steps: &Steps) -> Broker {
        self.broker_with(steps, launchers())
    }

    pub(crate) fn broker_with(&self, steps: &Steps, launchers: Vec<Arc<dyn BackendLauncher>>) -> Broker {
        let storage = Arc::new(self.database.storage());
        let multiplexer: Arc<dyn Multiplexer> = Arc::new(self.multiplexer.clone());
        let ports = Ports {
            storage: Arc::new(SteppedStorage::new(Arc::clone(&storage) as _, steps.clone())),
            changes: storage,
            multiplexer: Arc::new(SteppedMultiplexer::new(multiplexer, steps.clone())),
            launchers,
            ..self.ports()
        };
        Broker::new(&ports, &Options::previewing(MAX_TEXT_LEN))
    }

    /// Returns the ports of a process.
    pub(crate) fn ports(&self) -> Ports {
        let storage = Arc::new(self.database.storage());
        Ports {
            storage: Arc::clone(&storage) as _,
            changes: storage,
            multiplexer: Arc::new(self.multiplexer.clone()),
            launchers: launchers(),
            clock: Arc::new(self.clock.clone()),
            marks: Arc::new(RandomMarks),
            leases: Arc::new(self.leases.clone()),
            other_stores: None,
        }
    }

    /// Starts a process that reaches the stores of other databases.
    pub(crate) fn broker_reaching(&self, other_stores: Arc<dyn OtherStores>) -> Broker {
        let ports = Ports { other_stores: Some(other_stores), ..self.ports() };
        Broker::new(&ports, &Options::previewing(MAX_TEXT_LEN))
    }

    /// Creates a fleet whose Director runs claude in pane `%0`.
    pub(crate) async fn fleet(&self) -> (FleetDetail, AgentScreen) {
        let fleet =
            self.broker().fleets.create(Some("test".to_owned()), Some(Backend::CLAUDE), true).await.expect("a fleet");
        (fleet, AgentScreen::draw(&self.multiplexer, "%0", Backend::CLAUDE))
    }

    /// Creates a member and draws its screen.
    pub(crate) async fn member(&self, fleet: &FleetDetail, name: &str, backend: Backend) -> Seat {
        let created = self.broker().members.create(fleet.fleet.id, fleet.director.id, spec(name, backend)).await;
        let (agent, placement) = created.expect("a member");
        let pane = placement.pane.expect("a pane").id.as_str().to_owned();
        let screen = AgentScreen::draw(&self.multiplexer, &pane, backend);
        Seat { agent, pane, screen }
    }

    /// Returns the present time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns what Enter has submitted in a pane.
    pub(crate) fn submitted(&self, pane: &str) -> Vec<String> {
        self.multiplexer.pane(pane).expect("the pane is there").submitted
    }

    /// Returns everything that a pane's program has read; Enter is a carriage return.
    pub(crate) fn received(&self, pane: &str) -> String {
        self.multiplexer.pane(pane).expect("the pane is there").received
    }

    pub(crate) async fn delivery(&self, task: TaskId) -> Option<DeliveryStatus> {
        let found = self.database.storage().find_delivery(task).await.expect("an answer");
        found.map(|delivery| delivery.status)
    }

    /// Returns what looks past the port of the store.
    pub(crate) fn probe(&self) -> Probe {
        Probe::of(&self.database)
    }
}

/// Runs a use case until it has an answer or its process has died.
pub(crate) async fn until_death<T>(steps: &Steps, use_case: impl Future<Output = T>) -> Option<T> {
    let death = async {
        while !steps.died() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        answer = use_case => Some(answer),
        () = death => None,
    }
}

/// Describes a member.
pub(crate) fn spec(name: &str, backend: Backend) -> MemberSpec {
    MemberSpec {
        name: name.to_owned(),
        description: format!("does what {name} does"),
        coding_agent: backend,
        model: None,
        prompt: None,
        directory: PathBuf::from("/"),
    }
}

/// Returns launchers for which everything is installed: the program, then its prompt.
pub(crate) fn launchers() -> Vec<Arc<dyn BackendLauncher>> {
    let launcher = |backend: Backend| -> Arc<dyn BackendLauncher> {
        let mut mock = MockBackendLauncher::new();
        mock.expect_backend().return_const(backend);
        mock.expect_installed().returning(|| {
            let version = Ok("7.0.0".to_owned());
            Some(Installed { program: PathBuf::from("/bin/agent"), version })
        });
        mock.expect_check().returning(|_| Ok(()));
        mock.expect_background_session().returning(|_| None);
        mock.expect_prepare()
            .returning(move |request| Ok(vec![format!("/bin/{backend}"), "--".to_owned(), request.prompt.clone()]));
        Arc::new(mock)
    };
    Backend::BUILT_IN.map(launcher).into()
}

/// Returns the ids of two numbers that nobody has.
pub(crate) fn nobody() -> (FleetId, AgentId) {
    (FleetId::try_from(999).expect("an id"), AgentId::try_from(9_999).expect("an id"))
}
