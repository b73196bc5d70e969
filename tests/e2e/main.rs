//! Suite: e2e.

mod demo;
mod scripted_agent;
