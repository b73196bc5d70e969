//! Supervision: who is watched, who is woken, who needs the Director.
//!
//! The monitor is a loop around [`Supervisor::tick`]; between two ticks it only sleeps. What a tick remembers for the
//! next one is in [`MonitorRun`].

use std::collections::HashMap;
use std::time::Duration;

use tracing::{debug, warn};

use crate::agent::AgentKind;
use crate::broker::members::Roll;
use crate::broker::refusal::Refusal;
use crate::broker::target::Target;
use crate::broker::{BrokerError, PaneState};
use crate::id::{AgentId, FleetId};
use crate::join::join_all;
use crate::keystroke::Keystroke;
use crate::placement::Pane;
use crate::ports::storage::{Enrolment, Heartbeat, MonitorChange, MonitorClaimed, MonitorConfig};
use crate::ports::{MultiplexerError, StorageError};
use crate::schedule::{self, Candidate, WakeDecision};
use crate::timestamp::Timestamp;

use super::alerts::Watch;
use super::{Supervisor, placed};

/// How many ticks the multiplexer may be silent.
const PATIENCE_TICKS: u32 = 3;

/// A run of the monitor, and what it remembers from tick to tick.
#[derive(Debug)]
pub struct MonitorRun {
    /// The run as the store knows it.
    pub heartbeat: Heartbeat,
    pub(super) watches: HashMap<AgentId, Watch>,
    silent_ticks: u32,
}

/// Something that a tick did, or did not do for a new reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MonitorEvent {
    /// An agent was woken.
    Ping {
        /// The agent.
        agent: AgentId,
        /// Its name.
        name: String,
    },
    /// An agent was due and not woken, for a reason that is not the one of the last tick.
    Skip {
        /// The agent.
        agent: AgentId,
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The Director was told about an agent.
    Attention {
        /// The agent.
        agent: AgentId,
        /// Its name.
        name: String,
        /// What is the matter.
        matter: String,
    },
    /// The store or the multiplexer did not answer; the next tick tries again.
    Trouble(String),
}

/// Why a run ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MonitorEnd {
    /// The database is damaged, as this says: what is written to it may be lost.
    DatabaseDamaged(String),
    /// The fleet was deleted.
    FleetDeleted,
    /// Another run took over.
    Displaced,
    /// The Director's pane is gone.
    DirectorGone,
    /// The multiplexer was silent for three ticks.
    MultiplexerSilent,
}

/// An enrolled agent with what the schedule says about it, without a look at its pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitoredAgent {
    /// The agent.
    pub enrolment: Enrolment,
    /// Whether it is due, and why or why not; a due one is woken only if it is not working.
    pub decision: WakeDecision,
}

/// Says that the store did not answer; ends the run where it is damaged.
fn trouble(error: StorageError) -> Result<Vec<MonitorEvent>, MonitorEnd> {
    match error {
        StorageError::Damaged(damage) => Err(MonitorEnd::DatabaseDamaged(damage)),
        error => Ok(vec![MonitorEvent::Trouble(error.to_string())]),
    }
}

