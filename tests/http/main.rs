//! The HTTP API on a real server: the binary, in an environment of its own, on a port that was free.

mod agents;
mod bad_input;
mod command;
mod document;
mod event_streams;
mod events;
mod fleets;
mod fuzz;
mod guide;
mod isolation;
mod messages;
mod monitor;
mod pane_streams;
mod panes;
mod protection;
mod timeline;
mod trouble;
