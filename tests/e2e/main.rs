//! Suite: e2e.

mod demo;
mod faults;
mod scripted_agent;
