//! `cafleet server`: the API, its document, and the page, for people on this machine.
//!
//! A request goes through [`guard`], to a resource, to a use case of [`cafleet_domain::viewer`] or
//! [`cafleet_domain::broker`], and back as JSON. No resource keeps anything: what is shown is in the database, but for
//! what [`looker`] saw in the panes a moment ago.

mod agent_objects;
mod agents;
mod assets;
mod body;
mod connections;
mod docs;
mod error;
mod event_objects;
mod event_stream;
mod events;
mod fleet_objects;
mod fleets;
mod guard;
mod hub;
mod looker;
mod message_objects;
mod messages;
mod methods;
mod monitor;
mod monitor_objects;
mod pane_failures;
mod pane_objects;
mod pane_stream;
mod panes;
mod public_url;
mod recipient;
mod socket;
mod source;
mod timeline;
mod tokens;

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::id::{AgentId, FleetId, TaskId};
use cafleet_domain::ports::Clock;
use poem::{Endpoint, EndpointExt, Route, Server};
use poem_openapi::Tags;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::composition;
use crate::printer::Printer;
use crate::settings::Settings;
use connections::Connections;
use error::Failure;
use guard::{Guard, Names};
use hub::Hub;
use looker::Looker;
use methods::Methods;
pub(crate) use public_url::PublicUrl;
use source::{Opened, Source};
use tokens::Tokens;

/// A time as the API writes it.
const EXAMPLE_TIME: &str = "2026-04-15T10:00:00.123456+00:00";

/// How long requests and doorbells that are under way may take when the server ends.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

/// What the resources are about.
#[derive(Tags)]
enum Tag {
    /// Groups of agents, isolated from each other
    Fleets,
    /// Who sends and receives
    Agents,
    /// What they write to each other
    Messages,
    /// Who is woken when
    Monitor,
    /// What happens, as it happens
    Events,
    /// Their terminals, live
    Panes,
}

/// All resources.
type Api = (
    fleets::FleetsApi,
    agents::AgentsApi,
    messages::MessagesApi,
    timeline::TimelineApi,
    monitor::MonitorApi,
    events::EventsApi,
    panes::PanesApi,
);

/// What the resources share.
struct Shared {
    source: Source,
    clock: Arc<dyn Clock>,
    hub: Hub,
    looker: Looker,
    tokens: Tokens,
    /// Tells WebSockets that the server ends; it knows when the last of them is gone.
    streams: watch::Sender<()>,
    ringing: Mutex<JoinSet<()>>,
}

impl Shared {
    fn new(settings: Settings) -> Result<Arc<Self>, BrokerError> {
        Ok(Arc::new(Self {
            source: Source::new(settings)?,
            clock: composition::clock(),
            hub: Hub::new(),
            looker: Looker::default(),
            tokens: Tokens::default(),
            streams: watch::channel(()).0,
            ringing: Mutex::default(),
        }))
    }

    /// Commits a message, and rings its recipients in the background: whoever sent it may leave, the bells ring on.
    async fn post(
        &self,
        opened: Arc<Opened>,
        fleet: FleetId,
        from: AgentId,
        to: Option<AgentId>,
        text: String,
    ) -> Result<TaskId, BrokerError> {
        let posted = opened.broker.mailbox.post(fleet, from, to, text).await?;
        let task = posted.task.id;
        let mut ringing = self.ringing.lock().unwrap_or_else(PoisonError::into_inner);
        while ringing.try_join_next().is_some() {}
        ringing.spawn(async move { drop(opened.broker.mailbox.ring_posted(&posted).await) });
        Ok(task)
    }

    /// Waits for the doorbells that are being rung. One that is cut short is owed, and its claim ends by itself.
    async fn stop_ringing(&self) {
        let mut ringing = std::mem::take(&mut *self.ringing.lock().unwrap_or_else(PoisonError::into_inner));
        let done = async { while ringing.join_next().await.is_some() {} };
        let _too_late = tokio::time::timeout(LAST_REQUESTS, done).await;
    }
}

