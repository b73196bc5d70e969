//! The monitor.

use cafleet_domain::agent::AgentKind;
use cafleet_domain::broker::{MonitorEvent, MonitorRun, MonitoredAgent};
use cafleet_domain::ports::storage::{Heartbeat, MonitorConfig};
use cafleet_domain::timestamp::Timestamp;
use serde_json::{Value, json};

use super::{View, table};
use crate::error::words;

/// A monitor that has just started.
pub(crate) struct MonitorStartedView<'a> {
    pub(crate) now: Timestamp,
    pub(crate) run: &'a MonitorRun,
}

impl View for MonitorStartedView<'_> {
    fn text(&self) -> String {
        let Heartbeat { fleet, pid, tick_seconds, .. } = &self.run.heartbeat;
        format!("{} monitoring fleet {fleet} (pid {pid}, tick {tick_seconds}s)", self.now)
    }

    fn json(&self) -> Value {
        let Heartbeat { fleet, pid, tick_seconds, .. } = &self.run.heartbeat;
        json!({
            "time": self.now.to_string(),
            "event": "started",
            "fleet_id": fleet.get(),
            "pid": pid,
            "tick_seconds": tick_seconds,
        })
    }
}

/// Something that a tick did.
pub(crate) struct MonitorEventView<'a> {
    pub(crate) now: Timestamp,
    pub(crate) event: &'a MonitorEvent,
}

impl View for MonitorEventView<'_> {
    fn text(&self) -> String {
        let now = self.now;
        match self.event {
            MonitorEvent::Ping { agent, name } => format!("{now} ping agent {agent} ({name})"),
            MonitorEvent::Skip { agent, name, reason } => {
                format!("{now} skip agent {agent} ({name}): {}", words::advised(reason))
            }
            MonitorEvent::Attention { agent, name, matter } => {
                format!("{now} attention agent {agent} ({name}): {matter}")
            }
            MonitorEvent::Trouble(trouble) => format!("{now} trouble: {trouble}"),
        }
    }

    fn json(&self) -> Value {
        let (event, agent, name, reason) = match self.event {
            MonitorEvent::Ping { agent, name } => ("ping", Some(agent), Some(name), None),
            MonitorEvent::Skip { agent, name, reason } => ("skip", Some(agent), Some(name), Some(reason)),
            MonitorEvent::Attention { agent, name, matter } => ("attention", Some(agent), Some(name), Some(matter)),
            MonitorEvent::Trouble(trouble) => ("trouble", None, None, Some(trouble)),
        };
        json!({
            "time": self.now.to_string(),
            "event": event,
            "agent_id": agent.map(|agent| agent.get()),
            "name": name,
            "reason": reason.map(|reason| words::advised(reason)),
        })
    }
}

/// Whether a monitor runs, and whom it wakes when.
pub(crate) struct MonitorStatusView<'a> {
    pub(crate) heartbeat: Option<(Heartbeat, bool)>,
    pub(crate) agents: &'a [MonitoredAgent],
    pub(crate) explain: bool,
    pub(crate) now: Timestamp,
}

impl View for MonitorStatusView<'_> {
    fn text(&self) -> String {
        let mut header = vec!["agent_id", "name", "role", "interval", "last_ping", "enabled", "pending"];
        if self.explain {
            header.push("schedule");
        }
        let rows = self.agents.iter().map(|agent| self.row(agent)).collect();
        std::iter::once(self.liveness()).chain(table::ruled(&header, rows)).collect::<Vec<_>>().join("\n")
    }

    fn json(&self) -> Value {
        let age = |heartbeat: &Heartbeat| self.now.since(heartbeat.last_tick_at).as_secs();
        let alive = self.heartbeat.as_ref().filter(|(_, alive)| *alive).map(|(heartbeat, _)| heartbeat);
        let known = self.heartbeat.as_ref().map(|(heartbeat, _)| heartbeat);
        json!({
            "runtime": {
                "running": alive.is_some(),
                "pid": alive.map(|heartbeat| heartbeat.pid),
                "tick_seconds": known.map(|heartbeat| heartbeat.tick_seconds),
                "last_tick_at": alive.map(|heartbeat| heartbeat.last_tick_at.to_string()),
                "last_tick_age_seconds": alive.map(age),
                "started_at": alive.map(|heartbeat| heartbeat.started_at.to_string()),
            },
            "agents": self.agents.iter().map(|agent| self.row_json(agent)).collect::<Vec<_>>(),
        })
    }
}

impl MonitorStatusView<'_> {
    fn liveness(&self) -> String {
        match &self.heartbeat {
            Some((heartbeat, true)) => format!(
                "monitor: running (pid {}, last tick {}s ago, tick {}s, started {})",
                heartbeat.pid,
                self.now.since(heartbeat.last_tick_at).as_secs(),
                heartbeat.tick_seconds,
                to_the_second(heartbeat.started_at, "+00:00"),
            ),
            _ => "monitor: stopped".to_owned(),
        }
    }

    fn row(&self, agent: &MonitoredAgent) -> Vec<String> {
        let MonitoredAgent { enrolment, decision } = agent;
        let config = &enrolment.config;
        let mut row = vec![
            enrolment.agent.id.to_string(),
            enrolment.agent.name.clone(),
            role(enrolment.agent.kind).to_owned(),
            format!("{}s", config.interval_seconds),
            config.last_ping_at.map_or_else(|| "never".to_owned(), |time| to_the_second(time, "")),
            if config.enabled { "yes" } else { "no" }.to_owned(),
            enrolment.pending.to_string(),
        ];
        if self.explain {
            row.push(decision.to_string());
        }
        row
    }

    fn row_json(&self, agent: &MonitoredAgent) -> Value {
        let MonitoredAgent { enrolment, decision } = agent;
        let mut row = json!({
            "agent_id": enrolment.agent.id.get(),
            "name": enrolment.agent.name,
            "role": role(enrolment.agent.kind),
            "interval_seconds": enrolment.config.interval_seconds,
            "last_ping_at": enrolment.config.last_ping_at.map(|time| time.to_string()),
            "enabled": enrolment.config.enabled,
            "pending_count": enrolment.pending,
        });
        if self.explain {
            row["due"] = decision.is_due().into();
            row["schedule"] = decision.to_string().into();
        }
        row
    }
}

fn role(kind: AgentKind) -> &'static str {
    match kind {
        AgentKind::Director => "director",
        _ => "member",
    }
}

/// Returns a time without its fraction, and with this in place of its offset.
fn to_the_second(time: Timestamp, offset: &str) -> String {
    let text = time.to_string();
    format!("{}{offset}", text.split('.').next().unwrap_or(&text))
}

/// When an agent is woken.
pub(crate) struct MonitorConfigView<'a>(pub(crate) &'a MonitorConfig);

impl View for MonitorConfigView<'_> {
    fn text(&self) -> String {
        let MonitorConfig { agent, interval_seconds, last_ping_at, enabled } = self.0;
        let enabled = if *enabled { "enabled" } else { "disabled" };
        let last_ping = last_ping_at.map_or_else(|| "never".to_owned(), |time| time.to_string());
        format!("agent {agent}: interval {interval_seconds}s, {enabled}, last_ping {last_ping}")
    }

    fn json(&self) -> Value {
        let MonitorConfig { agent, interval_seconds, last_ping_at, enabled } = self.0;
        json!({
            "agent_id": agent.get(),
            "interval_seconds": interval_seconds,
            "last_ping_at": last_ping_at.map(|time| time.to_string()),
            "enabled": enabled,
        })
    }
}
