//! The `cafleet` binary: command line, views, and the one place that puts adapters behind ports.

mod attach;
pub mod cli;
mod composition;
mod diagnostics;
pub mod env_vars;
mod error;
pub mod exit_code;
pub mod http;
mod monitor;
mod other_databases;
mod pane_environment;
mod printer;
mod settings;
mod setup;
mod typing;
mod typist;
mod view;

pub use cli::{main, main_with};
pub use composition::{CodingAgent, LauncherOptions};
