//! The use cases of the broker, on real database files and a multiplexer in memory.

mod cost;
mod crash;
mod creation;
mod doorbell;
mod fleet_removal;
mod input;
mod messaging;
mod monitoring;
mod removal;
mod restarting;
mod world;
