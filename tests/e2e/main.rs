//! Suite: e2e.

mod attach;
mod demo;
mod embedded;
mod scripted_agent;
