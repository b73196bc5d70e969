//! The adapters: one folder for each technology, each behind one port of `cafleet-domain`.

pub mod launcher;
pub mod screens;
pub mod sqlite;
pub mod system;
pub mod tmux;
