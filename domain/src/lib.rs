//! The rules of CAFleet: entities, ports and the use cases of the broker.
//!
//! This crate is pure. It runs no process, opens no file, reads no clock and no environment: all of that comes
//! through the ports in [`ports`], which the adapters implement. To add an adapter, read the trait it must
//! implement there; its documentation is the contract, and the conformance suite in `tests/conformance` is its test.

pub mod agent;
pub mod agent_in_front;
pub mod alert;
pub mod backend;
pub mod broadcast;
pub mod broker;
pub mod change;
pub mod death;
pub mod delivery;
pub mod fleet;
pub mod id;
mod join;
pub mod keystroke;
pub mod loop_guard;
pub mod message;
pub mod name;
pub mod pane_status;
pub mod paste;
pub mod placement;
pub mod ports;
pub mod preview;
pub mod process;
pub mod profile;
pub mod program;
pub mod prompt;
pub mod question;
pub mod schedule;
pub mod screen;
pub mod task;
pub mod text;
pub mod timestamp;
pub mod viewer;
