//! What the server is made of, and who gets what.

use std::sync::Arc;

use cafleet_domain::ports::{Clock, StorageError};
use poem_openapi::OpenApiService;
use tokio::sync::watch;

use super::agents::AgentsApi;
use super::event_maker::EventMaker;
use super::events::EventsApi;
use super::fleets::FleetsApi;
use super::hub::Hub;
use super::messages::MessagesApi;
use super::monitor::MonitorApi;
use super::pane_state_poller::PaneStatePoller;
use super::panes::PanesApi;
use super::posting::Posting;
use super::seen_panes::SeenPanes;
use super::source::{Handles, Source};
use super::timeline::TimelineApi;
use super::tokens::Tokens;
use super::{Api, docs};
use crate::composition::{self, Adapters};
use crate::settings::Settings;

/// The parts that live as long as the server.
pub(super) struct Parts {
    pub(super) source: Arc<Source>,
    pub(super) hub: Arc<Hub>,
    pub(super) posting: Arc<Posting>,
    /// Tells WebSockets that the server ends; it knows when the last of them is gone.
    pub(super) streams: watch::Sender<()>,
    events: Arc<EventMaker>,
    pane_state_poller: Arc<PaneStatePoller>,
    clock: Arc<dyn Clock>,
}

impl Parts {
    /// Puts the parts together; nothing is opened before the first use.
    ///
    /// # Errors
    /// When the database's place makes no sense.
    pub(super) fn new(settings: Settings) -> Result<Self, StorageError> {
        let Adapters { maintenance, changes, .. } = Adapters::new(&settings)?;
        let source = Arc::new(Source::new(maintenance, changes, Box::new(move || connect(&settings))));
        let (seen, clock) = (Arc::new(SeenPanes::default()), composition::clock());
        let events = Arc::new(EventMaker::new(Arc::clone(&seen), Arc::clone(&clock)));
        let hub = Arc::new(Hub::new(Arc::clone(&source), Arc::clone(&events)));
        let pane_state_poller =
            Arc::new(PaneStatePoller::new(Arc::clone(&source), seen, Arc::clone(&clock), Arc::clone(&hub)));
        Ok(Self {
            source,
            hub,
            posting: Arc::default(),
            streams: watch::channel(()).0,
            events,
            pane_state_poller,
            clock,
        })
    }

    /// Makes the resources, each of what it needs.
    pub(super) fn service(&self) -> OpenApiService<Api, ()> {
        let source = || Arc::clone(&self.source);
        let pane_state_poller = || Arc::clone(&self.pane_state_poller);
        let clock = || Arc::clone(&self.clock);
        let streams = || self.streams.clone();
        docs::named((
            FleetsApi { source: source() },
            AgentsApi { source: source(), pane_state_poller: pane_state_poller() },
            MessagesApi { source: source(), posting: Arc::clone(&self.posting) },
            TimelineApi { source: source() },
            MonitorApi { source: source(), clock: clock() },
            EventsApi {
                source: source(),
                events: Arc::clone(&self.events),
                hub: Arc::clone(&self.hub),
                pane_state_poller: pane_state_poller(),
                streams: streams(),
            },
            PanesApi { source: source(), clock: clock(), tokens: Tokens::default(), streams: streams() },
        ))
    }
}

fn connect(settings: &Settings) -> Result<Handles, StorageError> {
    let (viewer, watcher, broker) = (Adapters::new(settings)?, Adapters::watching(settings)?, Adapters::new(settings)?);
    Ok(Handles {
        viewer: viewer.viewer(),
        watcher: watcher.viewer(),
        panes: Arc::clone(&broker.watcher),
        broker: broker.broker(settings),
        stores: [viewer, watcher, broker].map(|adapters| adapters.maintenance),
    })
}
