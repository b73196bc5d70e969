//! The adapters: one folder for each technology, each behind one port of `cafleet-domain`.

mod foreground;
pub mod launcher;
mod left_behind;
mod pane_rules;
pub mod pty;
pub mod routing;
pub mod screens;
mod server_fate;
pub mod sqlite;
pub mod system;
pub mod terminal;
pub mod tmux;
