//! Alerts: the Director is told, once, when somebody has to look after an agent.

use std::collections::HashMap;
use std::time::Duration;

use tracing::{debug, warn};

use crate::agent::AgentKind;
use crate::alert::Alert;
use crate::backend::Backend;
use crate::broker::refusal::Refusal;
use crate::broker::target::Target;
use crate::broker::{BrokerError, PaneState};
use crate::id::{AgentId, FleetId};
use crate::ports::storage::Enrolment;
use crate::screen::ScreenState;
use crate::text::indented;
use crate::timestamp::Timestamp;

use super::{Supervisor, placed};

/// How long a dialog or an unknown screen may stand before it is reported to the Director.
const STANDING_LIMIT: Duration = Duration::from_secs(30);

/// How long a fresh member may take to send its first message.
const FIRST_MESSAGE_LIMIT: Duration = Duration::from_secs(180);

/// How often a pane is looked at for this; a look costs a call of the multiplexer.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// How much of the screen the Director is shown.
const TAIL_LINES: u32 = 20;

/// Stands before each line of a screen, whose words are not the monitor's.
const QUOTE: &str = "> ";

/// What the monitor remembers of an agent from tick to tick.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Watch {
    state: Option<(ScreenState, Timestamp)>,
    looked_at: Option<Timestamp>,
    /// The screen was drawn by the agent, as far as is known.
    in_front: bool,
    last_reason: Option<String>,
    /// What became of the pane when it was asked about last.
    pane: Option<PaneState>,
}

impl Watch {
    /// Notes what a screen said.
    pub(super) fn saw(&mut self, state: ScreenState, now: Timestamp) {
        self.looked_at = Some(now);
        if self.state.map(|(known, _)| known) != Some(state) {
            self.state = Some((state, now));
        }
    }

    /// Returns `true` if a pane that is there now was not known to be.
    pub(super) fn proves_alive(&self) -> bool {
        self.pane != Some(PaneState::Alive)
    }

    /// Notes what became of the pane.
    pub(super) fn saw_pane(&mut self, state: PaneState) {
        self.pane = Some(state);
    }

    /// Returns since when the agent has been seen at rest; `now` when it has not.
    pub(super) fn at_rest_since(&self, now: Timestamp) -> Timestamp {
        match self.state {
            Some((ScreenState::AtRest, since)) => since,
            _ => now,
        }
    }

    /// Tells whether a reason differs from the last one, and remembers it. Numbers that run do not count.
    pub(super) fn is_news(&mut self, reason: &str) -> bool {
        let essence: String = reason.chars().filter(|c| !c.is_ascii_digit()).collect();
        let news = self.last_reason.as_ref() != Some(&essence);
        self.last_reason = Some(essence);
        news
    }

    /// Forgets what stood before a wake.
    pub(crate) fn woken(&mut self) {
        self.last_reason = None;
        self.state = None;
    }

    fn standing(&self, now: Timestamp) -> Option<Alert> {
        let (state, since) = self.state?;
        let stands = now.since(since) > STANDING_LIMIT;
        match state {
            ScreenState::Asking if stands => Some(Alert::Asking),
            ScreenState::Unknown if stands => Some(Alert::Unknown),
            _ => None,
        }
    }

    /// Tells whether what the Director was told is over; a monitor that has just started may not know yet.
    fn is_over(&self, reported: Alert) -> bool {
        let seen = self.state.map(|(state, _)| state);
        match reported {
            Alert::Asking => seen.is_some_and(|state| state != ScreenState::Asking),
            Alert::Unknown => seen.is_some_and(|state| state != ScreenState::Unknown),
            Alert::Silent | Alert::Gone => true,
        }
    }
}

impl Supervisor {
    /// Looks whether an agent needs somebody, and tells the Director about each episode once, whichever run of the monitor
    /// sees it. Returns what was reported.
    pub(super) async fn attend(
        &self,
        fleet: FleetId,
        enrolment: &Enrolment,
        alive: bool,
        watch: &mut Watch,
    ) -> Result<Option<String>, BrokerError> {
        if enrolment.agent.kind == AgentKind::Director || enrolment.placement.pane.is_none() {
            return Ok(None);
        }
        let agent = enrolment.agent.id;
        match (enrolment.reported, self.alert(enrolment, alive, watch).await) {
            (reported, Some(alert)) if reported != Some(alert) => {
                self.report(fleet, enrolment, alert).await?;
                self.storage.remember_reported(agent, Some(alert)).await?;
                if alert == Alert::Unknown && watch.in_front {
                    self.count_unrecognised(enrolment.placement.coding_agent).await?;
                }
                Ok(Some(alert.sentence().to_owned()))
            }
            (Some(reported), None) if watch.is_over(reported) => {
                self.storage.remember_reported(agent, None).await?;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Counts the episode against the installed version: it may look other than any that was recorded.
    async fn count_unrecognised(&self, backend: Backend) -> Result<(), BrokerError> {
        let version = self.members.version_of(backend).await.unwrap_or_else(|| "unknown version".to_owned());
        Ok(self.storage.count_unrecognised(backend, &version, self.clock.now()).await?)
    }

    async fn alert(&self, enrolment: &Enrolment, alive: bool, watch: &mut Watch) -> Option<Alert> {
        let now = self.clock.now();
        if !alive {
            self.note_sights(&[(enrolment.agent.id, None)], now).await;
            return Some(Alert::Gone);
        }
        if watch.looked_at.is_none_or(|at| now < at || now.since(at) >= LOOK_EVERY)
            && let Some(target) = Target::of(&placed(enrolment))
        {
            match self.typer.read_screen(&target).await {
                Ok((reading, _)) => {
                    watch.in_front = true;
                    watch.saw(reading.state, now);
                    self.note_sights(&[(enrolment.agent.id, Some(reading.state))], now).await;
                }
                Err(Refusal::NotInFront(_)) => {
                    watch.in_front = false;
                    watch.saw(ScreenState::Unknown, now);
                }
                Err(refusal) => debug!(agent = %enrolment.agent.id, %refusal, "not looked at"),
            }
        }
        let silent =
            enrolment.activity.last_sent.is_none() && now.since(enrolment.placement.created_at) >= FIRST_MESSAGE_LIMIT;
        watch.standing(now).or(silent.then_some(Alert::Silent))
    }

    /// Notes what was just seen of agents, and returns since when they are seen so. Where it cannot be written down nothing is
    /// known.
    pub async fn note_sights(
        &self,
        seen: &[(AgentId, Option<ScreenState>)],
        now: Timestamp,
    ) -> HashMap<AgentId, Timestamp> {
        let noted = self.storage.note_pane_statuses(seen, now).await.unwrap_or_else(|error| {
            warn!(%error, "what was seen could not be noted");
            HashMap::default()
        });
        noted.into_iter().map(|(agent, sighting)| (agent, sighting.since)).collect()
    }

    /// Tells the Director, with the tail of the screen.
    async fn report(&self, fleet: FleetId, enrolment: &Enrolment, alert: Alert) -> Result<(), BrokerError> {
        let (id, name) = (enrolment.agent.id, &enrolment.agent.name);
        let mut text = format!("member {id} ({name}) {}", alert.sentence());
        if let Some(pane) = &enrolment.placement.pane
            && let Ok(tail) = self.multiplexer.capture(pane, TAIL_LINES, false).await
            && !tail.trim().is_empty()
        {
            text += &format!("; the end of its screen, quoted:\n{}", indented(&tail, QUOTE));
        }
        self.mailbox.tell_director(fleet, text).await
    }
}
