//! The `cafleet` program.

pub mod demo;
pub mod scripted_agent;
