//! Suite: e2e.

mod scripted_agent;
