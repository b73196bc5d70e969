//! The rows, one file for each table, with their conversion into domain values. Private to the adapter.

pub(super) mod agents;
pub(super) mod deliveries;
pub(super) mod fleets;
pub(super) mod monitor_config;
pub(super) mod monitor_runtime;
pub(super) mod placements;
pub(super) mod sightings;
pub(super) mod tasks;
pub(super) mod unrecognised_screens;
