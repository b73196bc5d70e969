//! Suite: e2e.

mod attach;
mod demo;
mod embedded;
mod faults;
mod scripted_agent;