/// Returns the fleet that a request names. No fleet has a number below 1.
fn fleet_id(id: i64) -> Result<FleetId, Failure> {
    FleetId::try_from(id).map_err(|_| Failure::not_found("Fleet not found"))
}

/// Returns the agent that a request names. No agent has a number below 1.
fn agent_id(id: i64) -> Result<AgentId, Failure> {
    AgentId::try_from(id).map_err(|_| Failure::not_found("Agent not found"))
}

fn service(shared: &Arc<Shared>) -> poem_openapi::OpenApiService<Api, ()> {
    let shared = || Arc::clone(shared);
    docs::named((
        fleets::FleetsApi(shared()),
        agents::AgentsApi(shared()),
        messages::MessagesApi(shared()),
        timeline::TimelineApi(shared()),
        monitor::MonitorApi(shared()),
        events::EventsApi(shared()),
        panes::PanesApi(shared()),
    ))
}

fn routes(shared: &Arc<Shared>, called: Called) -> impl Endpoint + use<> {
    let service = service(shared);
    let document = docs::document(&service);
    let folder = called.public.as_ref().map(|public| public.path().to_owned()).unwrap_or_default();
    let page = poem::endpoint::make(move |request| {
        let folder = folder.clone();
        async move { assets::serve(&request, &folder).await }
    });
    let guard = Guard { names: called.names(), public: called.public, methods: Methods::of(&document) };
    Route::new()
        .nest("/docs", docs::explorer(&service))
        .at("/openapi.json", poem::get(docs::document_endpoint(docs::text(&document))))
        .nest_no_strip("/api", service)
        .at("/*path", page)
        .catch_all_error(error::as_json)
        .with(guard)
}

/// How browsers call the server.
#[derive(Debug)]
pub(crate) struct Called {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Further names.
    pub(crate) allowed: Vec<String>,
    /// Where a proxy gives access to it.
    pub(crate) public: Option<PublicUrl>,
}

impl Called {
    fn names(&self) -> Names {
        Names::new(self.address, &self.allowed, self.public.as_ref())
    }
}

/// A server that has found its database.
pub(crate) struct Ready(Arc<Shared>);

impl Ready {
    /// Opens the database; creates it where there is none.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(crate) async fn open(settings: Settings) -> Result<Self, BrokerError> {
        let shared = Shared::new(settings)?;
        shared.source.opened().await?;
        Ok(Self(shared))
    }

    /// Answers requests until `signal` is ready, then closes in order.
    ///
    /// # Errors
    /// When the socket cannot be listened on.
    pub(crate) async fn serve(
        self,
        listener: TcpListener,
        called: Called,
        printer: Printer,
        signal: impl Future<Output = ()>,
    ) -> std::io::Result<()> {
        let Self(shared) = self;
        listener.set_nonblocking(true)?;
        let server = Server::new_with_acceptor(Connections::new(listener, printer)?);
        let ended = async {
            signal.await;
            shared.hub.end();
            let _nobody_watches = shared.streams.send(());
        };
        let app = routes(&shared, called);
        let served = server.run_with_graceful_shutdown(app, ended, Some(LAST_REQUESTS)).await;
        let _too_late = tokio::time::timeout(LAST_REQUESTS, shared.streams.closed()).await;
        shared.stop_ringing().await;
        shared.source.close().await;
        served
    }
}

/// Returns the document of the API, as `/openapi.json` serves it and `openapi/openapi.json` keeps it.
#[must_use]
pub fn openapi_document() -> String {
    // Nothing is opened to describe the resources.
    let settings = Settings { database_url: "sqlite:///nowhere".to_owned(), ..Settings::default() };
    Shared::new(settings).map(|shared| docs::text(&docs::document(&service(&shared)))).unwrap_or_default()
}
