//! The `cafleet` program.

pub mod scripted_agent;
