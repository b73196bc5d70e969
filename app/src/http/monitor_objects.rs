//! The monitor and its schedules, as objects of the API.

use cafleet_domain::ports::storage::{Heartbeat, MonitorConfig};
use cafleet_domain::timestamp::Timestamp;
use poem_openapi::Object;
use poem_openapi::types::Example;
use serde_json::{Map, Value};

use super::EXAMPLE_TIME;
use super::body::{Expected, unknown};
use super::error::Misfit;

/// The longest interval, a year, as on the command line.
const LONGEST_INTERVAL: i64 = 31_536_000;

/// The monitor of a fleet. All but `tick_seconds` is null while none runs.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Monitor", example)]
pub(super) struct MonitorObject {
    /// Whether its heartbeat is young enough to be a sign of life.
    running: bool,
    /// Its process.
    #[oai(nullable)]
    pid: Option<i64>,
    /// Seconds between two ticks. Known after the end of a run that did not end in order: then the light is stale.
    #[oai(nullable)]
    tick_seconds: Option<i64>,
    /// When it last ticked: RFC 3339, UTC, microseconds.
    #[oai(nullable)]
    last_tick_at: Option<String>,
    /// How many seconds ago that was.
    #[oai(nullable)]
    last_tick_age_seconds: Option<u64>,
    /// When it started: RFC 3339, UTC, microseconds.
    #[oai(nullable)]
    started_at: Option<String>,
}

impl Example for MonitorObject {
    fn example() -> Self {
        Self {
            running: true,
            pid: Some(4821),
            tick_seconds: Some(5),
            last_tick_at: Some(EXAMPLE_TIME.to_owned()),
            last_tick_age_seconds: Some(2),
            started_at: Some(EXAMPLE_TIME.to_owned()),
        }
    }
}

impl MonitorObject {
    pub(super) fn of(heartbeat: Option<(Heartbeat, bool)>, now: Timestamp) -> Self {
        let known = heartbeat.as_ref().map(|(heartbeat, _)| heartbeat);
        let alive = heartbeat.as_ref().filter(|(_, beats)| *beats).map(|(heartbeat, _)| heartbeat);
        Self {
            running: alive.is_some(),
            pid: alive.map(|heartbeat| heartbeat.pid),
            tick_seconds: known.map(|heartbeat| heartbeat.tick_seconds),
            last_tick_at: alive.map(|heartbeat| heartbeat.last_tick_at.to_string()),
            last_tick_age_seconds: alive.map(|heartbeat| now.since(heartbeat.last_tick_at).as_secs()),
            started_at: alive.map(|heartbeat| heartbeat.started_at.to_string()),
        }
    }
}

/// When the monitor wakes an agent.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Schedule", example)]
pub(super) struct ScheduleObject {
    /// Seconds between two wakes.
    interval_seconds: i64,
    /// When it was last woken: RFC 3339, UTC, microseconds; null when never.
    #[oai(nullable)]
    last_ping_at: Option<String>,
    /// Whether it is woken at all.
    enabled: bool,
}

impl Example for ScheduleObject {
    fn example() -> Self {
        Self { interval_seconds: 60, last_ping_at: Some(EXAMPLE_TIME.to_owned()), enabled: true }
    }
}

impl From<MonitorConfig> for ScheduleObject {
    fn from(config: MonitorConfig) -> Self {
        Self {
            interval_seconds: config.interval_seconds,
            last_ping_at: config.last_ping_at.map(|time| time.to_string()),
            enabled: config.enabled,
        }
    }
}

/// What is to change in a schedule; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(deny_unknown_fields, example)]
pub(super) struct SchedulePatch {
    /// Seconds between two wakes.
    #[oai(validator(minimum(value = "1"), maximum(value = "31536000")))]
    pub(super) interval_seconds: Option<i64>,
    /// Whether it is woken at all.
    pub(super) enabled: Option<bool>,
}

impl Example for SchedulePatch {
    fn example() -> Self {
        Self { interval_seconds: Some(120), enabled: None }
    }
}

impl Expected for SchedulePatch {
    fn misfits(fields: &Map<String, Value>) -> Vec<Misfit> {
        let mut misfits = unknown(fields, &["interval_seconds", "enabled"]);
        match fields.get("interval_seconds").map(Value::as_i64) {
            Some(None) => misfits.push(Misfit::field("interval_seconds", "must be an integer", "wrong_type")),
            Some(Some(seconds)) if !(1..=LONGEST_INTERVAL).contains(&seconds) => {
                let msg = format!("must be between 1 and {LONGEST_INTERVAL}");
                misfits.push(Misfit::field("interval_seconds", msg, "out_of_range"));
            }
            _ => {}
        }
        if fields.get("enabled").is_some_and(|enabled| !enabled.is_boolean()) {
            misfits.push(Misfit::field("enabled", "must be true or false", "wrong_type"));
        }
        misfits
    }
}