impl Supervisor {
    /// Makes this process the monitor of a fleet, after the multiplexer has answered, or is known to be unreachable: then the
    /// ticks wait for it. `is_alive` tells whether a process lives.
    ///
    /// # Errors
    /// `MonitorFleetNotFound`, `MonitorRunning`, `DirectorPaneGone`, and as the ports say.
    pub async fn start(
        &self,
        fleet: FleetId,
        pid: i64,
        tick_seconds: i64,
        is_alive: &(dyn Fn(i64) -> bool + Sync),
    ) -> Result<MonitorRun, BrokerError> {
        let director = self.live_director_pane(fleet).await?;
        match self.multiplexer.list(&director).await {
            Ok(panes) if !panes.iter().any(|tagged| tagged.pane.is_same(&director)) => {
                return Err(BrokerError::DirectorPaneGone(director.id));
            }
            // it may be back at any time, as it may under a monitor that runs
            Ok(_) | Err(MultiplexerError::Unreachable(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let now = self.clock.now();
        let previous = self.storage.find_heartbeat(fleet).await?;
        if previous.as_ref().is_some_and(|heartbeat| heartbeat.beats(now) && is_alive(heartbeat.pid)) {
            return Err(BrokerError::MonitorRunning(fleet));
        }
        let heartbeat = Heartbeat { fleet, pid, started_at: now, last_tick_at: now, tick_seconds };
        match self.storage.claim_monitor(&heartbeat, previous).await? {
            MonitorClaimed::Owner => Ok(MonitorRun { heartbeat, watches: HashMap::new(), silent_ticks: 0 }),
            MonitorClaimed::Taken => Err(BrokerError::MonitorRunning(fleet)),
            MonitorClaimed::NoFleet => Err(BrokerError::MonitorFleetNotFound(fleet)),
        }
    }

    /// Does one step: heartbeat, owed deliveries, wakes, attention. The heartbeat comes before any key, so a run that
    /// was displaced while it slept does nothing any more.
    ///
    /// # Errors
    /// When the run has ended, with the reason; its record is left to [`Supervisor::stop`].
    pub async fn tick(&self, run: &mut MonitorRun) -> Result<Vec<MonitorEvent>, MonitorEnd> {
        let fleet = run.heartbeat.fleet;
        match self.storage.beat(&run.heartbeat, self.clock.now()).await {
            Ok(true) => {}
            Ok(false) => return Err(self.why_displaced(fleet).await),
            Err(error) => return trouble(error),
        }
        let director = match self.live_director_pane(fleet).await {
            Ok(pane) => pane,
            Err(BrokerError::MonitorFleetNotFound(_)) => return Err(MonitorEnd::FleetDeleted),
            Err(BrokerError::Storage(error)) => return trouble(error),
            Err(error) => return Ok(vec![MonitorEvent::Trouble(error.to_string())]),
        };
        let panes = match self.multiplexer.list(&director).await {
            Ok(panes) => panes,
            // it may be back at any time, and what is owed waits
            Err(error @ MultiplexerError::Unreachable(_)) => return Ok(vec![MonitorEvent::Trouble(error.to_string())]),
            Err(_) if run.silent_ticks + 1 >= PATIENCE_TICKS => return Err(MonitorEnd::MultiplexerSilent),
            Err(error) => {
                run.silent_ticks += 1;
                return Ok(vec![MonitorEvent::Trouble(error.to_string())]);
            }
        };
        run.silent_ticks = 0;
        if !panes.iter().any(|tagged| tagged.pane.is_same(&director)) {
            return Err(MonitorEnd::DirectorGone);
        }
        let mut roll = Roll::default();
        roll.add(&director, Some(panes));
        match self.storage.enrolments(fleet).await {
            Ok(enrolments) => Ok(self.supervise(run, &enrolments, roll).await),
            Err(error) => trouble(error),
        }
    }

    /// Gives the fleet's monitoring up.
    ///
    /// # Errors
    /// As the store says.
    pub async fn stop(&self, run: &MonitorRun) -> Result<(), BrokerError> {
        Ok(self.storage.release_monitor(&run.heartbeat).await?)
    }

    /// Returns the heartbeat of a fleet's monitor, whether it is a sign of life, and the enrolled agents.
    ///
    /// # Errors
    /// `MonitorFleetNotFound`, and as the store says.
    pub async fn status(
        &self,
        fleet: FleetId,
    ) -> Result<(Option<(Heartbeat, bool)>, Vec<MonitoredAgent>), BrokerError> {
        self.live_director_pane(fleet).await?;
        let now = self.clock.now();
        let heartbeat = self.storage.find_heartbeat(fleet).await?;
        let started = heartbeat.as_ref().map_or(now, |heartbeat| heartbeat.started_at);
        let enrolments = self.storage.enrolments(fleet).await?;
        let roll = self.members.complete(Roll::default(), panes_of(&enrolments)).await;
        let agents = enrolments.into_iter().map(|enrolment| {
            let alive = matches!(state(&enrolment, &roll), PaneState::Alive | PaneState::Unknown);
            let decision = schedule::schedule(&candidate(&enrolment, alive), started, now);
            MonitoredAgent { enrolment, decision }
        });
        let agents = agents.collect();
        Ok((heartbeat.map(|heartbeat| (heartbeat.clone(), heartbeat.beats(now))), agents))
    }

    /// Changes when an agent is woken, and returns what holds now.
    ///
    /// # Errors
    /// `MonitorFleetNotFound`, `NotEnrolled`, and as the store says.
    pub async fn configure(
        &self,
        fleet: FleetId,
        agent: AgentId,
        change: MonitorChange,
    ) -> Result<MonitorConfig, BrokerError> {
        self.live_director_pane(fleet).await?;
        let config = self.storage.configure_monitor(fleet, agent, change).await?;
        config.ok_or(BrokerError::NotEnrolled { agent, fleet })
    }

    /// Returns the pane of a live fleet's Director.
    async fn live_director_pane(&self, fleet: FleetId) -> Result<Pane, BrokerError> {
        let found = self.storage.find_fleet(fleet).await?.filter(|detail| detail.fleet.deleted_at.is_none());
        let pane = found.and_then(|detail| detail.placement).and_then(|placement| placement.pane);
        pane.ok_or(BrokerError::MonitorFleetNotFound(fleet))
    }

    async fn why_displaced(&self, fleet: FleetId) -> MonitorEnd {
        match self.live_director_pane(fleet).await {
            Err(BrokerError::MonitorFleetNotFound(_)) => MonitorEnd::FleetDeleted,
            _ => MonitorEnd::Displaced,
        }
    }

    /// Delivers what is owed, wakes who is due and looks who needs the Director; panes side by side.
    async fn supervise(&self, run: &mut MonitorRun, enrolments: &[Enrolment], roll: Roll) -> Vec<MonitorEvent> {
        let fleet = run.heartbeat.fleet;
        let started = run.heartbeat.started_at;
        run.watches.retain(|agent, _| enrolments.iter().any(|enrolment| enrolment.agent.id == *agent));
        let mut watched: Vec<(&Enrolment, Watch)> = Vec::with_capacity(enrolments.len());
        for enrolment in enrolments {
            watched.push((enrolment, run.watches.remove(&enrolment.agent.id).unwrap_or_default()));
        }
        let roll = &self.members.complete(roll, panes_of(enrolments)).await;
        let steps = watched.into_iter().map(|(enrolment, mut watch)| async move {
            let (agent, state) = (enrolment.agent.id, state(enrolment, roll));
            let revived = state == PaneState::Alive && watch.proves_alive() && self.revive(agent).await;
            watch.saw_pane(state);
            if (enrolment.owed || revived) && matches!(state, PaneState::Alive | PaneState::Unknown) {
                self.doorbell.ring_all(fleet, agent).await;
            }
            match state {
                // nothing is known, so nothing is the matter
                PaneState::Unknown => (agent, watch, Vec::new()),
                _ => self.step(fleet, started, enrolment, state == PaneState::Alive, watch).await,
            }
        });
        let mut events = Vec::new();
        for (agent, watch, mut seen) in join_all(steps).await {
            run.watches.insert(agent, watch);
            events.append(&mut seen);
        }
        events
    }

    /// Owes an agent again what was given up because its pane counted as gone; returns `true` if there was something.
    async fn revive(&self, agent: AgentId) -> bool {
        self.storage.revive_deliveries(agent, self.clock.now()).await.unwrap_or_else(|error| {
            warn!(%agent, %error, "what was given up stays so");
            false
        })
    }

    /// Wakes one agent if it is due, and tells the Director if something is the matter with it.
    async fn step(
        &self,
        fleet: FleetId,
        started: Timestamp,
        enrolment: &Enrolment,
        alive: bool,
        mut watch: Watch,
    ) -> (AgentId, Watch, Vec<MonitorEvent>) {
        let (agent, name) = (enrolment.agent.id, enrolment.agent.name.clone());
        let mut events = Vec::new();
        let decision = schedule::schedule(&candidate(enrolment, alive), started, self.clock.now());
        if decision.is_due()
            && let Some(target) = Target::of(&placed(enrolment))
        {
            match self.wake(fleet, &target, enrolment, decision, &mut watch).await {
                Ok(()) => events.push(MonitorEvent::Ping { agent, name: name.clone() }),
                Err(reason) if watch.is_news(&reason) => {
                    events.push(MonitorEvent::Skip { agent, name: name.clone(), reason });
                }
                Err(reason) => debug!(%agent, %reason, "not woken, as before"),
            }
        }
        match self.attend(fleet, enrolment, alive, &mut watch).await {
            Ok(Some(matter)) => events.push(MonitorEvent::Attention { agent, name, matter }),
            Ok(None) => {}
            Err(error) => events.push(MonitorEvent::Trouble(error.to_string())),
        }
        (agent, watch, events)
    }

    /// Types the wake, and stamps it once it was submitted. The error is the reason in words.
    async fn wake(
        &self,
        fleet: FleetId,
        target: &Target,
        enrolment: &Enrolment,
        decision: WakeDecision,
        watch: &mut Watch,
    ) -> Result<(), String> {
        let now = self.clock.now();
        let (reading, _) = self.typer.read_screen(target).await.map_err(|refusal| refusal.to_string())?;
        watch.saw(reading.state, now);
        let interval = interval(enrolment);
        let decision = schedule::confirm(decision, reading.state, watch.at_rest_since(now), interval, now);
        if !decision.is_due() {
            return Err(decision.to_string());
        }
        let keys = Keystroke::wake(fleet, target.agent, enrolment.agent.kind == AgentKind::Director);
        self.typer.tell(target, &keys).await.map_err(|refusal: Refusal| refusal.to_string())?;
        watch.woken();
        self.storage.stamp_ping(target.agent, self.clock.now()).await.map_err(|error| error.to_string())
    }
}

fn panes_of(enrolments: &[Enrolment]) -> impl Iterator<Item = &Pane> {
    enrolments.iter().filter_map(|enrolment| enrolment.placement.pane.as_ref())
}

fn state(enrolment: &Enrolment, roll: &Roll) -> PaneState {
    roll.state(enrolment.placement.pane.as_ref())
}

fn interval(enrolment: &Enrolment) -> Duration {
    Duration::from_secs(u64::try_from(enrolment.config.interval_seconds).unwrap_or(0))
}

fn candidate(enrolment: &Enrolment, pane_alive: bool) -> Candidate {
    Candidate {
        kind: enrolment.agent.kind,
        enabled: enrolment.config.enabled,
        interval: interval(enrolment),
        last_ping_at: enrolment.config.last_ping_at,
        registered_at: enrolment.agent.registered_at,
        pane_alive,
        pending: enrolment.pending,
        activity: enrolment.activity,
    }
}
