//! `cafleet server`: the API, its document, and the page, for people on this machine.
//!
//! A request goes through [`guard`], to a resource, to a use case of [`cafleet_domain::viewer`] or
//! [`cafleet_domain::broker`], and back as JSON. No resource keeps anything: what is shown is in the database, but for
//! what [`pane_state_poller`] saw in the panes a moment ago.

mod agent_objects;
mod agents;
mod assets;
mod body;
mod connections;
mod docs;
mod error;
mod event_maker;
mod event_objects;
mod event_stream;
mod events;
mod fleet_objects;
mod fleets;
mod guard;
mod hub;
mod message_objects;
mod messages;
mod methods;
mod monitor;
mod monitor_objects;
mod pane_failures;
mod pane_objects;
mod pane_state_poller;
mod pane_stream;
mod panes;
mod parts;
mod posting;
mod public_url;
mod recipient;
mod seen_panes;
mod socket;
mod source;
#[cfg(test)]
mod test_fleet;
mod timeline;
mod tokens;

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use cafleet_domain::broker::BrokerError;
use cafleet_domain::id::{AgentId, FleetId};
use poem::{Endpoint, EndpointExt, Route, Server};
use poem_openapi::Tags;

use crate::error::words;
use crate::printer::Printer;
use crate::settings::Settings;
use connections::Connections;
use error::Failure;
use guard::{Guard, Names};
use methods::Methods;
use parts::Parts;
pub(crate) use public_url::PublicUrl;

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

/// Returns the fleet that a request names. No fleet has a number below 1.
fn fleet_id(id: i64) -> Result<FleetId, Failure> {
    FleetId::try_from(id).map_err(|_| Failure::not_found(words::NO_FLEET))
}

/// Returns the agent that a request names. No agent has a number below 1.
fn agent_id(id: i64) -> Result<AgentId, Failure> {
    AgentId::try_from(id).map_err(|_| Failure::not_found(words::NO_AGENT))
}

fn routes(parts: &Parts, called: Called) -> impl Endpoint + use<> {
    let service = parts.service();
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
pub(crate) struct Ready(Parts);

impl Ready {
    /// Opens the database; creates it where there is none.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(crate) async fn open(settings: Settings) -> Result<Self, BrokerError> {
        let parts = Parts::new(settings)?;
        parts.source.opened().await?;
        Ok(Self(parts))
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
        let Self(parts) = self;
        listener.set_nonblocking(true)?;
        let server = Server::new_with_acceptor(Connections::new(listener, printer)?);
        let ended = async {
            signal.await;
            parts.hub.end();
            let _nobody_watches = parts.streams.send(());
        };
        let app = routes(&parts, called);
        let served = server.run_with_graceful_shutdown(app, ended, Some(LAST_REQUESTS)).await;
        let _too_late = tokio::time::timeout(LAST_REQUESTS, parts.streams.closed()).await;
        parts.posting.finish(LAST_REQUESTS).await;
        parts.source.close().await;
        served
    }
}

/// Returns the document of the API, as `/openapi.json` serves it and `openapi/openapi.json` keeps it.
#[must_use]
pub fn openapi_document() -> String {
    // Nothing is opened to describe the resources.
    let settings = Settings { database_url: "sqlite:///nowhere".to_owned(), ..Settings::default() };
    Parts::new(settings).map(|parts| docs::text(&docs::document(&parts.service()))).unwrap_or_default()
}
